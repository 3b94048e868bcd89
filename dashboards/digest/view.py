"""A digest in words, laid out once: the HTML and its text twin print this, so they tell the same in the same order."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.messages import Lang, catalogue, message
from dashboards.digest.kibana import edition_link
from dashboards.digest.overview import (
    edition_title,
    footer_lines,
    kind_title,
    revision_line,
    subject_of,
    summary_lines,
)
from dashboards.digest.section_view import SectionView, section_views
from dashboards.digest.typography import full_moment, number, short_day
from dashboards.digest.wording import TONES, reports_count, tone_name, unit_title
from pipeline.records import Digest, DigestAlert, EditorsPart, OutletTone, Tone

OUTLET_ROWS = 20

ALERTS_SHOWN = 8
TOP_LEVEL = 3
CALM_LEVEL = 1
"""Alerts below this level are to be watched; from it on they are printed as warnings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    level: str
    title: str
    facts: str
    """Unit, day, and observed against expected."""
    grave: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorView:
    """What a person wrote."""

    title: str
    outlook: tuple[str, ...]
    proposals_title: str
    proposals: tuple[str, ...]


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
    alerts_title: str
    alerts: tuple[AlertView, ...]
    alerts_more: str
    summary_title: str
    summary: tuple[str, ...]
    kibana: str
    """Address of the dashboard over the edition's window; empty: no link."""
    kibana_name: str
    """What its links say."""
    sections: tuple[SectionView, ...]
    editor: EditorView | None
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
        masthead=kind_title(digest),
        unit=unit_title(digest.province, lang),
        day=edition_title(digest),
        window=message(
            "digest.masthead_window",
            lang,
            from_at=full_moment(digest.window_from_at, lang),
            to_at=full_moment(digest.window_to_at, lang),
        ),
        revision=revision_line(digest),
        internal=message("digest.internal", lang) if digest.internal else "",
        tones=tuple((tone, tone_name(tone, lang), getattr(counts, tone)) for tone in TONES),
        total=counts.total,
        total_name=message("digest.column_total", lang),
        alerts_title=message("digest.alerts_title", lang),
        alerts=tuple(_alert(alert, lang) for alert in digest.alerts[:ALERTS_SHOWN]),
        alerts_more=_more_alerts(len(digest.alerts) - ALERTS_SHOWN, lang),
        summary_title=message("digest.summary_title", lang),
        summary=tuple(summary_lines(digest)),
        kibana=edition_link(digest),
        kibana_name=message("kibana.view", lang),
        sections=tuple(section_views(digest)),
        editor=_editor(digest),
        table_title=message("digest.table_title", lang),
        columns=(
            message("digest.column_outlet", lang),
            message("digest.column_total", lang),
            *(tone_name(tone, lang) for tone in TONES),
        ),
        outlets=_outlet_rows(digest.outlet_tones, lang),
        footer=tuple(footer_lines(digest)),
    )


def _alert(alert: DigestAlert, lang: Lang) -> AlertView:
    known = catalogue("digest", lang)
    state = known.get(f"alert_state_{alert.state}", "")
    usual = alert.kind == "spike" and alert.expected is not None
    facts = message(
        "digest.alert_facts" if usual else f"digest.alert_facts_{'grave' if alert.kind == 'grave' else 'unknown'}",
        lang,
        unit=unit_title(alert.unit, lang),
        day=short_day(alert.day, lang),
        observed=reports_count(alert.observed, lang),
        expected=number(alert.expected or 0.0, lang),
    )
    return AlertView(
        level=message(f"digest.alert_level_{max(0, min(alert.level, TOP_LEVEL))}", lang),
        title=alert.title,
        facts=f"{facts} · {state}" if state else facts,
        grave=alert.level >= CALM_LEVEL,
    )


def _more_alerts(count: int, lang: Lang) -> str:
    return message("digest.alerts_more", lang, count=number(count, lang)) if count > 0 else ""


def _editor(digest: Digest) -> EditorView | None:
    editor, lang = digest.editor, digest.language
    if editor is None or not (editor.outlook or editor.proposals):
        return None
    return EditorView(
        title=_editor_title(editor, digest),
        outlook=editor.outlook,
        proposals_title=message("digest.proposals_title", lang) if editor.outlook and editor.proposals else "",
        proposals=editor.proposals,
    )


def _editor_title(editor: EditorsPart, digest: Digest) -> str:
    if digest.kind == "foreign-weekly":
        return message("digest.remarks_title", digest.language)
    if not editor.outlook:
        return message("digest.proposals_title", digest.language)
    return message("digest.editor_title" if editor.proposals else "digest.outlook_title", digest.language)


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
    positive, neutral, negative = (sum(getattr(one, tone) for one in outlets) for tone in TONES)
    return OutletRow(
        outlet=name, total=positive + neutral + negative, positive=positive, neutral=neutral, negative=negative
    )
