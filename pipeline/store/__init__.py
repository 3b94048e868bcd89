"""The store: everything that cannot be fetched again, in one SQL database.

    store = open_store("sqlite:////srv/diembao/store.sqlite")

One file an idea: `schema`, `story_schema` and their like have the tables, `rows` and `merging` are pure, `putting`
writes batches. `documents`, `stories`, `story_edits`, `corrections`, `presence`, `ledger`, `outbox`, `digests`,
`deliveries`, `alerts`, `runs`, `jobs`, `census` and `retention` each hold the methods for a group of tables; `Store`
joins them over one `Database`.
"""

from pipeline.store.alerts import AlertTables
from pipeline.store.census import Census, CensusTables
from pipeline.store.corrections import CorrectionTables
from pipeline.store.deliveries import DeliveryTables
from pipeline.store.digests import DigestTables
from pipeline.store.documents import DocumentTables
from pipeline.store.engine import Database, connect
from pipeline.store.jobs import JobRun, JobTables
from pipeline.store.ledger import LedgerTables
from pipeline.store.migrating import migrate
from pipeline.store.outbox import OutboxTables
from pipeline.store.presence import PresenceTables
from pipeline.store.putting import PutCounts
from pipeline.store.retention import RetentionTables
from pipeline.store.rows import AnnotatedBy
from pipeline.store.runs import RunTables
from pipeline.store.stories import STORIES, StoryTables
from pipeline.store.story_edits import StoryEditTables

__all__ = ["STORIES", "AnnotatedBy", "Census", "JobRun", "PutCounts", "Store", "open_store"]


class Store(
    DocumentTables,
    StoryTables,
    StoryEditTables,
    CorrectionTables,
    PresenceTables,
    OutboxTables,
    DigestTables,
    DeliveryTables,
    AlertTables,
    RunTables,
    JobTables,
    CensusTables,
    RetentionTables,
):
    """All parts over one database; ``store.ledger`` is what a crawl gets to see."""

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self.ledger = LedgerTables(db)
        self.polls_between = self.ledger.polls_between
        self.proven_sources = self.ledger.proven_sources

    def close(self) -> None:
        """Release the connections."""
        self._db.close()


def open_store(url: str) -> Store:
    """Open a store and bring its schema to the one of this code.

    ``url`` is an SQLAlchemy URL: ``sqlite:////path/store.sqlite``, ``postgresql://user@host/name``. Raises StoreError
    with advice when the database is newer than this code, damaged, locked, no database or not reachable.
    """
    db = connect(url)
    try:
        migrate(db)
    except BaseException:
        db.close()
        raise
    return Store(db)
