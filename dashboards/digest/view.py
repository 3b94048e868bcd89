"""A digest in words, laid out once: the HTML and its text twin print this, so they tell the same in the same order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from config.messages import Lang, message
from dashboards.digest.kibana import edition_link, section_link
from dashboards.digest.overview import footer_lines, revision_line, subject_of, summary_lines
from dashboards.digest.typography import full_day, full_moment, moment, number
from dashboards.digest.wording import (
    country_name,
    language_name,
    more_line,
    reports_count,
    tone_name,
    topic_name,
    unit_title,
)
from pipeline.digest.topics import OTHER_TOPIC, leading_topic
from pipeline.records import Digest, DigestItem, DigestSection, OutletTone, SectionId, Tone

MAX_LINK_CHARS = 800
"""Longer addresses are not printed as links: mail programs cut them, and they carry tracking."""

OUTLET_ROWS = 20

NEIGHBOURS = ("CN", "LA", "KH")
"""Their press comes first."""

ALWAYS_PRINTED: frozenset[SectionId] = frozenset({"negative"})
ONE_LINERS: frozenset[SectionId] = frozenset({"neutral"})
"""Sections whose items are a headline only; the summary stays in the facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """One report as printed."""

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
    empty: str
    kibana: str
    """Address of the list of its articles in Kibana; empty: no link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRow:
    outlet: str
    total: int
    positive: int
    neutral: int
    negative: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestView:
    """Everything printed, top to bottom."""

    lang: Lang
    subject: str
    masthead: str
    unit: str
    day: str
    window: str
    revision: str
    internal: str
    tones: tuple[tuple[Tone, str, int], ...]
    total: int
    total_name: str
    summary_title: str
    summary: tuple[str, ...]
    kibana: str
    """Address of the dashboard over the edition's window; empty: no link."""
    kibana_name: str
    """What its links say."""
    sections: tuple[SectionView, ...]
    table_title: str
    columns: tuple[str, ...]
    outlets: tuple[OutletRow, ...]
    footer: tuple[str, ...]


def view_of(digest: Digest) -> DigestView:
    """Lay the digest out in its own language."""
    lang = digest.language
    counts = digest.counts
    return DigestView(
        lang=lang,
        subject=subject_of(digest),
        masthead=message("digest.masthead", lang),
        unit=unit_title(digest.province, lang),
        day=message(
            "digest.masthead_day",
            lang,
            weekday=message(f"digest.weekday_{digest.date.weekday()}", lang),
            day=full_day(digest.date, lang),
        ),
        window=message(
            "digest.masthead_window",
            lang,
            from_at=full_moment(digest.window_from_at, lang),
            to_at=full_moment(digest.window_to_at, lang),
        ),
        revision=revision_line(digest),
        internal=message("digest.internal", lang) if digest.internal else "",
        tones=(
            ("positive", tone_name("positive", lang), counts.positive),
            ("neutral", tone_name("neutral", lang), counts.neutral),
            ("negative", tone_name("negative", lang), counts.negative),
        ),
        total=counts.total,
        total_name=message("digest.column_total", lang),
        summary_title=message("digest.summary_title", lang),
        summary=tuple(summary_lines(digest)),
        kibana=edition_link(digest),
        kibana_name=message("kibana.view", lang),
        sections=tuple(_sections(digest)),
        table_title=message("digest.table_title", lang),
        columns=(
            message("digest.column_outlet", lang),
            message("digest.column_total", lang),
            *(tone_name(tone, lang) for tone in ("positive", "neutral", "negative")),
        ),
        outlets=_outlet_rows(digest.outlet_tones, lang),
        footer=tuple(footer_lines(digest)),
    )


# ---- sections -------------------------------------------------------------------------------------------------------


def _sections(digest: Digest) -> Iterable[SectionView]:
    lang = digest.language
    arranged = [(section, _arranged(section, lang)) for section in digest.sections]
    order = [item.id for _, groups in arranged for _, items, _ in groups for item in items]
    numbers = {item_id: position for position, item_id in enumerate(order, start=1)}
    for section, groups in arranged:
        references = _references(section.id, digest.sections, numbers, lang)
        total = len(section.items) + section.folded
        if total or references or section.id in ALWAYS_PRINTED:
            unlisted = section.folded - sum(folded for _, _, folded in groups)
            yield SectionView(
                id=section.id,
                title=section.title,
                total=total,
                count=reports_count(total, lang) if total else "",
                groups=tuple(
                    GroupView(
                        title=title,
                        count=reports_count(len(items) + folded, lang) if title else "",
                        items=tuple(_item(item, numbers[item.id], section.id, lang) for item in items),
                        more=more_line(folded, (), lang)
                        if items
                        else message("digest.more_collapsed", lang, count=reports_count(folded, lang)),
                    )
                    for title, items, folded in groups
                ),
                more=more_line(unlisted, section.folded_topics if unlisted == section.folded else (), lang),
                references=references,
                empty="" if total or references else message("digest.none", lang),
                kibana=section_link(digest, section.id) if total or references else "",
            )


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


def _item(item: DigestItem, position: int, section: SectionId, lang: Lang) -> ItemView:
    translated = item.original_title is not None and item.original_title != item.title
    foreign_words = item.language not in ("vi", "") and not translated
    marks = (
        message("digest.unsure", lang) if item.tone == "negative" and section != "negative" else "",
        message("digest.late", lang) if item.late else "",
        message("digest.bad_event", lang) if item.bad_event else "",
        message("digest.original_language", lang, language=language_name(item.language, lang)) if foreign_words else "",
        message("digest.copies", lang, count=number(len(item.copies), lang)) if item.copies else "",
        *(message(f"corrections.mark_{mark}", lang) for mark in item.marks),
    )
    return ItemView(
        number=position,
        tone=item.tone,
        tone_name=tone_name(item.tone, lang),
        title=item.title,
        link=safe_link(item.url),
        source=f"{item.outlet}, {moment(item.published_at, lang)}",
        marks=tuple(mark for mark in marks if mark),
        language=item.language if item.language != lang and not translated else "",
        original=message(
            "digest.original_title", lang, language=language_name(item.language, lang), title=item.original_title
        )
        if translated
        else "",
        summary="" if section in ONE_LINERS else item.summary,
    )


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


# ---- table ----------------------------------------------------------------------------------------------------------


def _outlet_rows(outlets: Sequence[OutletTone], lang: Lang) -> tuple[OutletRow, ...]:
    """Return a row an outlet, the rest in one row, and the sum of all."""
    if not outlets:
        return ()
    shown = outlets if len(outlets) <= OUTLET_ROWS else outlets[: OUTLET_ROWS - 1]
    rest = outlets[len(shown) :]
    rows = [_sum_row(one.outlet, (one,)) for one in shown]
    if rest:
        rows.append(_sum_row(message("digest.outlets_rest", lang, count=number(len(rest), lang)), rest))
    return (*rows, _sum_row(message("digest.all_outlets", lang), outlets))


def _sum_row(name: str, outlets: Sequence[OutletTone]) -> OutletRow:
    positive, neutral, negative = (
        sum(getattr(one, tone) for one in outlets) for tone in ("positive", "neutral", "negative")
    )
    return OutletRow(
        outlet=name, total=positive + neutral + negative, positive=positive, neutral=neutral, negative=negative
    )
