"""The names found in an item, and what the item as a whole says about each of them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from classifiers.folding import Folded, fold
from classifiers.gazetteer import TYPED, Gazetteer, Place, Span
from classifiers.spelling import is_name_like
from config.units import historic_units
from pipeline.records import Item

Field = Literal["title", "summary", "text"]
FIELDS: Final[tuple[Field, ...]] = get_args(Field)
NEAR_CHARS: Final = 900
"""How much of an item the rules see as near a name: title, lead and the first sentences of the text."""
UNSURE_TOGETHER: Final = 3
"""So many names that each mean something else abroad, in one item, mean Viet Nam (老街—河内—海防)."""
COUNTRY: Final = re.compile(
    "vi[eêệ]t ?nam|vietnamita|wietnam|越南|中越|越共|越北|越方|越籍|越媒|越盾|台越|日越|韓越|访越|訪越|赴越|旅越|"
    "ベトナム|ヴェトナム|베트남|월남|비엣남|вьетнам|เวียดนาม|ຫວຽດນາມ|ວຽດນາມ|ຫວຽດ|វៀតណាម|"
    "vinfast|vingroup|vietjet|viet ?cong|indochina|indochine|"
    "mekong ?delta|del(?:ta|tą|tę|ty|cie) (?:du |del |do )?m[eé]k[oô]ng|дельт[аеуыо]й? (?:реки )?меконга?|"
    "湄公河三角洲|湄公河平原|メコン・?デルタ|메콩 ?(?:강 ?)?(?:델타|삼각주)|สามเหลี่ยมปากแม่น้ำโขง|"
    "nguy[eễ]n (?:dynasty|lords|emperors?)|dynastie (?:des )?nguy[eễ]n|династи[ияюей]{1,2} нгуен|"
    "阮朝|阮王朝|グエン王?朝|응우옌 ?왕조|ราชวงศ์เหงียน|khmer krom|ខ្មែរ ?ក្រោម"
)
_PROVINCE_BEFORE: Final = re.compile(
    r"(?:\b(?:province of|province d[eu]|provincia de|provinz|prowincj[aięąo]|провинци[ияюей]{1,2}) |"
    r"(?:จังหวัด|ແຂວງ|ខេត្ត) ?)$"
)
_PROVINCE_AFTER: Final = re.compile(r" (?:province|provinz)\b|(?<=[\u30a1-\u30fc])省")
_PROVINCE_NAME: Final = re.compile("[\u30a1-\u30fc]省$")
_VIETNAMESE: Final = re.compile("[ĩũơư\u1ea0-\u1ef9]")
_PROVINCE_CHARS: Final = 20
"""How much before a name may hold the word for a province."""
_INSIDE: Final = re.compile(
    r" ?[,(] ?(?:ở |tại |thuộc )?(?:tỉnh |thành phố |tinh |thanh pho |tp\.? ?|quận |huyện |thị xã |q\.|h\.)?"
)
_ADDRESS: Final = re.compile(r" \([^()]{1,60}\)")
"""From the smallest part to the largest (``chợ Bắc Ninh (phường Linh Xuân, TP.HCM)``)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A name in one field of an item."""

    field: Field
    given: str
    """The field as it was given; ``folded`` holds its views."""
    folded: Folded
    span: Span
    named: bool
    """Written like a name."""
    inside: str
    """Unit whose name follows at once, after a comma or in brackets (``phường Phú Thọ, TP.HCM``), or ends an address in
    brackets; empty without."""

    @property
    def name(self) -> str:
        """The name in the form it is compared in."""
        return self.folded.low[self.span.start : self.span.end]

    def before(self, chars: int) -> str:
        """Return the lower-case text right before the name."""
        return self.folded.low[max(0, self.span.start - chars) : self.span.start]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the whole item says about each of its names."""

    near: str
    """Lower-case beginning of the item."""
    units: Counter[str]
    """Units whose province or landmark is named, right or wrong."""
    provinces: frozenset[str]
    """Units whose own name is among those."""
    day: date | None
    """Local day of publication."""
    language: str
    vietnam: bool
    """The country, or a place that can be nowhere else, is named."""

    def named_successors(self, but: str) -> frozenset[str]:
        """Return the units of today that are named, leaving out one historic unit."""
        known = historic_units()
        return frozenset(known[unit].current for unit in self.units if unit != but)


def find_names(item: Item) -> Iterator[Found]:
    """Yield every name of the gazetteer in title, summary and text, in order."""
    for field in FIELDS:
        given: str = getattr(item, field)
        if not given:
            continue
        folded = fold(given)
        spans = Gazetteer.load().scan(folded)
        for at, span in enumerate(spans):
            inside = _unit_behind(folded, spans, at)
            yield Found(field, given, folded, span, is_name_like(folded, span.start, span.end), inside)


def _unit_behind(folded: Folded, spans: Sequence[Span], at: int) -> str:
    """Return the unit that a name is told to lie in right behind it; empty when none is, or several may be meant."""
    end, after = spans[at].end, at + 1
    if after < len(spans) and _INSIDE.fullmatch(folded.low, end, spans[after].start):
        return spans[after].readings[0].unit
    if address := _ADDRESS.match(folded.low, end):
        largest = next((span for span in spans[after:] if span.end == address.end() - 1), None)
        units = {place.unit for place in largest.readings} if largest else set()
        return units.pop() if len(units) == 1 else ""
    return ""


def look_around(item: Item, language: str, found: Sequence[Found]) -> Surroundings:
    """Return what an item says about the names found in it."""
    low = fold("\n".join((item.title, item.summary, item.text[:NEAR_CHARS]))[:NEAR_CHARS]).low
    units: Counter[str] = Counter()
    provinces: set[str] = set()
    unsure: set[str] = set()
    sure = False
    for each in found:
        place = each.span.readings[0]
        if not each.named or place.kind in TYPED:
            continue
        units[place.unit] += 1
        if place.kind == "province":
            provinces.add(place.unit)
        if is_unsure(each.span.readings, language) and not _is_sure_abroad(each):
            unsure.add(place.unit)
        else:
            sure = True
    return Surroundings(
        near=low,
        units=units,
        provinces=frozenset(provinces),
        day=item.published_on,
        language=language,
        vietnam=sure or len(unsure) >= UNSURE_TOGETHER or COUNTRY.search(low) is not None,
    )


def is_unsure(readings: Sequence[Place], language: str) -> bool:
    """Return whether a name in a foreign text means something else there as well (河内 is also a place in Japan)."""
    if is_written_in_chinese(readings, language):
        return True
    return language != "vi" and any(place.needs_context for place in readings)


def is_written_in_chinese(readings: Sequence[Place], language: str) -> bool:
    """Return whether a Japanese text has a name in Chinese characters: Viet Nam is written there in katakana."""
    return language == "ja" and all(place.lang.startswith("zh") for place in readings)


def _is_sure_abroad(found: Found) -> bool:
    """Return whether a foreign text spells a name as in Vietnamese (Huế), or calls it a province beside it.

    Few of the namesakes abroad are provinces, but for Chinese and Korean ones (河南省): words for these tell nothing.
    """
    return bool(
        _VIETNAMESE.search(found.name)
        or _PROVINCE_BEFORE.search(found.before(_PROVINCE_CHARS))
        or _PROVINCE_AFTER.match(found.folded.low, found.span.end)
        or _PROVINCE_NAME.search(found.name)
    )
