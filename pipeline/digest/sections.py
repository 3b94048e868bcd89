"""From stories to the sections and items that are printed: the little text that leaves the system, and labels."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from config.messages import message
from pipeline.digest.editing import ItemTexts
from pipeline.digest.period import Period
from pipeline.digest.ranking import fitting_sections, lead_in
from pipeline.digest.reports import DigestPlan, Report
from pipeline.digest.stories import ToldStory
from pipeline.digest.summary import clean_line, outlet_name, printed_summary, printed_title
from pipeline.digest.topics import leading_topic
from pipeline.digest.window import edition_day
from pipeline.records import (
    Copy,
    DigestItem,
    DigestSection,
    Document,
    EditedText,
    SectionId,
    TopicCount,
)

TOPICS_KEPT = 3
WHY_KEPT = 4
REFERRING: frozenset[SectionId] = frozenset({"foreign", "prominent", "related"})
"""Sections that point at what another section owns; tone sections would only repeat the label."""


def build_section(
    section: SectionId,
    owned: Sequence[ToldStory],
    plan: DigestPlan,
    period: Period,
    texts: Mapping[str, ItemTexts],
    *,
    cap: int | None,
) -> DigestSection:
    """Return a section that lists ``cap`` of its stories (None: all) and counts the reports of the others."""
    folded = owned[cap:] if cap is not None else ()
    topics: Counter[str] = Counter()
    for story in folded:
        topics[leading_topic(topic_ids(lead_in(story, section, plan.sensitive).doc))] += len(story.reports)
    return DigestSection(
        id=section,
        title=message(f"digest.section_{section}", plan.language),
        items=tuple(build_item(story, section, plan, period, texts.get(story.key)) for story in owned[:cap]),
        folded=topics.total(),
        folded_topics=tuple(
            TopicCount(topic=topic, reports=count)
            for topic, count in sorted(topics.items(), key=lambda pair: (-pair[1], pair[0]))
        ),
    )


def build_item(
    story: ToldStory, owner: SectionId, plan: DigestPlan, period: Period, texts: ItemTexts | None = None
) -> DigestItem:
    """Return a story as the section that owns it lists it, with the editor's ``texts`` in place of the found ones."""
    report = lead_in(story, owner, plan.sensitive)
    doc, own, article = report.doc, report.own, report.doc.article
    opens_at, _ = period.window(plan.hour)
    title, summary = printed_title(doc), printed_summary(doc)
    new_title = texts.title if texts and texts.title else title
    new_summary = texts.summary if texts and texts.summary is not None else summary
    articles = sum(one.articles for one in story.reports)
    went_on = story.began_at < min(opens_at, story.reports[0].published_at)
    language = _language(doc)
    return DigestItem(
        id=doc.id,
        url=article.url,
        title=new_title,
        original_title=None if language in ("vi", "") else title,
        outlet=outlet_name(doc),
        outlet_id=doc.source_id,
        country=doc.country,
        language=language,
        published_at=_whole_second(article.published_at),
        tone=report.tone,
        tone_score=round(own.tone_score or 0.0, 4),
        bad_event=any(one.doc.annotation.bad_event for one in story.reports if one.doc.annotation),
        topics=topic_ids(doc),
        units=_units(doc, own.unit),
        why=tuple(line for line in map(clean_line, own.why[:WHY_KEPT]) if line),
        summary=new_summary,
        copies=tuple(_copy(one) for one in story.reports if one is not report),
        late=article.published_at < opens_at,
        also=tuple(one for one in _fitting(story, plan, period) if one != owner and one in REFERRING),
        marks=(*doc.marks, "regrouped") if story.regrouped else doc.marks,
        story=doc.story or "",
        articles=articles if articles > len(story.reports) else 0,
        sure=report.sure if report.tone == "negative" else None,
        first_seen_at=_whole_second(story.began_at) if story.began_at < article.published_at else None,
        since=edition_day(story.began_at, plan.hour) if went_on else None,
        edited=(
            *([EditedText(field="title", was=title)] if new_title != title else ()),
            *([EditedText(field="summary", was=summary)] if new_summary != summary else ()),
        ),
    )


def topic_ids(doc: Document) -> tuple[str, ...]:
    return tuple(topic.id for topic in doc.annotation.topics[:TOPICS_KEPT]) if doc.annotation else ()


def _fitting(story: ToldStory, plan: DigestPlan, period: Period) -> tuple[SectionId, ...]:
    return () if period.kind == "foreign-weekly" else fitting_sections(story, plan.sensitive)


def _copy(report: Report) -> Copy:
    return Copy(outlet=outlet_name(report.doc), url=report.doc.article.url, tone=report.tone)


def _language(doc: Document) -> str:
    return doc.language or (doc.annotation.language if doc.annotation else "") or doc.article.language


def _units(doc: Document, own: str) -> tuple[str, ...]:
    assessments = doc.annotation.assessments if doc.annotation else ()
    others = {one.unit for one in assessments if one.relevance == "about"} - {own}
    return (own, *sorted(others))


def _whole_second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
