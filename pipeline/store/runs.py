"""What happened: runs, rejections by day, things set aside, and small facts about the installation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, insert, select, update

from pipeline.store.engine import Database, Tables
from pipeline.store.rows import storable
from pipeline.store.schema import meta, quarantine, rejection, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One command that worked on the store."""

    id: int
    kind: str
    """``crawl``, ``process``, ``import``, …"""
    started_at: datetime
    finished_at: datetime | None
    """None: still running, or killed."""
    outcome: str
    """Empty until finished."""
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """Input that could not be processed, kept to be looked at."""

    kind: str
    ref: str
    """Where it came from: URL, file and line."""
    reason: str
    payload: bytes
    at: datetime


class RunTables(Tables):
    """The part of the store that `status` shows."""

    def start_run(self, kind: str, at: datetime) -> int:
        statement = insert(run).values(kind=kind, started_at=at, outcome="", counts="{}").returning(run.c.id)
        with self._db.write() as connection:
            return int(connection.execute(statement).scalar_one())

    def finish_run(self, run_id: int, at: datetime, outcome: str, counts: Mapping[str, int]) -> None:
        statement = update(run).where(run.c.id == run_id)
        with self._db.write() as connection:
            connection.execute(statement.values(finished_at=at, outcome=outcome, counts=json.dumps(dict(counts))))

    def last_runs(self, n: int) -> tuple[Run, ...]:
        """Return the last ``n`` runs, newest first."""
        with self._db.read() as connection:
            rows = connection.execute(select(run).order_by(run.c.id.desc()).limit(n)).mappings().all()
        return tuple(Run(**{**row, "counts": json.loads(row["counts"])}) for row in rows)

    def purge_runs(self, before_at: datetime) -> None:
        """Forget runs started before an instant."""
        with self._db.write() as connection:
            connection.execute(delete(run).where(run.c.started_at < before_at))

    def rejections(self, since_day: date) -> dict[date, dict[str, int]]:
        """Return the discards by day and reason, from a local day on."""
        query = select(rejection).where(rejection.c.day >= since_day).order_by(rejection.c.day, rejection.c.reason)
        found: dict[date, dict[str, int]] = {}
        with self._db.read() as connection:
            for day, reason, count in connection.execute(query):
                found.setdefault(day, {})[reason] = count
        return found

    def set_aside(self, kind: str, ref: str, reason: str, payload: bytes, at: datetime) -> None:
        """Keep what could not be processed; the same ``ref`` again replaces it."""
        row = {"kind": kind, "ref": storable(ref), "reason": storable(reason), "payload": payload, "at": at}
        statement = self._db.insert(quarantine)
        newer = {name: statement.excluded[name] for name in ("reason", "payload", "at")}
        with self._db.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["kind", "ref"], set_=newer), [row])

    def quarantined(self) -> tuple[SetAside, ...]:
        """Return everything that was set aside, oldest first."""
        columns = [column for column in quarantine.c if column.name != "id"]
        with self._db.read() as connection:
            rows = connection.execute(select(*columns).order_by(quarantine.c.id)).mappings()
            return tuple(SetAside(**row) for row in rows)

    def get_meta(self, key: str) -> str | None:
        with self._db.read() as connection:
            return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()

    def set_meta(self, key: str, value: str) -> None:
        with self._db.write() as connection:
            self._db.upsert(connection, meta, [{"key": key, "value": value}])


def add_rejections(db: Database, connection: Connection, day: date, counts: Mapping[str, int]) -> None:
    """Add to the counts of a day inside a running transaction."""
    rows = [{"day": day, "reason": reason, "count": count} for reason, count in sorted(counts.items()) if count]
    if not rows:
        return
    statement = db.insert(rejection)
    total = rejection.c.count + statement.excluded["count"]
    connection.execute(statement.on_conflict_do_update(index_elements=["day", "reason"], set_={"count": total}), rows)
