"""What every search index offers. Implementations pass the same contract tests (``tests/pipeline/index``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from config.errors import IndexUnavailableError
from pipeline.records import Document, Mark, Tone

FacetName = Literal["day", "tone", "topic", "outlet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Conditions beside the query; every one given must hold, any value inside one suffices."""

    since: date | None = None
    """First local day (Asia/Ho_Chi_Minh), inclusive."""
    until: date | None = None
    """Last local day, inclusive."""
    tones: tuple[Tone, ...] = ()
    """Toward any unit the document is about, or toward ``units`` when given."""
    topics: tuple[str, ...] = ()
    """A topic (``security``) includes its subtopics."""
    outlets: tuple[str, ...] = ()
    """Source ids."""
    units: tuple[str, ...] = ()
    """Slugs; a unit of today also finds its predecessors."""
    marks: tuple[Mark, ...] = ()
    """Only documents that bear one of these. Dropped ones are found when asked for by their mark, else never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """A query in the product's own language (`pipeline.index.query`) with filters."""

    query: str = ""
    """Empty: everything."""
    filters: Filters = field(default_factory=Filters)
    size: int = 20
    offset: int = 0
    facets: tuple[FacetName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One document found."""

    id: str
    score: float
    url: str
    title: str
    lead: str
    outlet: str
    outlet_id: str
    language: str
    published_at: datetime
    tones: Mapping[str, Tone]
    """Unit slug to tone, of the units the document is about."""
    topics: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    """`Document.marks`."""
    highlights: tuple[str, ...] = ()
    """Fragments with the matched words between ``[[`` and ``]]``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """Hits best first, how many match in all, and counts by facet (value to documents)."""

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[FacetName, Mapping[str, int]]
    standby_because: IndexUnavailableError | None = None
    """Why another index answered than the one that is set up; None: that one did."""


class ArticleIndex(Protocol):
    """A search index over documents; it can be rebuilt from the store at any time."""

    def put(self, docs: Sequence[Document]) -> None:
        """Add or replace documents by id; an older version never replaces a newer one."""

    def remove(self, ids: Sequence[str]) -> None:
        """Forget documents; unknown ids are ignored."""

    def search(self, request: SearchRequest) -> SearchResult:
        """Raise QuerySyntaxError for a query not understood, IndexUnavailableError when it does not answer."""

    def count(self) -> int:
        """Return how many documents it holds."""

    def clear(self) -> None:
        """Forget everything."""

    def close(self) -> None:
        """Release files and connections."""
