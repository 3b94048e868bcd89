"""Which places a text names, read as provinces of the day it was published.

``find_mentions`` keeps what may be a place; ``find_candidates`` also returns what the rules are sure is none, for
training and for explaining.

A name is read in this order: how it is written (``hòa bình`` is a word); the type before it, which may make it a
commune or a district of another province (``phường Phú Thọ, TP.HCM``); for names that mean something else abroad,
whether anything nearby speaks of Viet Nam; the rules of ``classifiers.homonyms``. At last a name that is something else
once in an item is so throughout, unless ``tỉnh`` stands before it.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Final, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from classifiers.folding import Folded, fold
from classifiers.gazetteer import TYPED, Gazetteer, Place, Span
from classifiers.homonyms import Homonyms, Verdict
from classifiers.spelling import is_name_like, type_before
from config.units import MERGER_DAY, historic_units
from pipeline.records import Item, PlaceMention

Field = Literal["title", "summary", "text"]
FIELDS: Final[tuple[Field, ...]] = get_args(Field)
LOCAL: Final = ZoneInfo("Asia/Ho_Chi_Minh")
NEAR_CHARS: Final = 900
"""How much of an item the rules see as near a name: title, lead and the first sentences of the text."""
COUNTRY: Final = re.compile(
    "vi[eệ]t ?nam|vietnamita|wietnam|越南|中越|越共|ベトナム|베트남|월남|вьетнам|เวียดนาม|ຫວຽດນາມ|ວຽດນາມ|វៀតណាម"
)
_INSIDE: Final = re.compile(
    r" ?[,(] ?(?:ở |tại |thuộc )?(?:tỉnh |thành phố |tinh |thanh pho |tp\.? ?|quận |huyện |thị xã |q\.|h\.)?"
)
_BUILDING: Final = re.compile(r"(?<!\w)(?:chợ|cầu|thcs|thpt|tiểu học|mầm non|khách sạn|bến xe|công viên) $")
_WARD: Final = re.compile(
    r"(?<!\w)(?<!phố )(?<!cấp )(?<!một )(?<!các )(?<!\d )(?<!, )(?<!xã )(?<!phường )(?:phường|xã|thị trấn|p\.) ?$"
)
BUILDING_CHARS: Final = 14
UNSURE_TOGETHER: Final = 3
"""So many names that each mean something else abroad, in one item, mean Viet Nam (老街—河内—海防)."""


SPREADING: Final = frozenset({"commune", "district", "person", "other_unit", "shared_name", "foreign"})
"""What a name is once it is in the whole item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A mention and what the rules say about it."""

    mention: PlaceMention
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Found:
    """A name in one field of an item."""

    field: Field
    given: str
    folded: Folded
    span: Span
    named: bool
    """Written like a name."""
    inside: str
    """Unit whose name follows at once, after a comma or in brackets (``phường Phú Thọ, TP.HCM``); empty without."""

    @property
    def name(self) -> str:
        """The name in the form it is compared in."""
        return self.folded.low[self.span.start : self.span.end]


class _Decision(NamedTuple):
    place: Place
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Surroundings:
    """What the whole item says about each of its names."""

    near: str
    """Lower-case beginning of the item."""
    units: Counter[str]
    """Units whose province or landmark is named, right or wrong."""
    day: date | None
    """Local day of publication."""
    language: str
    vietnam: bool
    """The country, or a place that can be nowhere else, is named."""

    def named_successors(self, but: str) -> frozenset[str]:
        """Return the units of today that are named, leaving out one historic unit."""
        known = historic_units()
        return frozenset(known[unit].current for unit in self.units if unit != but)


def read_places(item: Item, language: str) -> tuple[Reading, ...]:
    """Return every name of a place in title, summary and text, in order, with the verdict of the rules.

    ``language`` is that of `classifiers.language.detect_language`.
    """
    found = [each for field in FIELDS for each in _find(field, getattr(item, field))]
    if not found:
        return ()
    around = _look_around(item, language, found)
    decisions = [_decide(each, around) for each in found]
    elsewhere = {each.name for each, decision in zip(found, decisions, strict=True) if decision.why in SPREADING}
    return tuple(
        _reading(
            each, _Decision(decision.place, "homonym", "same_name") if _follows(each, decision, elsewhere) else decision
        )
        for each, decision in zip(found, decisions, strict=True)
    )


def find_mentions(item: Item, language: str) -> tuple[PlaceMention, ...]:
    """Return the names in an item that are, or may be, provinces or places in them."""
    return tuple(reading.mention for reading in read_places(item, language) if reading.verdict != "homonym")


def find_candidates(item: Item, language: str) -> tuple[PlaceMention, ...]:
    """Return ``find_mentions`` and the names that the rules take for something else."""
    return tuple(reading.mention for reading in read_places(item, language))


def _find(field: Field, given: str) -> Iterator[_Found]:
    if not given:
        return
    folded = fold(given)
    spans = Gazetteer.load().scan(folded)
    for span, following in zip_longest(spans, spans[1:]):
        inside = ""
        if following and _INSIDE.fullmatch(folded.low, span.end, following.start):
            inside = following.readings[0].unit
        yield _Found(field, given, folded, span, is_name_like(folded, span.start, span.end), inside)


def _look_around(item: Item, language: str, found: Sequence[_Found]) -> _Surroundings:
    near = "\n".join((item.title, item.summary, item.text[:NEAR_CHARS]))[:NEAR_CHARS]
    low = fold(near).low
    units: Counter[str] = Counter()
    unsure: set[str] = set()
    sure = False
    for each in found:
        place = each.span.readings[0]
        if not each.named or place.kind in TYPED:
            continue
        units[place.unit] += 1
        if _is_unsure(each.span.readings, language):
            unsure.add(place.unit)
        else:
            sure = True
    return _Surroundings(
        near=low,
        units=units,
        day=item.published_at.astimezone(LOCAL).date() if item.published_at else None,
        language=language,
        vietnam=sure or len(unsure) >= UNSURE_TOGETHER or COUNTRY.search(low) is not None,
    )


def _is_unsure(readings: Sequence[Place], language: str) -> bool:
    """Return whether a name in a foreign text means something else there as well (河内 is also a place in Japan)."""
    if language == "ja" and all(place.lang.startswith("zh") for place in readings):
        return True
    return language != "vi" and any(place.needs_context for place in readings)


def _follows(found: _Found, decision: _Decision, elsewhere: set[str]) -> bool:
    """Return whether a name that no rule spoke about is what it is elsewhere in the item."""
    return (
        found.name in elsewhere
        and decision.why == "province"
        and type_before(found.folded, found.span.start) not in ("tỉnh", "thành phố")
    )


def _reading(found: _Found, decision: _Decision) -> Reading:
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


def _decide(found: _Found, around: _Surroundings) -> _Decision:
    span = found.span
    plain = [place for place in span.readings if place.kind not in TYPED]
    typed = [place for place in span.readings if place.kind in TYPED and _existed(place, around.day)]
    place = (plain or typed or span.readings)[0]
    if not found.named:
        return _Decision(place, "homonym", "lower_case")
    decided = _decide_typed(plain, typed, found.inside, around) if typed else None
    if decided:
        return decided
    if not plain:
        return _Decision(place, "homonym", "not_yet")
    if not around.vietnam and _is_unsure(plain, around.language):
        return _Decision(place, "homonym", "abroad")
    if (found.inside and _is_building_elsewhere(found, place)) or (
        not typed and _is_ward_elsewhere(found, place, around)
    ):
        return _Decision(place, "homonym", "other_unit")
    rule = Homonyms.load().judge(found.folded, span.start, span.end, place.unit, near=around.near, day=around.day)
    return _Decision(place, *(rule or ("place", place.kind)))


def _is_building_elsewhere(found: _Found, place: Place) -> bool:
    """Return whether a market, school or bridge bears the name, in another province (``chợ Bắc Ninh (TP.HCM)``)."""
    if not found.folded.low.startswith(" (", found.span.end):
        return False
    known = historic_units()
    left = found.folded.low[max(0, found.span.start - BUILDING_CHARS) : found.span.start]
    return known[found.inside].current != known[place.unit].current and _BUILDING.search(left) is not None


def _is_ward_elsewhere(found: _Found, place: Place, around: _Surroundings) -> bool:
    """Return whether an old ward bears the name where only another province is named (``phường Bình Thuận, TP.HCM``).

    The wards and communes before the merger are in no table; those of today are (`_decide_typed`).
    """
    left = found.folded.low[max(0, found.span.start - BUILDING_CHARS) : found.span.start]
    others = around.named_successors(but=place.unit) - {historic_units()[place.unit].current}
    return bool(others) and around.units[place.unit] == 1 and _WARD.search(left) is not None


def _existed(place: Place, day: date | None) -> bool:
    """Return whether a commune of 2025 existed on a day; old districts live on in speech."""
    return place.kind != "commune" or day is None or day >= MERGER_DAY


def _decide_typed(
    plain: Sequence[Place], typed: Sequence[Place], inside: str, around: _Surroundings
) -> _Decision | None:
    """Read a name with its type before it; None when it is a place of the province it bears the name of.

    ``phường Bình Dương`` lies in the province that Bình Dương became part of: it still speaks of Bình Dương. ``phường
    Phú Thọ`` of Hồ Chí Minh City does not speak of Phú Thọ. Where several provinces have it, another name in the item
    decides; else it is open.
    """
    known = historic_units()
    namesake = plain[0] if plain else None
    named = around.named_successors(but=namesake.unit if namesake else "")
    homes = {known[place.unit].current: place for place in typed}
    own = known[namesake.unit].current if namesake else ""
    if inside and known[inside].current != own:
        exact = [place for place in typed if place.unit == inside]
        for place in exact or [homes[home] for home in (known[inside].current,) if home in homes]:
            return _Decision(place, "place", place.kind)
        if namesake:
            return _Decision(namesake, "homonym", "other_unit")
    there = [place for place in typed if place.unit in around.units and place.unit != (namesake and namesake.unit)]
    there = there or [place for current, place in homes.items() if current in named and current != own]
    if namesake and own in homes and (own in named or len(homes) == 1):
        return None
    if len(there) == 1 or len(homes) == 1:
        return _Decision((there or list(homes.values()))[0], "place", there[0].kind if there else typed[0].kind)
    if namesake:
        return _Decision(namesake, "open" if own in homes and not there else "homonym", "shared_name")
    return _Decision(typed[0], "homonym", "shared_name")
