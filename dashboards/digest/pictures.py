"""The two charts of a digest, each with the same figures in words."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from config.messages import Lang, message
from dashboards.charts import ToneRow, tone_chart
from dashboards.digest.typography import number, short_day
from dashboards.digest.wording import tone_name
from pipeline.digest.build import CHART_DAYS
from pipeline.digest.period import period_of
from pipeline.records import DayCount, Digest, OutletTone, Tone

CHART_OUTLETS = 10
MOST_COLUMNS = 14
"""More days than these have no room for their figures side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart as PNG."""

    name: str
    """File name without extension; part of the content id."""
    title: str
    """Empty for the one that stands below the table it draws."""
    alt: str
    """The same figures in words."""
    png: bytes


@lru_cache(maxsize=4)
def pictures_of(digest: Digest, *, scale: float = 2.0) -> tuple[Picture, ...]:
    """Draw outlet × tone and the last seven days; kept, because page and mail show the same pictures.

    Nothing is drawn for an edition without reports.
    """
    lang = digest.language
    if not digest.counts.total:
        return ()
    tone_names: dict[Tone, str] = {
        "positive": tone_name("positive", lang),
        "neutral": tone_name("neutral", lang),
        "negative": tone_name("negative", lang),
    }
    gap = message("digest.chart_gap", lang)
    outlets = [ToneRow(label=row.outlet, counts=_tones(row)) for row in digest.outlet_tones[:CHART_OUTLETS]]
    pictures = [
        Picture(
            name="outlets",
            title="",
            alt=outlets_in_words(digest),
            png=tone_chart(outlets, bars="across", tone_names=tone_names, no_data=gap, scale=scale),
        )
    ]
    if days_fit(digest):
        pictures.append(
            Picture(
                name="days",
                title=message(f"digest.days_title{_words(digest)}", lang),
                alt=days_in_words(digest),
                png=tone_chart(_day_rows(digest), bars="up", tone_names=tone_names, no_data=gap, scale=scale),
            )
        )
    return tuple(pictures)


def days_fit(digest: Digest) -> bool:
    """Tell whether there is a chart of the days: more than one, and not so many that nobody can read them."""
    return 1 < len(digest.last_days) <= MOST_COLUMNS


def outlets_in_words(digest: Digest) -> str:
    """Return what the outlet chart shows as one sentence."""
    lang = digest.language
    rows = (
        message(
            "digest.chart_outlet_row",
            lang,
            outlet=row.outlet,
            total=number(sum(_tones(row).values()), lang),
            **{tone: number(count, lang) for tone, count in _tones(row).items()},
        )
        for row in digest.outlet_tones[:CHART_OUTLETS]
    )
    return message("digest.chart_outlets_alt", lang, rows="; ".join(rows))


def days_in_words(digest: Digest) -> str:
    """Return what the seven-day chart shows as one sentence."""
    lang = digest.language
    rows = (
        message("digest.chart_day_row", lang, day=row.label, total=_total_in_words(row, lang))
        for row in _day_rows(digest)
    )
    return message(f"digest.chart_days_alt{_words(digest)}", lang, rows="; ".join(rows))


def _words(digest: Digest) -> str:
    return "" if digest.kind == "daily" else "_period"


def _total_in_words(row: ToneRow, lang: Lang) -> str:
    return message("digest.chart_no_data", lang) if row.counts is None else number(sum(row.counts.values()), lang)


def _day_rows(digest: Digest) -> list[ToneRow]:
    known = {count.day: _tones(count) for count in digest.last_days}
    shown = CHART_DAYS if digest.kind == "daily" else len(period_of(digest).days)
    days = [digest.date - timedelta(days=back) for back in range(shown - 1, -1, -1)]
    return [ToneRow(label=short_day(day, digest.language), counts=known.get(day)) for day in days]


def _tones(row: OutletTone | DayCount) -> dict[Tone, int]:
    return {"positive": row.positive, "neutral": row.neutral, "negative": row.negative}
