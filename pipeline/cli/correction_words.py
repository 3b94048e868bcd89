"""Corrections and judgements in words, and as plain JSON."""

from collections.abc import Iterable, Iterator
from typing import Any

from classifiers.topics import topic_label
from config.localtime import LOCAL_ZONE, spell_local
from config.messages import Lang, message
from config.units import unit_names
from pipeline.corrections import Correction
from pipeline.records import Annotation, Document, Mark


def correction_words(one: Correction, version: int, lang: Lang) -> str:
    """Return what a correction says, and whether it still stands; ``version`` is the article's of today."""
    parts = list(_said(one, lang))
    if one.version < version:
        parts.append(message("corrections.before_edit", lang))
    if one.undone_at:
        parts.append(message("corrections.undone", lang, by=one.undone_by, at=spell_local(one.undone_at)))
    return " · ".join(parts)


def judgement_words(annotation: Annotation | None, lang: Lang) -> str:
    """Return ``Cao Bằng: nói về, tiêu cực · sự việc xấu: không · chủ đề: …``; a dash for what was not read."""
    if annotation is None:
        return "–"
    parts = [
        f"{unit_names()[one.unit]}: "
        + ", ".join(
            [message(f"corrections.relevance_{one.relevance}", lang)]
            + ([message(f"cli.tone_{one.tone}", lang)] if one.tone else [])
        )
        for one in annotation.assessments
    ]
    parts.append(message("corrections.bad_event", lang, value=_yes(annotation.bad_event, lang)))
    if annotation.topics:
        parts.append(message("corrections.topics", lang, value=_topics((one.id for one in annotation.topics), lang)))
    return " · ".join(parts)


def mark_words(marks: Iterable[Mark], lang: Lang) -> str:
    """Return ``đã hiệu đính · bài đã gỡ``."""
    return " · ".join(message(f"corrections.mark_{mark}", lang) for mark in marks)


def correction_row(one: Correction, doc: Document) -> dict[str, Any]:
    """Return a correction as plain JSON, its article named."""
    return {
        "number": one.number,
        "id": doc.id,
        "title": doc.article.title,
        "url": doc.article.url,
        "by": one.made_by,
        "at": one.made_at.astimezone(LOCAL_ZONE).isoformat(),
        "version": one.version,
        "before_edit": one.version < doc.version,
        "unit": one.unit,
        "relevance": one.relevance,
        "tone": one.tone,
        "bad_event": one.bad_event,
        "topics": None if one.topics is None else list(one.topics),
        "drop": one.dropped,
        "note": one.note,
        "undone_by": one.undone_by,
        "undone_at": one.undone_at.astimezone(LOCAL_ZONE).isoformat() if one.undone_at else None,
    }


def judgement_row(annotation: Annotation | None) -> dict[str, Any] | None:
    """Return a judgement as plain JSON; None for an article that was not read."""
    if annotation is None:
        return None
    return {
        "topics": [one.id for one in annotation.topics],
        "bad_event": annotation.bad_event,
        "units": [
            {
                "unit": one.unit,
                "relevance": one.relevance,
                "score": one.score,
                "tone": one.tone,
                "tone_score": one.tone_score,
            }
            for one in annotation.assessments
        ],
    }


def _said(one: Correction, lang: Lang) -> Iterator[str]:
    if one.unit and one.relevance:
        yield f"{unit_names()[one.unit]}: {message(f'corrections.relevance_{one.relevance}', lang)}"
    if one.tone:
        yield message("corrections.tone", lang, value=message(f"cli.tone_{one.tone}", lang))
    if one.bad_event is not None:
        yield message("corrections.bad_event", lang, value=_yes(one.bad_event, lang))
    if one.topics is not None:
        yield message("corrections.topics", lang, value=_topics(one.topics, lang))
    if one.dropped:
        yield message("corrections.dropped", lang)


def _topics(ids: Iterable[str], lang: Lang) -> str:
    return ", ".join(topic_label(topic, lang) for topic in ids)


def _yes(value: bool, lang: Lang) -> str:
    return message(f"corrections.value_{'yes' if value else 'no'}", lang)
