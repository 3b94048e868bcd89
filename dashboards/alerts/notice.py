"""What an alert says: its sentences and its stories, ready to print."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from config.localtime import local_hour
from config.messages import Lang, message
from dashboards.digest.typography import day_span, full_day, full_moment, moment, number
from dashboards.digest.wording import reports_count, unit_in_sentence, unit_title
from dashboards.kibana.conditions import section_filters
from dashboards.kibana.links import articles_link
from pipeline.records import Alert, AlertEventKind, AlertStory

STORIES_SHOWN = 8
TINY_CHANCE = 0.001
LAST_INSTANT = timedelta(milliseconds=1)
"""Kibana's time range includes its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An alert at one step of its life, to be told in one language."""

    alert: Alert
    happened: AlertEventKind = "opened"
    lang: Lang = "vi"
    quiet_days: int = 2
    """After which it closes."""
    kibana_url: str = ""
    """Empty: no links; they lead to the own province's articles, so only its alerts have one."""
    contact: str = ""
    internal: bool = False
    """Print «LƯU HÀNH NỘI BỘ»."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryView:
    """One story, its days together."""

    title: str
    link: str
    source: str
    marks: tuple[str, ...]
    sentence: str
    language: str
    """Of the title, when it is not the reader's."""


def level_name(alert: Alert, lang: Lang) -> str:
    return message(f"alert.level_{alert.level}", lang)


def subject_of(notice: Notice) -> str:
    """Return ``[Cảnh báo · Mức 2] Tỉnh Cao Bằng, 5/3/2026: 9 tin tiêu cực, thường khoảng 2,1``."""
    alert, lang = notice.alert, notice.lang
    key = f"subject_{notice.happened}" if notice.happened in ("raised", "escalated", "closed") else "subject"
    return message(
        f"alert.{key}",
        lang,
        level=level_name(alert, lang).lower() if key == "subject_raised" else level_name(alert, lang),
        unit=unit_title(alert.unit, lang),
        day=full_day(alert.peak_day, lang),
        what=_what(alert, lang),
    ).replace("\N{NO-BREAK SPACE}", " ")


def headline(notice: Notice) -> str:
    """Return what happened to the alert."""
    level = level_name(notice.alert, notice.lang)
    return message(f"alert.event_{notice.happened}", notice.lang, level=level.lower(), days=notice.quiet_days)


def sentences(notice: Notice) -> Iterator[str]:
    """Yield what was found, why it has its level, and what it is worth."""
    alert, lang = notice.alert, notice.lang
    about = {"unit": unit_in_sentence(alert.unit, lang), "day": full_day(alert.peak_day, lang)}
    if alert.kind == "grave":
        yield message("alert.grave", lang, **about)
        if any(story.matter for story in alert.stories):
            yield message("alert.lasting", lang)
    elif alert.expected is not None:
        yield message(
            "alert.spike",
            lang,
            **about,
            observed=reports_count(alert.observed, lang),
            outlets=outlets_count(alert.outlets, lang),
            expected=number(alert.expected, lang),
        )
        if alert.p_value is not None:
            yield message("alert.spike_chance", lang, chance=_chance(alert.p_value, lang))
        if alert.qualifiers:
            reasons = "; ".join(message(f"alert.reason_{one}", lang) for one in alert.qualifiers)
            yield message("alert.raised_because", lang, reasons=reasons)
    if alert.events:
        yield message("alert.events", lang, events="; ".join(alert.events))


def state_line(notice: Notice) -> str:
    """Return who has taken it on, or that nobody has."""
    alert, lang = notice.alert, notice.lang
    at = alert.closed_at if alert.state == "closed" else alert.acknowledged_at
    when = full_moment(at, lang) if at else ""
    return message(f"alert.state_{alert.state}", lang, by=alert.acknowledged_by, at=when)


def footer_lines(notice: Notice) -> Iterator[str]:
    alert, lang = notice.alert, notice.lang
    if alert.state == "open":
        yield message("alert.ack", lang, id=alert.id)
    yield message("alert.opened", lang, at=full_moment(alert.opened_at, lang), id=alert.id)
    yield message("alert.footer", lang)
    if notice.contact:
        yield message("alert.contact", lang, contact=notice.contact)


def day_line(notice: Notice) -> str:
    """Return the day of the alert, or its first and last."""
    return day_span(notice.alert.day, notice.alert.last_day, notice.lang)


def story_views(notice: Notice) -> list[StoryView]:
    """Return the stories to print, those with most outlets first."""
    by_id: dict[str, list[AlertStory]] = {}
    for story in notice.alert.stories:
        by_id.setdefault(story.id, []).append(story)
    return [_story(days, notice.lang) for days in by_id.values()][:STORIES_SHOWN]


def stories_left(notice: Notice) -> str:
    """Return ``và 3 nội dung khác``; empty when all are printed."""
    left = len({story.id for story in notice.alert.stories}) - STORIES_SHOWN
    return message("alert.stories_more", notice.lang, count=number(left, notice.lang)) if left > 0 else ""


def kibana_link(notice: Notice) -> str:
    """Return the address of the negative articles of the alert's days; empty where there is none."""
    alert = notice.alert
    if not notice.kibana_url:
        return ""
    until = local_hour(alert.last_day + timedelta(days=1)) - LAST_INSTANT
    return articles_link(notice.kibana_url, local_hour(alert.day), until, section_filters("negative", notice.lang))


def outlets_count(count: int, lang: Lang) -> str:
    """Return ``4 báo``."""
    return message(f"alert.story_outlets_{'one' if count == 1 else 'other'}", lang, count=number(count, lang))


def _what(alert: Alert, lang: Lang) -> str:
    if alert.kind == "grave":
        return message("alert.what_grave", lang)
    observed = reports_count(alert.observed, lang)
    if alert.expected is None:
        return message("alert.what_spike_unknown", lang, observed=observed)
    return message("alert.what_spike", lang, observed=observed, expected=number(alert.expected, lang))


def _chance(p_value: float, lang: Lang) -> str:
    if p_value < TINY_CHANCE:
        return message("alert.chance_tiny", lang)
    return message("alert.chance_percent", lang, percent=number(100 * p_value, lang))


def _story(days: Sequence[AlertStory], lang: Lang) -> StoryView:
    first = min(days, key=lambda one: one.published_at)
    outlets = max(one.outlets for one in days)
    key = "story_first" if outlets > 1 else "story_only"
    source = message(f"alert.{key}", lang, outlet=first.outlet, at=moment(first.published_at, lang))
    marks = dict.fromkeys(mark for one in days for mark in one.marks)
    return StoryView(
        title=first.title,
        link=first.url if first.url.startswith(("http://", "https://")) else "",
        source=f"{outlets_count(outlets, lang)} · {source}" if outlets > 1 else source,
        marks=tuple(message(f"alert.mark_{mark}", lang) for mark in marks),
        sentence=next((one.sentence for one in days if one.sentence), ""),
        language="" if first.language in ("", lang) else first.language,
    )
