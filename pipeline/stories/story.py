"""A story made of the documents that tell it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from pipeline.records import Assessment, Document, Story, StoryReport, Tone, UnitTone
from pipeline.stories.title import choose_title


def build_stories(docs: Iterable[Document], *, edited: frozenset[str] = frozenset()) -> list[Story]:
    """Return the stories that some documents tell, oldest first; an article without a story is its own.

    ``edited`` holds the ids of those that a person had a hand in.
    """
    grouped: dict[str, list[Document]] = {}
    for doc in docs:
        grouped.setdefault(story_key(doc), []).append(doc)
    stories = [replace(build_story(members), edited=key in edited) for key, members in grouped.items()]
    return sorted(stories, key=lambda story: (story.first.published_at, story.id))


def build_story(docs: Sequence[Document]) -> Story:
    """Return the story of one or more documents that share it. Raises ValueError when there is none."""
    if not docs:
        raise ValueError("a story has at least one document")
    ordered = sorted(docs, key=precedence)
    by_outlet: dict[str, list[Document]] = {}
    for doc in ordered:
        by_outlet.setdefault(doc.source_id, []).append(doc)
    return Story(
        id=story_key(ordered[0]),
        title=choose_title([(doc.article.title, doc.language) for doc in ordered]),
        reports=tuple(_report(first, 1 + len(rest)) for first, *rest in by_outlet.values()),
        last_at=ordered[-1].article.published_at,
        tones=_tones(by_outlet.values()),
    )


def story_key(doc: Document) -> str:
    """Return the id of the story an article tells; its own id until stories were looked for."""
    return doc.story or doc.id


def precedence(doc: Document) -> tuple[datetime, int, str]:
    """Return what decides which of two articles came first: publication, then the wider outlet."""
    return doc.article.published_at, doc.tier, doc.id


def _report(doc: Document, articles: int) -> StoryReport:
    return StoryReport(
        document_id=doc.id,
        url=doc.article.url,
        title=doc.article.title,
        source_id=doc.source_id,
        outlet=doc.outlet,
        tier=doc.tier,
        country=doc.country,
        language=doc.language,
        published_at=doc.article.published_at,
        copy_of=doc.copy_of,
        articles=articles,
    )


def _tones(outlets: Iterable[Sequence[Document]]) -> tuple[UnitTone, ...]:
    """Count for each unit the tone of every outlet's first article about it."""
    counts: dict[tuple[str, str], dict[Tone, int]] = {}
    for docs in outlets:
        first: dict[str, Assessment] = {}
        for doc in docs:
            for one in doc.annotation.assessments if doc.annotation else ():
                if one.relevance == "about":
                    first.setdefault(one.unit, one)
        for one in first.values():
            tones = counts.setdefault((one.unit, one.current), {"negative": 0, "neutral": 0, "positive": 0})
            tones[one.tone or "neutral"] += 1
    return tuple(UnitTone(unit=unit, current=current, **tones) for (unit, current), tones in sorted(counts.items()))
