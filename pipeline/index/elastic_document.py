"""A document as Elasticsearch keeps it: the fields of ``elastic_template.json``.

- For people in Kibana: ``title``, ``lead``, ``text`` as written, each with ``.folded`` where accents do not count;
  labels flat for the installation's own province (``unit``, ``relevance``, ``tone``), nested for every unit judged. A
  dropped document has no flat ones, so that no chart counts it.
- For this program's own queries: ``search.*``, the tokens of `pipeline.index.tokens` joined by blanks, so that both
  indexes find the same; not part of what the server gives back.
- ``words``: words of several syllables joined by ``_`` (``an_ninh``), so that their order counts.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, cast

from config.localtime import local_day
from pipeline.index.query import outlet_key
from pipeline.index.tokens import normalise, token_forms, tokens
from pipeline.index.topic_names import with_parents
from pipeline.records import Assessment, Document

TEMPLATE = Path(__file__).with_name("elastic_template.json")

Forms = tuple[str, str]
"""A token, exact and plain."""

WRITE_BITS = 40
"""Low bits of an external version that number the write; above them stands the document's own version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnView:
    """What the flat fields need to know of the installation."""

    judge: Callable[[Document], Assessment | None] = lambda _: None
    """What a document says about the own province; None when it does not name it."""
    is_sensitive: Callable[[Document], bool] = lambda _: False


def template() -> dict[str, Any]:
    """Return settings and mappings of an index."""
    return cast(dict[str, Any], json.loads(TEMPLATE.read_text(encoding="utf-8")))


def external_version(doc: Document, write: int = 0) -> int:
    """Return the version that Elasticsearch compares: the document's own, then the ``write`` (an outbox number).

    A document judged anew keeps its version; the number of the write then tells which labels are newer.
    """
    return (doc.version << WRITE_BITS) | write


def to_source(doc: Document, own: OwnView) -> dict[str, Any]:
    """Return the body of a document, plain JSON; fields without a value are left out."""
    article, annotation = doc.article, doc.annotation
    assessments = annotation.assessments if annotation else ()
    topics = [topic.id for topic in annotation.topics] if annotation else []
    title, lead, text = map(token_forms, (article.title, article.lead, article.text))
    compounds = annotation.compounds if annotation else ()
    source: dict[str, Any] = {
        "id": doc.id,
        "version": doc.version,
        "url": article.url,
        "outlet": {
            "id": doc.source_id,
            "name": doc.outlet,
            "tier": doc.tier,
            "kind": doc.kind,
            "country": doc.country,
            "foreign": doc.foreign,
        },
        "language": doc.language,
        "title": article.title,
        "lead": article.lead,
        "text": article.text,
        "published_at": _instant(article.published_at),
        "fetched_at": _instant(doc.fetched_at),
        "day": local_day(article.published_at).isoformat(),
        "topics": topics,
        "topic_tree": list(dict.fromkeys(chain.from_iterable(map(with_parents, topics)))),
        "sensitive": own.is_sensitive(doc),
        "story": doc.story or doc.id,
        "copies": doc.copies,
        "units": list(dict.fromkeys(one.unit for one in assessments)),
        "assessments": [_assessment(one, annotation.bad_event) for one in assessments] if annotation else [],
        "search": {
            "title": _exact(title),
            "title_plain": _plain(title),
            "all": [_exact(part) for part in (title, lead, text) if part],
            "all_plain": [_plain(part) for part in (title, lead, text) if part],
            "outlet_keys": list(dict.fromkeys((outlet_key(doc.source_id), outlet_key(doc.outlet)))),
        },
    }
    if topics:
        source["topic"] = topics[0].partition(".")[0]
    if annotation:
        source |= {"bad_event": annotation.bad_event, "bad_event_score": annotation.bad_event_score}
    if doc.marks:
        source["marks"] = list(doc.marks)
    if doc.copy_of:
        source["copy_of"] = doc.copy_of
    if compounds:
        parts = (article.title, article.lead, article.text)
        source["words"] = [segmented(part, compounds) for part in parts if part]
    return source | ({} if doc.dropped else _flat(own.judge(doc)))


def segmented(text: str, compounds: Sequence[str]) -> str:
    """Return the words of a text, lower case, as written; the syllables of one word are joined by ``_``.

    The longest of the ``compounds`` that fits is taken.
    """
    normalised = normalise(text)
    found = list(tokens(normalised))
    written = [normalised[token.start : token.end].lower() for token in found]
    lengths = _lengths([token.exact for token in found], _by_first(tuple(compounds)))
    return " ".join("_".join(written[start : start + length]) for start, length in lengths)


def _lengths(forms: Sequence[str], known: Mapping[str, Sequence[tuple[str, ...]]]) -> Iterator[tuple[int, int]]:
    """Yield where each word begins and how many tokens it has."""
    place = 0
    while place < len(forms):
        fitting = (len(word) for word in known.get(forms[place], ()) if tuple(forms[place : place + len(word)]) == word)
        length = next(fitting, 1)
        yield place, length
        place += length


@lru_cache(maxsize=4)
def _by_first(compounds: tuple[str, ...]) -> dict[str, list[tuple[str, ...]]]:
    """Return the token sequences by their first token, longest first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    sequences = {tuple(exact for exact, _ in token_forms(compound)) for compound in compounds}
    for sequence in sorted(sequences, key=lambda one: (-len(one), one)):
        if sequence:
            found.setdefault(sequence[0], []).append(sequence)
    return found


def _exact(found: Sequence[Forms]) -> str:
    return " ".join([exact for exact, _ in found])


def _plain(found: Sequence[Forms]) -> str:
    return " ".join([plain for _, plain in found])


def _instant(at: datetime) -> str:
    return at.isoformat()


def _assessment(one: Assessment, bad_event: bool) -> dict[str, Any]:
    labels: dict[str, Any] = {
        "unit": one.unit,
        "current": one.current,
        "relevance": one.relevance,
        "score": one.score,
        "bad_event": bad_event,
        "evidence": list(one.evidence),
        "matched": list(one.matched),
    }
    if one.tone:
        labels |= {"tone": one.tone, "tone_score": one.tone_score}
    return labels


def _flat(one: Assessment | None) -> dict[str, Any]:
    if one is None:
        return {}
    labels: dict[str, Any] = {
        "unit": one.unit,
        "current": one.current,
        "relevance": one.relevance,
        "relevance_score": one.score,
        "evidence": list(one.evidence),
    }
    if one.tone:
        labels |= {"tone": one.tone, "tone_score": one.tone_score}
    return labels
