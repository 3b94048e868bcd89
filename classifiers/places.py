"""Which places a text names, read as provinces of the day it was published.

``find_mentions`` keeps what may be a place; ``find_candidates`` also returns what the rules are sure is none, for
training and for explaining.

A name is read in this order: how it is written (``hòa bình`` is a word); the type before it, which may make it a
commune or a district of another province (``phường Phú Thọ, TP.HCM``); for names that mean something else abroad,
whether anything nearby speaks of Viet Nam; the rules of ``classifiers.homonyms``. At last a name that is something else
once in an item is so throughout, unless ``tỉnh`` stands before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from classifiers.gazetteer import TYPED, Place
from classifiers.homonyms import Homonyms, Verdict
from classifiers.namesakes import Decision, decide_typed, is_building_elsewhere, is_ward_elsewhere
from classifiers.spelling import type_before
from classifiers.surroundings import Found, Surroundings, find_names, is_unsure, is_written_in_chinese, look_around
from config.units import MERGER_DAY
from pipeline.records import Item, PlaceMention

SPREADING: Final = frozenset({"commune", "district", "person", "other_unit", "shared_name", "foreign"})
"""What a name is once, it is in the whole item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A mention and what the rules say about it."""

    mention: PlaceMention
    verdict: Verdict


def read_places(item: Item, language: str) -> tuple[Reading, ...]:
    """Return every name of a place in title, summary and text, in order, with the verdict of the rules.

    ``language`` is that of `classifiers.language.detect_language`.
    """
    found = tuple(find_names(item))
    if not found:
        return ()
    around = look_around(item, language, found)
    decisions = _spread(found, [_decide(each, around) for each in found])
    return tuple(_reading(each, decision) for each, decision in zip(found, decisions, strict=True))


def find_mentions(item: Item, language: str) -> tuple[PlaceMention, ...]:
    """Return the names in an item that are, or may be, provinces or places in them."""
    return tuple(reading.mention for reading in read_places(item, language) if reading.verdict != "homonym")


def find_candidates(item: Item, language: str) -> tuple[PlaceMention, ...]:
    """Return ``find_mentions`` and the names that the rules take for something else."""
    return tuple(reading.mention for reading in read_places(item, language))


def _decide(found: Found, around: Surroundings) -> Decision:
    span = found.span
    plain = [place for place in span.readings if place.kind not in TYPED]
    typed = [place for place in span.readings if place.kind in TYPED and _existed(place, around.day)]
    place = (plain or typed or span.readings)[0]
    if not found.named:
        return Decision(place, "homonym", "lower_case")
    decided = decide_typed(plain, typed, found.inside, around) if typed else None
    if decided:
        return decided
    if not plain:
        return Decision(place, "homonym", "not_yet")
    if is_unsure(plain, around.language) and (not around.vietnam or is_written_in_chinese(plain, around.language)):
        return Decision(place, "homonym", "abroad")
    if is_building_elsewhere(found, place) or (not typed and is_ward_elsewhere(found, place, around)):
        return Decision(place, "homonym", "other_unit")
    rule = Homonyms.load().judge(
        found.folded, span.start, span.end, place, near=around.near, day=around.day, western=around.language != "vi"
    )
    return Decision(place, *(rule or ("place", place.kind)))


def _existed(place: Place, day: date | None) -> bool:
    """Return whether a commune of 2025 existed on a day; old districts live on in speech."""
    return place.kind != "commune" or day is None or day >= MERGER_DAY


def _spread(found: Sequence[Found], decisions: Sequence[Decision]) -> list[Decision]:
    """Let a name that no rule spoke about be what it is elsewhere in the item."""
    elsewhere = {each.name for each, decision in zip(found, decisions, strict=True) if decision.why in SPREADING}
    return [
        Decision(decision.place, "homonym", "same_name")
        if decision.why == "province"
        and each.name in elsewhere
        and type_before(each.folded, each.span.start) not in ("tỉnh", "thành phố")
        else decision
        for each, decision in zip(found, decisions, strict=True)
    ]


def _reading(found: Found, decision: Decision) -> Reading:
    start, end = found.folded.span(found.span.start, found.span.end)
    mention = PlaceMention(
        field=found.field,
        start=start,
        end=end,
        text=found.given[start:end],
        unit=decision.place.unit,
        kind=decision.place.kind,
        why=decision.why,
    )
    return Reading(mention=mention, verdict=decision.verdict)
