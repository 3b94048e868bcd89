"""Topics as queries and indexes see them: what people may call one, and which others it belongs to."""

import json
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from config.files import data_path
from config.units import slugify


def find_topic(text: str) -> str | None:
    """Return the id of a topic or subtopic; None when there is none of that name.

    ``economy``, ``economy.fdi_investment``, ``Kinh tế``, “Môi trường, khí hậu, thiên tai” and ``thiên tai`` are names.
    """
    return _names().get(_key(text))


def near_topics(text: str) -> list[str]:
    """Return what may have been meant; the ids of the first level when nothing is like it."""
    names = _names()
    close = get_close_matches(_key(text), names, n=3, cutoff=0.6)
    return list(dict.fromkeys(names[name] for name in close)) or [row["id"] for row in _taxonomy()]


def with_parents(topic: str) -> Iterator[str]:
    """Yield a topic's id after those of the topics above it."""
    parts = topic.split(".")
    return (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))


def _key(text: str) -> str:
    return slugify(text.replace("_", " ").replace(".", " "))


@lru_cache
def _names() -> dict[str, str]:
    """Return every name's key to the id; where two topics share a name, the first of the taxonomy has it."""
    found: dict[str, str] = {}
    for row in _taxonomy():
        for topic in (row, *row["children"]):
            for name in _names_of(topic):
                found.setdefault(_key(name), topic["id"])
    return found


def _names_of(topic: dict[str, Any]) -> Iterator[str]:
    yield topic["id"]
    for label in (topic["label_vi"], topic["label_en"]):
        yield label
        yield from label.split(",")


@lru_cache
def _taxonomy() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(data_path("topics.json").read_text(encoding="utf-8"))
    return rows
