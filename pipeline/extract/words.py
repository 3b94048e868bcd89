"""Comparing texts by their words, so that case, punctuation and spacing do not matter."""

import re
import unicodedata
from html import unescape

WORD = re.compile(r"\w+")
INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
"""Soft hyphens and zero-width characters: layout, not text. Joiners matter to no language that is watched."""


def words(text: str) -> list[str]:
    """Return the words of ``text``, case folded."""
    return WORD.findall(text.casefold())


def same_words(first: str, second: str) -> bool:
    """True when both say the same, punctuation aside; never for empty texts."""
    said = words(first)
    return bool(said) and said == words(second)


def tidy(text: str) -> str:
    """Return one clean line: NFC, entities resolved, no invisible characters, single spaces."""
    return " ".join(INVISIBLE.sub("", unicodedata.normalize("NFC", unescape(text))).split())
