"""What a crawl did, as values a caller can print, store or send to another process."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

OK_REASONS = frozenset({"ok", "not_modified", "unchanged"})
"""Of a poll that was answered usefully: a new body, a 304, or the body held already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointOutcome:
    """One poll that was made."""

    url: str
    reason: str
    """``ok``, ``not_modified``, ``unchanged``, or the named failure."""
    entries: int = 0
    """Listed in the answer."""
    new_entries: int = 0
    """Of them never announced before."""

    @property
    def ok(self) -> bool:
        """True when the outlet answered usefully."""
        return self.reason in OK_REASONS


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOutcome:
    """What one source gave in this crawl."""

    source_id: str
    endpoints: tuple[EndpointOutcome, ...] = ()
    """Only those that were polled."""
    pages: int = 0
    bytes: int = 0
    """Of the pages' bodies."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """Pages that left the queue unread, by reason."""
    postponed: Mapping[str, int] = field(default_factory=dict)
    """Pages that failed and stay queued, by reason."""
    left_in_queue: int = 0
    """Not tried: the host rests, or the crawl ended before their turn."""

    @property
    def ok(self) -> bool:
        """False when every poll made failed."""
        return not self.endpoints or any(endpoint.ok for endpoint in self.endpoints)

    @property
    def reason(self) -> str:
        """``ok``, or the failure of the first poll that failed when none succeeded."""
        return "ok" if self.ok else self.endpoints[0].reason


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlSummary:
    """One crawl."""

    sources: tuple[SourceOutcome, ...] = ()
    """In the order of the request."""
    segment: Path | None = None
    """The finished inbox segment; None when no page came."""
    recovered: int = 0
    """Pages of killed runs that were found in the inbox."""
    interrupted: bool = False
    """Cut short by a signal; what was not fetched stays queued."""
    out_of_time: bool = False
    """Cut short by the time limit."""

    @property
    def polled(self) -> int:
        """Polls made."""
        return sum(len(source.endpoints) for source in self.sources)

    @property
    def pages(self) -> int:
        """Pages written to the inbox."""
        return sum(source.pages for source in self.sources)

    @property
    def bytes(self) -> int:
        """Bytes of their bodies."""
        return sum(source.bytes for source in self.sources)

    @property
    def refused(self) -> dict[str, int]:
        """Pages that left the queue unread, by reason, the most frequent first."""
        return dict(sum((Counter(source.refused) for source in self.sources), Counter()).most_common())

    @property
    def failed_sources(self) -> tuple[SourceOutcome, ...]:
        """Sources of which every poll failed."""
        return tuple(source for source in self.sources if not source.ok)


class Tally:
    """Gathers the outcome of one source while it is crawled."""

    def __init__(self, source_id: str) -> None:
        self.source_id = source_id
        self.endpoints: list[EndpointOutcome] = []
        self.pages = 0
        self.bytes = 0
        self.refused: Counter[str] = Counter()
        self.postponed: Counter[str] = Counter()
        self.left_in_queue = 0

    def result(self) -> SourceOutcome:
        """Return what was gathered."""
        return SourceOutcome(
            source_id=self.source_id,
            endpoints=tuple(self.endpoints),
            pages=self.pages,
            bytes=self.bytes,
            refused=dict(self.refused),
            postponed=dict(self.postponed),
            left_in_queue=self.left_in_queue,
        )
