"""One page or item in, one document or named rejection out: the pure step that the process loop repeats.

Gate early: a page that names no own or watched unit is stored thin (title, lead, the gate's hits) and pays for no NLP.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import structlog

from classifiers.annotator import Annotator
from classifiers.gate import Gate
from classifiers.language import detect_language
from config.errors import ParseError
from config.units import slugify
from crawlers.sources import SourceDirectory, load_sources
from crawlers.urls import canonical_url, document_id
from pipeline.extract.page import parse_page
from pipeline.records import Annotation, Article, Document, Item, Page, Rejected, Source

log = structlog.get_logger()

Outcome = Document | Rejected
Given = TypeVar("Given", Page, Item)

INTERNAL_ERROR = "internal_error"
"""Reason of a page that a defect of ours rejected; it is set aside whole."""

UNKNOWN_COUNTRY = "ZZ"
"""ISO 3166-1 user-assigned code: the outlet is in no catalogue and its address tells nothing."""
UNKNOWN_TIER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichSpec:
    """What an enricher is made from; small and hashable, so that it can be sent to a worker process."""

    units: frozenset[str]
    """Historic units that language processing runs for."""
    home: Path | None = None
    """Where an overlay of the source catalogue may lie."""


class Enricher:
    """Gate, extraction and classifiers, loaded once a process."""

    def __init__(self, spec: EnrichSpec, gate: Gate, annotator: Annotator, directory: SourceDirectory) -> None:
        self.spec = spec
        self.gate = gate
        self.annotator = annotator
        self.directory = directory

    def page(self, page: Page) -> Outcome:
        """Return the document of one fetched page."""
        source = self._source_of(page)
        parsed = parse_page(page, source=source)
        if isinstance(parsed, Rejected):
            return parsed
        seen = self.gate.find_units(parsed.gate_text)
        if not seen & self.spec.units:
            return self._document(parsed.headline(), source, seen, None)
        article = parsed.article()
        # The second pass reads the article alone: names in menus and related links do not count.
        seen = self.gate.find_units("\n".join((article.title, article.lead, article.text)))
        if not seen & self.spec.units:
            return self._document(replace(article, text=""), source, seen, None)
        return self._document(article, source, seen, self._annotate(article))

    def item(self, item: Item) -> Outcome:
        """Return the document of one item that is known by its headline and, perhaps, its text."""
        article = _article_of(item)
        source = self.directory.find(url=article.url, name=item.outlet)
        seen = self.gate.find_units("\n".join((article.title, article.lead, article.text)))
        annotation = self._annotate(article) if seen & self.spec.units else None
        return self._document(article, source, seen, annotation)

    def reassess(self, doc: Document) -> Document:
        """Return the same document judged anew, after the watched units or the classifiers have changed.

        What a person said speaks of a watched unit is read as well, though the gate saw no name of it.
        """
        said = {one.unit for one in doc.annotation.assessments} if doc.annotation and doc.corrected else set()
        wanted = bool(said.union(doc.gate_units) & self.spec.units)
        annotation = self._annotate(doc.article) if wanted else None
        return replace(doc, annotation=annotation, language=_language(doc.article, annotation))

    def _source_of(self, page: Page) -> Source | None:
        known = self.directory.by_id(page.source_id) if page.source_id else None
        return known or self.directory.by_url(page.url)

    def _annotate(self, article: Article) -> Annotation:
        item = Item(
            id=article.url,
            title=article.title,
            summary=article.lead,
            text=article.text,
            url=article.url,
            outlet=article.outlet,
            language=article.language,
            published_at=article.published_at,
        )
        return self.annotator.annotate(item, self.spec.units)

    def _document(
        self, article: Article, source: Source | None, seen: frozenset[str], annotation: Annotation | None
    ) -> Document:
        language = _language(article, annotation)
        source = source or _unlisted_source(article, language)
        return Document(
            id=document_id(article.url),
            article=article,
            source_id=source.id,
            outlet=source.name,
            country=source.country,
            tier=source.tier,
            kind=source.kind,
            language=language,
            gate_units=tuple(sorted(seen)),
            annotation=annotation,
            fetched_at=article.fetched_at,
        )


def _language(article: Article, annotation: Annotation | None) -> str:
    return annotation.language if annotation else detect_language(f"{article.title}\n{article.lead}")[0]


def _article_of(item: Item) -> Article:
    """An item's own fetch time is kept: imports replay what was collected then."""
    fetched_at = item.fetched_at or item.published_at
    published_at = item.published_at or fetched_at
    if published_at is None or fetched_at is None:
        raise ValueError("an item for the store has a publication or a fetch time")
    flags = () if item.published_at else ("no_date",)
    if published_at > fetched_at and item.fetched_at:
        published_at, flags = fetched_at, (*flags, "future_date")
    return Article(
        url=canonical_url(item.url),
        title=item.title,
        lead=item.summary,
        text=item.text,
        published_at=published_at,
        fetched_at=fetched_at,
        section=item.section,
        outlet=item.outlet,
        language=item.language,
        flags=flags,
        rules={"title": "item", "published_at": "item" if item.published_at else "fetched_at"},
    )


def _unlisted_source(article: Article, language: str) -> Source:
    host = (urlsplit(article.url).hostname or "").removeprefix("www.")
    vietnamese = host.endswith(".vn") or language == "vi"
    return Source(
        id=slugify(article.outlet or host),
        name=article.outlet or host,
        kind="central" if vietnamese else "foreign",
        tier=UNKNOWN_TIER,
        country="VN" if vietnamese else UNKNOWN_COUNTRY,
        language=language,
    )


@lru_cache(maxsize=2)
def load_enricher(spec: EnrichSpec) -> Enricher:
    """Load gate, models and catalogue. Raises ModelError or SourceError naming the file that is damaged."""
    return Enricher(spec, Gate.load(), Annotator.load(), SourceDirectory(load_sources(spec.home)))


def enrich_pages(spec: EnrichSpec, pages: Sequence[Page]) -> list[Outcome]:
    """Enrich a batch in whatever process this runs in."""
    enricher = load_enricher(spec)
    return [_contain(enricher.page, page, page.url) for page in pages]


def enrich_items(spec: EnrichSpec, items: Sequence[Item]) -> list[Outcome]:
    """Enrich a batch of items in whatever process this runs in."""
    enricher = load_enricher(spec)
    return [_contain(enricher.item, item, item.url) for item in items]


def _contain(step: Callable[[Given], Outcome], given: Given, url: str) -> Outcome:
    """One item's failure is a value: a defect met on one page must not stop the others."""
    try:
        return step(given)
    except ParseError as exc:
        return Rejected(reason=exc.code.partition(".")[2], url=url, detail=str(exc))
    except Exception as exc:
        log.exception("enrich_failed", url=url)
        return Rejected(reason=INTERNAL_ERROR, url=url, detail=repr(exc))
