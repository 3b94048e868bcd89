"""The sections of a digest in words: groups, items, and the other outlets of each story."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from config.messages import Lang, message
from dashboards.digest.kibana import section_link
from dashboards.digest.typography import moment, number, short_day
from dashboards.digest.wording import (
    country_name,
    language_name,
    more_line,
    more_outlets,
    reports_count,
    stories_count,
    tone_name,
    tone_split,
    topic_name,
)
from pipeline.digest.topics import OTHER_TOPIC, leading_topic
from pipeline.records import Copy, Digest, DigestItem, DigestSection, SectionId, Tone

MAX_LINK_CHARS = 800
"""Longer addresses are not printed as links: mail programs cut them, and they carry tracking."""

NEIGHBOURS = ("CN", "LA", "KH")
"""Their press comes first."""

ALWAYS_PRINTED: frozenset[SectionId] = frozenset({"negative"})
ONE_LINERS: frozenset[SectionId] = frozenset({"neutral"})
"""Sections whose items are a headline only; the summary stays in the facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyView:
    """Another outlet's report of a story."""

    outlet: str
    link: str | None
    tone_name: str
    """Empty where it is that of the item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One story as printed."""

    number: int
    """Counted through the whole digest, so that people can say «tin số 7»."""
    tone: Tone
    tone_name: str
    title: str
    link: str | None
    """None when the address is not a plain http(s) URL."""
    source: str
    """``Báo Mẫu, 14:20 4/3``."""
    marks: tuple[str, ...]
    """Such as «bổ sung»."""
    language: str
    """ISO 639-1 of the headline, when it is not the digest's own; chooses the right glyphs for Han characters."""
    original: str
    """Original headline, when another one is printed above it."""
    summary: str
    others: str
    """``và 3 báo khác``; empty where the outlets are not listed."""
    copies: tuple[CopyView, ...]
    copies_more: str
    """``và 2 báo nữa``, those not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView:
    """Items under one topic or country; without a title in sections that are not grouped."""

    title: str
    count: str
    items: tuple[ItemView, ...]
    more: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    id: SectionId
    title: str
    total: int
    """Reports the section owns, printed or folded away."""
    count: str
    groups: tuple[GroupView, ...]
    more: str
    references: str
    """Where the reports are that would fit here too and that another section owns."""
    left_out: str
    """How many of its reports the editor left out: a section without items need not be one of nothing."""
    empty: str
    kibana: str
    """Address of the list of its articles in Kibana; empty: no link."""


def section_views(digest: Digest) -> Iterable[SectionView]:
    """Yield what is printed of each section, items numbered through the whole digest."""
    lang = digest.language
    arranged = [(section, _arranged(section, lang)) for section in digest.sections]
    order = [item.id for _, groups in arranged for _, items, _ in groups for item in items]
    numbers = {item_id: position for position, item_id in enumerate(order, start=1)}
    for section, groups in arranged:
        references = _references(section.id, digest.sections, numbers, lang)
        left_out = _left_out(section.id, digest)
        total = sum(item.reports for item in section.items) + section.folded
        if total or references or (section.id in ALWAYS_PRINTED and digest.kind != "foreign-weekly"):
            unlisted = section.folded - sum(folded for _, _, folded in groups)
            yield SectionView(
                id=section.id,
                title=section.title,
                total=total,
                count=_count(section, total, lang) if total else "",
                groups=tuple(
                    GroupView(
                        title=title,
                        count=reports_count(sum(item.reports for item in items) + folded, lang) if title else "",
                        items=tuple(_item(item, numbers[item.id], section.id, digest) for item in items),
                        more=more_line(folded, (), lang)
                        if items
                        else message("digest.more_collapsed", lang, count=reports_count(folded, lang)),
                    )
                    for title, items, folded in groups
                ),
                more=more_line(unlisted, section.folded_topics if unlisted == section.folded else (), lang),
                references=references,
                left_out=left_out,
                empty="" if total or references or left_out else message("digest.none", lang),
                kibana=section_link(digest, section.id) if total or references else "",
            )


def _left_out(section: SectionId, digest: Digest) -> str:
    reports = sum(one.reports for one in digest.editor.left_out if one.section == section) if digest.editor else 0
    return message("digest.left_out", digest.language, count=reports_count(reports, digest.language)) if reports else ""


def _count(section: DigestSection, total: int, lang: Lang) -> str:
    """Return ``7 tin · 4 nội dung``; only the reports where that is all there is to say."""
    reports = reports_count(total, lang)
    if section.folded or total == len(section.items):
        return reports
    return f"{reports} · {stories_count(len(section.items), lang)}"


def _arranged(section: DigestSection, lang: Lang) -> list[tuple[str, list[DigestItem], int]]:
    """Return the groups of a section: title, items, and how many more of the group are folded away."""
    if section.id == "neutral":
        return _by_topic(section, lang)
    if section.id == "foreign":
        return _by_country(section.items, lang)
    return [("", list(section.items), 0)] if section.items else []


def _by_topic(section: DigestSection, lang: Lang) -> list[tuple[str, list[DigestItem], int]]:
    folded = {one.topic: one.reports for one in section.folded_topics}
    items: dict[str, list[DigestItem]] = {topic: [] for topic in folded}
    for item in section.items:
        items.setdefault(leading_topic(item.topics), []).append(item)
    largest_first = sorted(
        items,
        key=lambda topic: (not items[topic], topic == OTHER_TOPIC, -len(items[topic]) - folded.get(topic, 0), topic),
    )
    return [(topic_name(topic, lang), items[topic], folded.get(topic, 0)) for topic in largest_first]


def _by_country(items: Sequence[DigestItem], lang: Lang) -> list[tuple[str, list[DigestItem], int]]:
    countries: dict[str, list[DigestItem]] = {}
    for item in items:
        countries.setdefault(item.country, []).append(item)

    def place(code: str) -> tuple[int, str]:
        rank = NEIGHBOURS.index(code) if code in NEIGHBOURS else len(NEIGHBOURS)
        return rank, country_name(code, lang).casefold()

    return [(country_name(code, lang), countries[code], 0) for code in sorted(countries, key=place)]


def _references(section: SectionId, sections: Sequence[DigestSection], numbers: dict[str, int], lang: Lang) -> str:
    found = sorted(numbers[item.id] for other in sections for item in other.items if section in item.also)
    if not found:
        return ""
    form = "one" if len(found) == 1 else "other"
    return message(f"digest.refer_{form}", lang, numbers=", ".join(str(one) for one in found))


def _item(item: DigestItem, position: int, section: SectionId, digest: Digest) -> ItemView:
    lang = digest.language
    translated = item.original_title is not None and item.original_title != item.title
    one_liner = section in ONE_LINERS
    return ItemView(
        number=position,
        tone=item.tone,
        tone_name=tone_name(item.tone, lang),
        title=item.title,
        link=safe_link(item.url),
        source=f"{item.outlet}, {moment(item.published_at, lang)}",
        marks=tuple(mark for mark in _marks(item, section, digest, translated=translated) if mark),
        language=item.language if item.language != lang and not translated else "",
        original=message(
            "digest.original_title", lang, language=language_name(item.language, lang), title=item.original_title
        )
        if translated
        else "",
        summary="" if one_liner else item.summary,
        others="" if one_liner else more_outlets(item, lang),
        copies=() if one_liner else tuple(_copy(copy, item, lang) for copy in item.copies),
        copies_more=message("digest.copies_more", lang, count=number(len(item.copies_folded), lang))
        if item.copies and item.copies_folded and not one_liner
        else "",
    )


def _marks(item: DigestItem, section: SectionId, digest: Digest, *, translated: bool) -> Iterable[str]:
    """Yield the short remarks behind the source, some of them empty."""
    lang = digest.language
    unsure = item.sure is False or (item.sure is None and section != "negative")
    yield message("digest.unsure", lang) if item.tone == "negative" and unsure else ""
    if len(item.tones) > 1:
        yield message("digest.split_by_tone", lang, tones=tone_split(item.tones, lang))
    if item.since:
        yield message("digest.went_on", lang, day=short_day(item.since, lang))
    elif section == "prominent" and item.story and digest.kind == "daily":
        yield message("digest.new_story", lang)
    if item.first_seen_at:
        yield message("digest.first_seen", lang, at=moment(item.first_seen_at, lang))
    if item.articles:
        yield message("digest.articles", lang, count=number(item.articles, lang))
    yield message("digest.late", lang) if item.late else ""
    yield message("digest.bad_event", lang) if item.bad_event else ""
    if item.language not in ("vi", "") and not translated:
        yield message("digest.original_language", lang, language=language_name(item.language, lang))
    yield message("digest.edited", lang) if item.edited else ""
    yield more_outlets(item, lang) if section in ONE_LINERS else ""


def _copy(copy: Copy, item: DigestItem, lang: Lang) -> CopyView:
    told = tone_name(copy.tone, lang).lower() if copy.tone and copy.tone != item.tone else ""
    return CopyView(outlet=copy.outlet, link=safe_link(copy.url), tone_name=told)


def safe_link(url: str) -> str | None:
    """Return the URL if it may become a link: http(s), a host, no credentials, blanks or control signs, not endless."""
    if len(url) > MAX_LINK_CHARS or not url.isprintable() or any(char.isspace() for char in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    fine = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc and "\\" not in url
    return url if fine else None
