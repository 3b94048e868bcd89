"""Communes, districts, wards and buildings that bear the name of a province, their own or another."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from classifiers.gazetteer import Place
from classifiers.homonyms import Verdict
from classifiers.surroundings import Found, Surroundings
from config.units import historic_units

_BUILDING: Final = re.compile(r"(?<!\w)(?:chợ|cầu|thcs|thpt|tiểu học|mầm non|khách sạn|bến xe|công viên) $")
_WARD: Final = re.compile(
    r"(?<!\w)(?<!phố )(?<!cấp )(?<!một )(?<!các )(?<!\d )(?<!, )(?<!xã )(?<!phường )(?:phường|xã|thị trấn|p\.) ?$"
)
BEFORE_CHARS: Final = 14
"""Enough for the longest word that these expressions look for."""


class Decision(NamedTuple):
    """How a name is read."""

    place: Place
    verdict: Verdict
    why: str
    """Key of ``messages/places.*.yaml``, less ``why_``."""


def decide_typed(plain: Sequence[Place], typed: Sequence[Place], inside: str, around: Surroundings) -> Decision | None:
    """Read a name with its type before it; None when it is a place of the province it bears the name of.

    ``plain`` are the readings as province or landmark, ``typed`` those as commune or district. ``phường Bình Dương``
    lies in the province that Bình Dương became part of: it still speaks of Bình Dương. ``phường Phú Thọ`` of Hồ Chí
    Minh City does not speak of Phú Thọ. Where several provinces have it, what follows at once (``inside``) or another
    name in the item decides; else it is open.
    """
    known = historic_units()
    namesake = plain[0] if plain else None
    own = known[namesake.unit].current if namesake else ""
    homes = {known[place.unit].current: place for place in typed}
    if inside and known[inside].current != own:
        home = next((place for place in typed if place.unit == inside), homes.get(known[inside].current))
        if home:
            return Decision(home, "place", home.kind)
        if namesake:
            return Decision(namesake, "homonym", "other_unit")
    named = around.named_successors(but=namesake.unit if namesake else "")
    there = [place for place in typed if place.unit in around.units and place.unit != (namesake and namesake.unit)]
    there = there or [place for current, place in homes.items() if current in named and current != own]
    if namesake and own in homes and (len(homes) == 1 or _is_home_named(namesake, named, around)):
        return None
    if len(there) == 1 or len(homes) == 1:
        home = (there or list(homes.values()))[0]
        return Decision(home, "place", home.kind)
    if namesake:
        return Decision(namesake, "open" if own in homes and not there else "homonym", "shared_name")
    return Decision(typed[0], "homonym", "shared_name")


def _is_home_named(namesake: Place, named: frozenset[str], around: Surroundings) -> bool:
    """Return whether an item names the province of today that a name belongs to, by another name than this one."""
    known = historic_units()
    own = known[namesake.unit].current
    by_itself = namesake.kind != "province" and any(known[unit].current == own for unit in around.provinces)
    return by_itself or own in named


def is_building_elsewhere(found: Found, place: Place) -> bool:
    """Return whether a market, school or bridge bears the name, in another province (``chợ Bắc Ninh (TP.HCM)``)."""
    if not found.inside or not found.folded.low.startswith(" (", found.span.end):
        return False
    known = historic_units()
    return (
        known[found.inside].current != known[place.unit].current
        and _BUILDING.search(found.before(BEFORE_CHARS)) is not None
    )


def is_ward_elsewhere(found: Found, place: Place, around: Surroundings) -> bool:
    """Return whether an old ward bears the name where only another province is named (``phường Bình Thuận, TP.HCM``).

    Wards before the merger are in no table; those of today are, and `decide_typed` reads them.
    """
    others = around.named_successors(but=place.unit) - {historic_units()[place.unit].current}
    return bool(others) and around.units[place.unit] == 1 and _WARD.search(found.before(BEFORE_CHARS)) is not None
