"""Sentences for people, in Vietnamese and English, kept as data.

A message id is ``domain.key``; its text is the value of ``key`` in ``messages/<domain>.<lang>.yaml``, with
``str.format`` fields. Both languages of a domain hold the same keys and the same fields (a test compares them).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, Protocol, get_args, runtime_checkable

import yaml

from config.files import data_path

Lang = Literal["vi", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang)


@runtime_checkable
class Speaking(Protocol):
    """What can say itself in a language, such as an error."""

    def text(self, lang: Lang) -> str: ...


@dataclass(frozen=True, slots=True)
class Words:
    """A message as a field of another one, in the language of that one."""

    message_id: str

    def text(self, lang: Lang) -> str:
        return message(self.message_id, lang)


@lru_cache
def catalogue(domain: str, lang: Lang) -> dict[str, str]:
    """Return every message of one domain in one language, key to text."""
    with data_path(f"messages/{domain}.{lang}.yaml").open(encoding="utf-8") as stream:
        return {str(key): str(text) for key, text in yaml.safe_load(stream).items()}


def message(message_id: str, lang: Lang = "vi", /, **fields: object) -> str:
    """Return the text of ``domain.key`` in ``lang`` with its fields filled in. KeyError when there is none.

    A field that is a message itself (it has a method ``text(lang)``) is put in the same language.
    """
    domain, _, key = message_id.partition(".")
    texts = {name: value.text(lang) if isinstance(value, Speaking) else value for name, value in fields.items()}
    return catalogue(domain, lang)[key].format(**texts)
