"""Documents to rows of the ``document`` table and back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, cast

from pydantic import TypeAdapter
from sqlalchemy import RowMapping

from pipeline.records import Annotation, Article, CorrectionKind, Document

_ANNOTATIONS = TypeAdapter(Annotation)

_OWN_HASHES = frozenset({"id", "title", "lead", "text", "fetched_at", "text_fetched_at", "version"})
"""Columns that other hashes cover, or that do not make a document another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatedBy:
    """Who made the annotations, and for whom; what a reprocessing compares."""

    units: frozenset[str]
    """Historic units that were judged."""
    version: str
    """Of the annotator: rules and models together."""


def to_row(doc: Document, annotated_by: AnnotatedBy | None) -> dict[str, Any]:
    """Return the values of all columns. The version and the first fetch are those of a document seen first."""
    article = doc.article
    row: dict[str, Any] = {
        "id": doc.id,
        "url": storable(article.url),
        "title": storable(article.title),
        "lead": storable(article.lead),
        "text": storable(article.text),
        "published_at": article.published_at,
        "published_raw": storable(article.published_raw),
        "author": storable(article.author),
        "section": storable(article.section),
        "page_outlet": storable(article.outlet),
        "page_language": storable(article.language),
        "flags": " ".join(article.flags),
        "rules": storable(json.dumps(dict(article.rules), ensure_ascii=False, sort_keys=True)),
        "source_id": doc.source_id,
        "outlet": storable(doc.outlet),
        "country": doc.country,
        "tier": doc.tier,
        "kind": doc.kind,
        "language": doc.language,
        "gate_units": " ".join(doc.gate_units),
        "annotation": None if doc.annotation is None else annotation_to_json(doc.annotation),
        "assessed": doc.annotation is not None and bool(doc.annotation.assessments),
    }
    row["headline_hash"] = digest_of(row["title"], row["lead"])
    row["text_hash"] = digest_of(row["text"]) if row["text"] else ""
    row["record_hash"] = digest_of(*(str(value) for name, value in row.items() if name not in _OWN_HASHES))
    row["version"] = 1
    row["fetched_at"] = min(doc.fetched_at, article.fetched_at)
    row["text_fetched_at"] = article.fetched_at
    row["annotator_units"] = unit_key(annotated_by.units) if annotated_by else None
    row["annotator_version"] = annotated_by.version if annotated_by else None
    return row


def to_document(row: RowMapping) -> Document:
    """Return the document of one row with all columns."""
    return Document(
        id=row["id"],
        article=Article(
            url=row["url"],
            title=row["title"],
            lead=row["lead"],
            text=row["text"],
            published_at=row["published_at"],
            fetched_at=row["text_fetched_at"],
            published_raw=row["published_raw"],
            author=row["author"],
            section=row["section"],
            outlet=row["page_outlet"],
            language=row["page_language"],
            flags=tuple(row["flags"].split()),
            rules=_rules(row["rules"]),
        ),
        source_id=row["source_id"],
        outlet=row["outlet"],
        country=row["country"],
        tier=row["tier"],
        kind=row["kind"],
        language=row["language"],
        gate_units=tuple(row["gate_units"].split()),
        annotation=annotation_of(row["annotation"]),
        story=row["story"],
        copy_of=row["copy_of"],
        copies=row["copies"],
        corrected=kinds_of_words(row["corrected"]),
        disappeared_at=row["disappeared_at"],
        version=row["version"],
        fetched_at=row["fetched_at"],
        stored_at=row["stored_at"],
    )


def annotation_to_json(annotation: Annotation) -> str:
    """Return one line of JSON that reads back equal."""
    return storable(_ANNOTATIONS.dump_json(annotation).decode())


def annotation_of(line: str | None) -> Annotation | None:
    """Return what `annotation_to_json` wrote; None for a thin document."""
    return None if line is None else _ANNOTATIONS.validate_json(line)


def kinds_of_words(words: str | None) -> tuple[CorrectionKind, ...]:
    """Return the kinds of corrections that a column holds, joined by a blank; none for null."""
    return cast(tuple[CorrectionKind, ...], tuple((words or "").split()))


def unit_key(units: frozenset[str]) -> str:
    """Return one string for a set of units."""
    return " ".join(sorted(units))


def digest_of(*parts: str) -> str:
    """Return a 128-bit hash of texts, in hex; their borders count."""
    digest = blake2b(digest_size=16)
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "big"))
        digest.update(encoded)
    return digest.hexdigest()


def storable(text: str) -> str:
    """Return the text without what a database refuses: NUL characters, and halves of surrogate pairs."""
    if text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text):
        return text.replace("\x00", "")
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _rules(value: str) -> Mapping[str, str]:
    rules: dict[str, str] = json.loads(value)
    return rules
