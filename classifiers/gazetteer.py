"""Every place name that speaks of a Vietnamese province: provinces, old districts, communes, landmarks.

The tables lie in ``config/places``. Provinces are known in ten languages; districts and communes in Vietnamese.
Vietnamese written with its diacritics is compared with diacritics; all other text without any.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import ahocorasick

from classifiers.folding import Folded, lower, strip_diacritics
from classifiers.spelling import type_before
from config.errors import ModelError
from config.files import DATA_ROOT
from config.units import historic_units

Kind = Literal["province", "district", "commune", "landmark"]

PLACES = DATA_ROOT / "places"
TYPED = frozenset({"district", "commune"})
"""Kinds that share so many names that only their type before them makes them one (``huyện Hòa An``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One reading of a name."""

    kind: Kind
    unit: str
    """Slug of the historic unit; a commune of 2025 has that of the unit whose name its province of today bears."""
    lang: str
    type: str = ""
    """Of a district or commune, lower case: ``huyện``, ``phường`` …"""


@dataclass(frozen=True, slots=True)
class Span:
    """A name found in a folded text, with every reading it has."""

    start: int
    end: int
    readings: tuple[Place, ...]
    """Those that the words before the name allow."""


class Gazetteer:
    """Finds names; decides nothing. Build it with ``Gazetteer.load()``."""

    def __init__(self, names: Iterable[tuple[str, Place]]) -> None:
        accented: dict[str, dict[Place, None]] = defaultdict(dict)
        plain: dict[str, dict[Place, None]] = defaultdict(dict)
        for name, place in names:
            low = lower(name)
            if place.lang == "vi":
                accented[low][place] = None
            plain[strip_diacritics(low)][place] = None
        self._accented = _automaton(accented)
        self._plain = _automaton(plain)

    @classmethod
    def load(cls, folder: Path = PLACES) -> "Gazetteer":
        """Read the tables. Raises ModelError naming the file that is missing or damaged."""
        return _load(folder)

    def scan(self, folded: Folded) -> list[Span]:
        """Return the names in a text, leftmost and longest, none overlapping."""
        low = folded.low if folded.accented else folded.plain
        automaton = self._accented if folded.accented else self._plain
        spans: list[Span] = []
        for last, (length, bounded, typed, every_reading) in automaton.iter(low):
            start, end = last + 1 - length, last + 1
            if bounded:
                if (start and low[start - 1].isalnum()) or (end < len(low) and low[end].isalnum()):
                    continue
            elif end < len(low) and _is_mark(low[end]):
                continue
            readings = _allowed(folded, start, every_reading) if typed else every_reading
            if not readings:
                continue
            spans.append(Span(start, end, readings))
        return _longest(spans) if len(spans) > 1 else spans


def _allowed(folded: Folded, start: int, readings: tuple[Place, ...]) -> tuple[Place, ...]:
    """Return the readings that need no type before the name, or have theirs."""
    prefix = type_before(folded, start)
    return tuple(place for place in readings if place.kind not in TYPED or place.type == prefix)


def _longest(spans: list[Span]) -> list[Span]:
    """Return the leftmost spans, of those that start together the longest, without overlaps."""
    spans.sort(key=lambda span: (span.start, -span.end))
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
    return kept


@lru_cache
def _load(folder: Path) -> Gazetteer:
    return Gazetteer(_names(folder))


def _automaton(names: dict[str, dict[Place, None]]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for name, places in names.items():
        typed = any(place.kind in TYPED for place in places)
        automaton.add_word(name, (len(name), not _is_unspaced(name[0]), typed, tuple(places)))
    automaton.make_automaton()
    return automaton


def _names(folder: Path) -> Iterator[tuple[str, Place]]:
    for row in read_table(folder / "names.tsv", "unit_slug", "lang", "name"):
        yield row["name"], Place(kind="province", unit=row["unit_slug"], lang=row["lang"])
    for row in read_table(folder / "districts.tsv", "unit_slug", "name", "type"):
        yield row["name"], Place(kind="district", unit=row["unit_slug"], lang="vi", type=row["type"])
    current_to_unit = {unit.current: unit.slug for unit in historic_units().values() if unit.name == unit.current_name}
    for row in read_table(folder / "communes.tsv", "current_slug", "name", "type"):
        unit = current_to_unit[row["current_slug"]]
        yield row["name"], Place(kind="commune", unit=unit, lang="vi", type=row["type"])
    for row in read_table(folder / "landmarks.tsv", "unit_slug", "lang", "name"):
        yield row["name"], Place(kind="landmark", unit=row["unit_slug"], lang=row["lang"])


def read_table(path: Path, *columns: str) -> list[dict[str, str]]:
    """Read a tab-separated table with a header. Raises ModelError naming the file and line that is off."""
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            rows = list(reader)
            header = tuple(reader.fieldnames or ())
    except FileNotFoundError as exc:
        raise ModelError("places.no_table", path=path) from exc
    except (UnicodeDecodeError, csv.Error) as exc:
        raise ModelError("places.not_a_table", path=path, line=1, detail=exc) from exc
    missing = [column for column in columns if column not in header]
    if missing:
        raise ModelError("places.not_a_table", path=path, line=1, detail=f"no column {', '.join(missing)}")
    for line, row in enumerate(rows, start=2):
        if None in row or any(row[column] is None for column in header):
            raise ModelError("places.not_a_table", path=path, line=line, detail=f"{len(header)} columns expected")
    return rows


def _is_unspaced(char: str) -> bool:
    """Return whether a name's script is written without spaces between words (or with particles stuck to names)."""
    return char >= "\u0e00"


def _is_mark(char: str) -> bool:
    """Return whether a vowel sign or tone mark of Thai, Lao or Khmer follows, which makes it another syllable."""
    return char in "ะาำิีึืฺุู็่้๊๋์ະາຳິີຶືຸູົຼ່້໊໋์" or "\u17b6" <= char <= "\u17d3"
