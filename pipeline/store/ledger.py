"""The crawl ledger in the store (`crawlers.ledger.CrawlLedger`), and what coverage reads from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, case, insert, or_, select, true, update

from crawlers.ledger import PollRecord, PollState, QueuedEntry
from pipeline.records import FeedEntry
from pipeline.store.engine import Tables, in_chunks
from pipeline.store.rows import digest_of, storable
from pipeline.store.schema import announced_page, poll, poll_state, sighting

_ENTRIES = TypeAdapter(FeedEntry)

PROVEN_DAYS = 7
"""A source that succeeded within so many days is expected to answer."""


class LedgerTables(Tables):
    """Poll states, the poll log and the queue of pages. Every method is one transaction."""

    def poll_states(self) -> Mapping[str, PollState]:
        with self._db.read() as connection:
            rows = connection.execute(select(poll_state)).mappings()
            return {row["url"]: PollState(**row) for row in rows}

    def known(self, keys: Iterable[str]) -> frozenset[str]:
        with self._db.read() as connection:
            return self._announced(connection, [storable(key) for key in keys])

    def record_poll(self, record: PollRecord, state: PollState, entries: Sequence[tuple[str, FeedEntry]]) -> int:
        """Log the poll, keep the state, queue new and changed entries; see `crawlers.ledger`.

        Whether an entry changed is asked of the address that was polled: outlets list one article in several feeds
        with different summaries, and that must not have its page fetched again at every turn.
        """
        announced = {storable(key): entry for key, entry in entries}
        with self._db.write() as connection:
            connection.execute(insert(poll), [asdict(record)])
            self._db.upsert(connection, poll_state, [asdict(state)])
            chosen = self._changed(connection, record.url, announced)
            rows = [
                {
                    "key": key,
                    "source_id": record.source_id,
                    "entry": storable(_ENTRIES.dump_json(entry).decode()),
                    "queued": True,
                    "queued_at": record.at,
                    "place": place,
                    "attempts": 0,
                    "outcome": "",
                    "outcome_at": None,
                }
                for place, (key, entry) in enumerate(chosen.items())
            ]
            self._queue(connection, rows)
        return len(rows)

    def queued(self, source_ids: Iterable[str]) -> Sequence[QueuedEntry]:
        columns = announced_page.c
        tried_at = columns.outcome_at.label("tried_at")
        query = (
            select(columns.key, columns.source_id, columns.entry, columns.attempts, tried_at)
            .where(columns.queued == true(), columns.source_id.in_(sorted(set(source_ids))))
            .order_by(columns.queued_at, columns.place, columns.key)
        )
        with self._db.read() as connection:
            rows = connection.execute(query).mappings().all()
        return [QueuedEntry(**{**row, "entry": _ENTRIES.validate_json(row["entry"])}) for row in rows]

    def sources_waiting(self, tried_before: datetime) -> frozenset[str]:
        """Return the sources with queued pages that were never tried, or not since an instant."""
        columns = announced_page.c
        ripe = or_(columns.attempts == 0, columns.outcome_at <= tried_before)
        query = select(columns.source_id).distinct().where(columns.queued == true(), ripe)
        with self._db.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def mark_fetched(self, key: str, *, outcome: str, at: datetime) -> None:
        self._mark(key, {"queued": False, "outcome": outcome, "outcome_at": at})

    def mark_failed(self, key: str, *, reason: str, at: datetime, give_up: bool) -> None:
        tried = {"attempts": announced_page.c.attempts + 1, "outcome": reason, "outcome_at": at}
        self._mark(key, tried | ({"queued": False} if give_up else {}))

    def polls_between(self, from_at: datetime, to_at: datetime) -> list[PollRecord]:
        """Return the polls made in [from_at, to_at), oldest first."""
        columns = [column for column in poll.c if column.name != "seq"]
        query = select(*columns).where(poll.c.at >= from_at, poll.c.at < to_at).order_by(poll.c.at, poll.c.seq)
        with self._db.read() as connection:
            return [PollRecord(**row) for row in connection.execute(query).mappings()]

    def proven_sources(self, at: datetime, days: int = PROVEN_DAYS) -> frozenset[str]:
        """Return the sources that answered usefully at least once in the ``days`` before ``at``."""
        query = select(poll.c.source_id).distinct()
        query = query.where(poll.c.at >= at - timedelta(days=days), poll.c.at < at, poll.c.ok == true())
        with self._db.read() as connection:
            return frozenset(connection.execute(query).scalars())

    def _changed(
        self, connection: Connection, feed_url: str, announced: Mapping[str, FeedEntry]
    ) -> dict[str, FeedEntry]:
        """Return the entries to queue, and remember what this feed says about every one."""
        keys = list(announced)
        known_pages = self._announced(connection, keys)
        seen: dict[str, str] = {}
        for some in in_chunks(keys):
            query = select(sighting.c.key, sighting.c.fingerprint).where(sighting.c.feed_url == feed_url)
            seen.update(connection.execute(query.where(sighting.c.key.in_(some))).all())
        now = {key: _fingerprint(entry) for key, entry in announced.items()}
        fresh = [
            {"feed_url": feed_url, "key": key, "fingerprint": now[key]} for key in keys if seen.get(key) != now[key]
        ]
        self._db.upsert(connection, sighting, fresh)
        return {
            key: entry
            for key, entry in announced.items()
            if key not in known_pages or seen.get(key, now[key]) != now[key]
        }

    def _queue(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Queue pages; one that waits already keeps its attempts, or a restless feed would renew them forever."""
        if not rows:
            return
        statement = self._db.insert(announced_page)
        newer = {name: statement.excluded[name] for name in rows[0] if name not in ("key", "attempts")}
        attempts = case((announced_page.c.queued == true(), announced_page.c.attempts), else_=0)
        upsert = statement.on_conflict_do_update(index_elements=["key"], set_=newer | {"attempts": attempts})
        connection.execute(upsert, rows)

    def _announced(self, connection: Connection, keys: Sequence[str]) -> frozenset[str]:
        column = announced_page.c.key
        chunks = (connection.execute(select(column).where(column.in_(some))).scalars() for some in in_chunks(keys))
        return frozenset(key for chunk in chunks for key in chunk)

    def _mark(self, key: str, values: dict[str, Any]) -> None:
        with self._db.write() as connection:
            connection.execute(update(announced_page).where(announced_page.c.key == key).values(values))


def _fingerprint(entry: FeedEntry) -> str:
    updated = entry.updated_at.isoformat() if entry.updated_at else ""
    return digest_of(storable(entry.title), storable(entry.summary), updated)
