"""Saved pages and what they list."""

import unicodedata
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from pipeline.records import FeedEntry

FOLDER = Path(__file__).parent


def saved(name: str) -> bytes:
    """Return the bytes of a saved page."""
    return (FOLDER / name).read_bytes()


def expected(name: str) -> list[dict[str, Any]]:
    """Return what the page lists, as `told`."""
    pages: dict[str, list[dict[str, Any]]] = yaml.safe_load((FOLDER / "expected.yaml").read_text(encoding="utf-8"))
    return pages[name]


def told(entries: Iterable[FeedEntry]) -> list[dict[str, Any]]:
    """Return the fields of entries that say something."""
    return [{key: value for key, value in asdict(entry).items() if value not in ("", None)} for entry in entries]


def windows_1258(text: str) -> bytes:
    """Encode as Vietnamese Windows does: letters with hat or horn in one byte, the tone as a byte of its own."""
    encoded = bytearray()
    for char in text:
        try:
            encoded += char.encode("cp1258")
        except UnicodeEncodeError:
            letter, tone = unicodedata.normalize("NFD", char)[0], unicodedata.normalize("NFD", char)[1:]
            marks = [mark for mark in tone if mark in "\u0300\u0301\u0303\u0309\u0323"]
            base = unicodedata.normalize("NFC", letter + "".join(mark for mark in tone if mark not in marks))
            encoded += base.encode("cp1258") + "".join(marks).encode("cp1258")
    return bytes(encoded)
