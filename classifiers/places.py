"""Which places a text names, read as provinces of the day it was published.

``find_mentions`` keeps what may be a place; ``find_candidates`` also returns what the rules are sure is none, for
training and for explaining.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from classifiers.folding import fold
from classifiers.gazetteer import Gazetteer
from classifiers.spelling import is_name_like
from pipeline.records import Item, PlaceMention

Field = Literal["title", "summary", "text"]
FIELDS: tuple[Field, ...] = get_args(Field)

Verdict = Literal["place", "open", "homonym"]
"""Sure that it is the place; to be decided by the relevance model; sure that it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A mention and what the rules say about it."""

    mention: PlaceMention
    verdict: Verdict


def read_places(item: Item, language: str) -> tuple[Reading, ...]:  # noqa: ARG001
    """Return every name of a place in title, summary and text, in order, with the verdict of the rules."""
    return tuple(reading for field in FIELDS for reading in _read_field(field, getattr(item, field)))


def find_mentions(item: Item, language: str) -> tuple[PlaceMention, ...]:
    """Return the names in an item that are, or may be, provinces or places in them."""
    return tuple(reading.mention for reading in read_places(item, language) if reading.verdict != "homonym")


def find_candidates(item: Item, language: str) -> tuple[PlaceMention, ...]:
    """Return ``find_mentions`` and the names that the rules take for something else."""
    return tuple(reading.mention for reading in read_places(item, language))


def _read_field(field: Field, given: str) -> Iterator[Reading]:
    folded = fold(given)
    for span in Gazetteer.load().scan(folded):
        place = span.readings[0]
        start, end = folded.span(span.start, span.end)
        mention = PlaceMention(
            field=field, start=start, end=end, text=given[start:end], unit=place.unit, kind=place.kind, why="exact_name"
        )
        yield Reading(mention=mention, verdict="place" if is_name_like(folded, span.start, span.end) else "homonym")
