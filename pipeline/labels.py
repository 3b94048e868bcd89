"""What persons corrected, as labelled items that `classifiers.labelled` reads and ``diembao evaluate`` scores.

Labels belong to the text that was read: what was said of an earlier version goes with the text of that version. That an
article is no matter of ours is a choice of the office and no label of the models', so it is not among them.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from pipeline.corrections import Correction, Said, in_force, last_words
from pipeline.digest.judgement import naming_of
from pipeline.records import Document
from pipeline.store.documents import OlderVersion

RELEVANCE_LABELS = {"about": "about", "mention": "mention", "none": "not_it"}


def labelled_rows(
    doc: Document, older: Sequence[OlderVersion], corrections: Sequence[Correction], own: frozenset[str]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each unit that corrections in force speak of, by version, oldest first.

    Labels of the whole document stand in the first row of its version; without a unit of their own they go with the one
    it was judged for, of the ``own`` units before others.
    """
    texts = {one.version: one for one in older}
    for version, group in groupby(sorted(in_force(corrections), key=lambda one: one.version), lambda one: one.version):
        said_by = list(group)
        for labels in _labels(last_words(said_by), _unit(doc, own)):
            yield _item(doc, texts.get(version)) | labels | _signed(said_by)


def _labels(said: Said, fallback: str) -> Iterator[dict[str, Any]]:
    whole: dict[str, Any] = {} if said.bad_event is None else {"bad_event": said.bad_event}
    whole |= {} if said.topics is None else {"topics": list(said.topics)}
    for unit, one in said.units.items():
        relevance = RELEVANCE_LABELS[one.relevance] if one.relevance else None
        yield {"unit": unit, "relevance": relevance, "tone": one.tone} | whole
        whole = {}
    if whole:
        yield {"unit": fallback} | whole


def _unit(doc: Document, own: frozenset[str]) -> str:
    judged = naming_of(doc, own) or next(iter(doc.annotation.assessments if doc.annotation else ()), None)
    return judged.unit if judged else min(own)


def _item(doc: Document, older: OlderVersion | None) -> dict[str, Any]:
    article = doc.article
    return {
        "id": doc.id,
        "title": older.title if older else article.title,
        "summary": older.lead if older else article.lead,
        "text": older.text if older else article.text,
        "url": article.url,
        "outlet": doc.outlet,
        "published_at": article.published_at.isoformat(),
    }


def _signed(said_by: Sequence[Correction]) -> dict[str, Any]:
    notes = [one.note for one in said_by if one.note]
    return {
        "by": ", ".join(dict.fromkeys(one.made_by for one in said_by)),
        "at": max(one.made_at for one in said_by).isoformat(),
    } | ({"note": " · ".join(notes)} if notes else {})
