"""What the store lets go with time, and how it is copied whole."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select, update

from config.errors import StoreError
from pipeline.store.engine import Tables, place
from pipeline.store.outbox import Op, enqueue
from pipeline.store.schema import document, document_version, poll, quarantine

PURGE_BATCH = 1000
"""Documents emptied in one transaction, so that other writers get their turn."""


class RetentionTables(Tables):
    """The part of the store that forgets on purpose."""

    def purge_texts(self, before_at: datetime, *, targets: Sequence[str], index_all: bool = False) -> int:
        """Empty the full texts fetched before an instant, those of older versions too; returns how many.

        Ids, titles, leads, labels and counts stay, and so does the hash of the text: the same text fetched again is
        no edit. The indexes in ``targets`` learn it through the outbox.
        """
        old = document_version.c
        with self._db.write() as connection:
            statement = update(document_version).where(old.text_fetched_at < before_at, old.text != "")
            emptied = connection.execute(statement.values(text="")).rowcount
        while True:
            query = select(document.c.id, document.c.assessed)
            query = query.where(document.c.text_fetched_at < before_at, document.c.text != "").limit(PURGE_BATCH)
            with self._db.write() as connection:
                rows = connection.execute(query).all()
                ids = [document_id for document_id, _ in rows]
                connection.execute(update(document).where(document.c.id.in_(ids)).values(text=""))
                ops: list[tuple[str, Op]] = [(document_id, "put") for document_id, known in rows if known or index_all]
                enqueue(connection, targets, ops)
            emptied += len(rows)
            if len(rows) < PURGE_BATCH:
                return emptied

    def purge_log(self, before_at: datetime) -> None:
        """Forget single polls made before an instant; what they mean for issued digests is sealed with these."""
        with self._db.write() as connection:
            connection.execute(delete(poll).where(poll.c.at < before_at))

    def purge_set_aside(self, before_at: datetime) -> None:
        """Forget input set aside before an instant: it may hold whole pages."""
        with self._db.write() as connection:
            connection.execute(delete(quarantine).where(quarantine.c.at < before_at))

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the database to a new file, also while others write to it.

        Only SQLite copies itself; for a PostgreSQL server StoreError advises ``pg_dump``.
        """
        if not self._db.is_sqlite:
            raise StoreError("store.use_pg_dump", url=place(self._db.engine))
        try:
            with self._db.read() as connection, closing(sqlite3.connect(path)) as copy:
                source = connection.connection.driver_connection
                assert isinstance(source, sqlite3.Connection)  # noqa: S101 - tells mypy what is_sqlite says
                source.backup(copy)
        except sqlite3.Error as exc:
            raise StoreError("store.failed", where=path, detail=exc) from exc
