"""Alerts as they are found: figures, stories, first sources, sentences."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from config.alert_rules import AlertRules
from config.messages import Lang
from pipeline.alerts.days import Verdict
from pipeline.alerts.reports import NegativeReport
from pipeline.digest.mute import phrase_pattern, says
from pipeline.digest.summary import clean_line, outlet_name, printed_title, shorten
from pipeline.records import ALERT_LEVELS, Alert, AlertDay, AlertStory, Qualifier
from pipeline.stories.story import story_key

SENTENCE_CHARS = 240
"""Of the sentence that carried the tone: enough to judge it, too little to replace the article."""


def spike_alert(
    unit: str, verdict: Verdict, reports: Sequence[NegativeReport], days: Sequence[AlertDay], lang: Lang, now: datetime
) -> Alert | None:
    """Return the alert that a day's verdict calls for, with its reports as evidence; None when it calls for none."""
    if verdict.level is None:
        return None
    return Alert(
        id=f"{unit}-{verdict.day:%Y%m%d}",
        unit=unit,
        kind="spike",
        level=verdict.level,
        day=verdict.day,
        last_day=verdict.day,
        peak_day=verdict.day,
        observed=verdict.observed,
        expected=verdict.expected,
        p_value=verdict.p_value,
        outlets=len({report.doc.source_id for report in reports}),
        qualifiers=verdict.qualifiers,
        stories=stories_of(reports),
        days=tuple(days),
        events=tuple(event.title(lang) for event in verdict.events),
        opened_at=now,
        raised_at=now,
        updated_at=now,
    )


def grave_alerts(
    unit: str,
    verdict: Verdict,
    reports: Sequence[NegativeReport],
    days: Sequence[AlertDay],
    rules: AlertRules,
    now: datetime,
) -> list[Alert]:
    """Return an alert for each story with an article that is grave enough alone, whatever the day's count."""
    found = []
    grave = [report for report in reports if _is_grave(report, rules)]
    for story in stories_of(grave):
        matter = _matter([report for report in grave if report.doc.id in story.documents], rules)
        found.append(
            Alert(
                id=f"{unit}-{verdict.day:%Y%m%d}-{story.documents[0][:8]}",
                unit=unit,
                kind="grave",
                level=ALERT_LEVELS[rules.grave.level],
                day=verdict.day,
                last_day=verdict.day,
                peak_day=verdict.day,
                observed=verdict.observed,
                expected=verdict.expected,
                p_value=verdict.p_value,
                outlets=story.outlets,
                qualifiers=story.marks,
                stories=(replace(story, matter=matter),),
                days=tuple(days),
                opened_at=now,
                raised_at=now,
                updated_at=now,
            )
        )
    return found


def stories_of(reports: Sequence[NegativeReport]) -> tuple[AlertStory, ...]:
    """Return the stories that the reports of one day tell, those with most outlets first."""
    grouped: dict[str, list[NegativeReport]] = {}
    for report in reports:
        grouped.setdefault(story_key(report.doc), []).append(report)
    return ranked([_story(key, members) for key, members in grouped.items()])


def ranked(stories: Sequence[AlertStory]) -> tuple[AlertStory, ...]:
    """Order by outlets, then by what weighs more, then by time."""
    return tuple(sorted(stories, key=lambda one: (-one.outlets, -len(one.marks), one.published_at, one.id)))


def _is_grave(report: NegativeReport, rules: AlertRules) -> bool:
    """A sensitive topic in the foreign press or an outlet of the first tier, and no doubt of topic, tone and unit."""
    grave, own = rules.grave, report.own
    certain = (
        report.sensitive_score >= grave.topic_score
        and own.score >= grave.relevance_score
        and (own.tone_score or 0.0) >= grave.tone_score
    )
    return grave.enabled and certain and (report.doc.foreign or report.top_tier)


def _matter(reports: Sequence[NegativeReport], rules: AlertRules) -> str:
    """Return the lasting matter that all reports are about, and nothing else that is sensitive; empty: none."""
    for name, matter in rules.grave.lasting.items():
        pattern = phrase_pattern(matter.phrases)
        if all(report.sensitive_topics == {matter.topic} and says(report.doc, pattern) for report in reports):
            return name
    return ""


def _story(key: str, reports: Sequence[NegativeReport]) -> AlertStory:
    first = reports[0].doc
    surest = max(reports, key=lambda report: report.own.tone_score or 0.0)
    sentence = clean_line(surest.own.evidence[0]) if surest.own.evidence else ""
    marks: dict[Qualifier, bool] = {
        "sensitive": any(report.sensitive for report in reports),
        "foreign": any(report.doc.foreign for report in reports),
        "tier_1": any(report.top_tier for report in reports),
    }
    return AlertStory(
        id=key,
        day=reports[0].day,
        title=printed_title(first),
        url=first.article.url,
        outlet=outlet_name(first),
        country=first.country,
        language=first.language,
        published_at=first.article.published_at,
        outlets=len({report.doc.source_id for report in reports}),
        sentence="" if sentence == printed_title(surest.doc) else shorten(sentence, SENTENCE_CHARS),
        tone_score=round(surest.own.tone_score or 0.0, 4),
        marks=tuple(mark for mark, holds in marks.items() if holds),
        documents=tuple(report.doc.id for report in reports),
    )
