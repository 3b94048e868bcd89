"""Labelled items as JSON Lines: judged by annotators, or corrected by the office that reads them.

A line is an item of `classifiers.batch` with labels. ``{"id", "title", …, "unit", "relevance", "tone", "bad_event",
"topics", "uncertain"}`` judges one unit in it; ``{"id", "title", …, "language", "gold": [{"unit", "relevance", "tone"},
…]}`` says all units that it names. A label that is absent or null is not scored; ``by`` marks a correction.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

from classifiers.batch import BadLine, BadValueError, read_item, read_rows
from classifiers.topics import topics
from config.units import unit_names
from pipeline.records import Item, Tone

RelevanceLabel = Literal["about", "mention", "not_it"]
"""``not_it``: the name in the text is no place."""

TEXTS_READ: Final = ("id", "title", "summary", "text", "url", "outlet", "published_at")
"""What a row gives to the classifiers; its language and all labels stay out of their sight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLabels:
    """What is known of one unit in one item."""

    unit: str
    """Slug of a former unit, or of one of today that no former unit shares."""
    relevance: RelevanceLabel | None = None
    tone: Tone | None = None
    bad_event: bool | None = None
    """Of the item; written with the unit that the row judges."""
    topics: tuple[str, ...] = ()
    """First level, best first; of the item, as ``bad_event``."""
    uncertain: bool = False
    """The annotator was not sure of the tone."""
    corrected: bool = False
    """A person of the office wrote the labels over those of the models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledItem:
    """An item with either the labels of one unit or all the units it names."""

    item: Item
    judged: UnitLabels | None = None
    language: str = ""
    """ISO 639-1 without a script, of an item with all its units; empty when unknown."""
    named: tuple[UnitLabels, ...] | None = None


def read_labelled(stream: Iterable[bytes | str]) -> Iterator[LabelledItem | BadLine]:
    """Yield a labelled item, or what is wrong (further reasons: no_unit, bad_unit, bad_label), for each line."""
    return read_rows(stream, _read)


def _read(row: Mapping[str, Any]) -> LabelledItem:
    item = read_item({name: row[name] for name in TEXTS_READ if name in row})
    gold = row.get("gold")
    if gold is None:
        return LabelledItem(item=item, judged=_labels(row))
    if not isinstance(gold, list) or not all(isinstance(each, Mapping) for each in gold):
        raise BadValueError("bad_label")
    language = row.get("language") or ""
    if not isinstance(language, str):
        raise BadValueError("not_a_text")
    return LabelledItem(item=item, language=language.partition("-")[0], named=tuple(map(_labels, gold)))


def _labels(row: Mapping[str, Any]) -> UnitLabels:
    unit = row.get("unit")
    if not isinstance(unit, str) or not unit:
        raise BadValueError("no_unit")
    if unit not in unit_names():
        raise BadValueError("bad_unit")
    return UnitLabels(
        unit=unit,
        relevance=cast(RelevanceLabel | None, _one_of(row.get("relevance"), get_args(RelevanceLabel))),
        tone=cast(Tone | None, _one_of(row.get("tone"), get_args(Tone))),
        bad_event=_flag(row.get("bad_event")),
        topics=_topics(row.get("topics")),
        uncertain=bool(_flag(row.get("uncertain"))),
        corrected=bool(row.get("by")),
    )


def _one_of(value: object, known: Iterable[str]) -> str | None:
    if value in (None, ""):
        return None
    if not isinstance(value, str) or value not in known:
        raise BadValueError("bad_label")
    return value


def _flag(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise BadValueError("bad_label")
    return value


def _topics(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadValueError("bad_label")
    first_level = tuple(dict.fromkeys(each.partition(".")[0] for each in value))
    if not set(first_level) <= topics().keys():
        raise BadValueError("bad_label")
    return first_level
