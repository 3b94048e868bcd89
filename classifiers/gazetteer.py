"""Every place name that speaks of a Vietnamese province: provinces, old districts, communes, landmarks.

The tables lie in ``config/places``. Provinces are known in ten languages; districts and communes in Vietnamese.
Vietnamese written with its diacritics is compared with diacritics; all other text without any.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import ahocorasick

from classifiers.folding import Folded, lower, strip_diacritics
from classifiers.hangul import is_name_in_korean
from classifiers.renderings import adjectives, inflect, render
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
    needs_context: bool = False
    """The name means something else abroad (河南, Hanam): it counts only where something speaks of Viet Nam."""


@dataclass(frozen=True, slots=True)
class Span:
    """A name found in a folded text, with every reading it has."""

    start: int
    end: int
    readings: tuple[Place, ...]
    """Those that the words before the name allow."""

    @property
    def names_province(self) -> bool:
        """True when one reading is a province."""
        return any(place.kind == "province" for place in self.readings)


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
        for last, (length, script, typed, every_reading) in automaton.iter(low):
            start, end = last + 1 - length, last + 1
            if script == "spaced":
                if (start and low[start - 1].isalnum()) or (end < len(low) and low[end].isalnum()):
                    continue
            elif script == "korean":
                if not is_name_in_korean(low, start, end, unsure=every_reading[0].needs_context):
                    continue
            elif _runs_on(low, start, end):
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
    """Return spans without overlaps: the longer of two where one holds the other, else the province, else the first.

    In ``mùa đông Hà Nội`` the province wins over the town of Đông Hà; ``Điện Biên Phủ`` wins over Điện Biên.
    """
    spans.sort(key=lambda span: (span.start, -span.end))
    kept: list[Span] = []
    for span in spans:
        if not kept or span.start >= kept[-1].end:
            kept.append(span)
        elif span.end > kept[-1].end and span.names_province and not kept[-1].names_province:
            kept[-1] = span
    return kept


@lru_cache
def _load(folder: Path) -> Gazetteer:
    return Gazetteer(_names(folder))


def _automaton(names: dict[str, dict[Place, None]]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for name, places in names.items():
        typed = any(place.kind in TYPED for place in places)
        automaton.add_word(name, (len(name), _script(name[0]), typed, tuple(places)))
    automaton.make_automaton()
    return automaton


def _names(folder: Path) -> Iterator[tuple[str, Place]]:
    listed: dict[str, tuple[str, Place]] = {}
    for table, kind in _NAMED.items():
        for row in read_table(folder / table, "unit_slug", "lang", "name", "needs"):
            place = Place(kind=kind, unit=row["unit_slug"], lang=row["lang"], needs_context=row["needs"] == "context")
            listed[lower(row["name"])] = row["name"], place
            if row["lang"] == "ru":
                yield from ((name, place) for name in (*inflect(row["name"]), *adjectives(row["name"])))
            else:
                yield row["name"], place
    for name, place in tuple(listed.values()):
        unsure = replace(place, needs_context=True)
        yield from ((form, unsure) for form in render(name, place.lang) if lower(form) not in listed)
    for row in read_table(folder / "districts.tsv", "unit_slug", "name", "type"):
        yield row["name"], Place(kind="district", unit=row["unit_slug"], lang="vi", type=row["type"])
    bearer = {unit.current: unit.slug for unit in historic_units().values() if unit.name == unit.current_name}
    for row in read_table(folder / "communes.tsv", "current_slug", "name", "type"):
        yield row["name"], Place(kind="commune", unit=bearer[row["current_slug"]], lang="vi", type=row["type"])


_NAMED: Final[Mapping[str, Kind]] = {"names.tsv": "province", "landmarks.tsv": "landmark"}


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


def _script(char: str) -> Literal["spaced", "korean", "unspaced"]:
    """Return how a name's script parts words: with spaces, with particles stuck to names, or not at all."""
    if "\uac00" <= char <= "\ud7a3":
        return "korean"
    return "unspaced" if char >= "\u0e00" else "spaced"


_KATAKANA: Final = re.compile("[\u30a1-\u30fa\u30fc]")
_VOWEL_SIGN: Final = re.compile("[\u0e30-\u0e3a\u0e45-\u0e4e\u0eb0-\u0ebc\u0ec8-\u0ecd\u17b6-\u17d3]")


def _runs_on(low: str, start: int, end: int) -> bool:
    """Return whether a name in a script without spaces is part of a longer syllable or katakana word."""
    after = low[end : end + 1]
    if _KATAKANA.match(low[end - 1]) and (_KATAKANA.match(after) or (start and _KATAKANA.match(low[start - 1]))):
        return True
    return _VOWEL_SIGN.match(after) is not None
