"""How far the search indexes are in step with the store."""

from dataclasses import dataclass

from config.errors import IndexUnavailableError
from pipeline.index.feed import ELASTIC, EMBEDDED
from pipeline.index.protocol import ArticleIndex
from pipeline.store import Census, Store

SHOWN_REFUSALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexCount:
    """One index beside the store."""

    held: int | None
    """Documents it holds; None when it does not answer."""
    waiting: int
    """Documents that it has still to learn."""
    refused: int = 0
    """Documents that it does not take."""
    refusals: tuple[tuple[str, str], ...] = ()
    """Document id and reason, the latest of them."""
    building: str | None = None
    """Name of the index that is being built to take its place."""
    problem: IndexUnavailableError | None = None
    """Why it does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexState:
    """What should be searchable, and what is."""

    wanted: int
    """Documents of the store that belong in an index."""
    embedded: IndexCount
    elastic: IndexCount | None
    """None where Elasticsearch is not set up."""

    def differs(self, one: IndexCount) -> bool:
        """Tell whether an index lacks documents, or has too many, that no feeding will mend."""
        if one.held is None or one.waiting or one.building:
            return False
        return not self.wanted - one.refused <= one.held <= self.wanted  # of what is refused it may hold an older form

    @property
    def in_step(self) -> bool:
        """True when every index answers and holds just what it should."""
        every = [one for one in (self.embedded, self.elastic) if one is not None]
        return all(one.held == self.wanted and not (one.waiting or one.building or one.refused) for one in every)


def index_state(store: Store, embedded: ArticleIndex, elastic: ArticleIndex | None, *, index_all: bool) -> IndexState:
    """Ask every index and count; an Elasticsearch that is away is part of the answer, a broken file is an error."""
    census = store.counts()
    wanted = census.documents if index_all else census.assessed
    return IndexState(
        wanted=wanted,
        embedded=IndexCount(held=embedded.count(), waiting=census.outbox.get(EMBEDDED, 0)),
        elastic=None if elastic is None else _elastic(store, elastic, census, wanted),
    )


def _elastic(store: Store, elastic: ArticleIndex, census: Census, wanted: int) -> IndexCount:
    building = store.index_building(ELASTIC)
    if building or store.index_fed(ELASTIC):
        waiting = sum(census.outbox.get(target, 0) for target in (ELASTIC, store.building_target(ELASTIC)))
    else:
        waiting = wanted  # the first feeding sends everything
    held, problem = None, None
    try:
        held = elastic.count()
    except IndexUnavailableError as exc:
        problem = exc
    return IndexCount(
        held=held,
        waiting=waiting,
        refused=census.refused.get(ELASTIC, 0),
        refusals=tuple((one.document_id, one.reason) for one in store.index_refusals(ELASTIC, SHOWN_REFUSALS)),
        building=building,
        problem=problem,
    )
