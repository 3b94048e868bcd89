"""The connection to the database: how it is opened, how it reads and writes, how its errors reach people.

SQLite runs in WAL mode with ``synchronous=FULL``. NORMAL would be faster, but after a power cut it may forget the last
commits, and a digest that was sent must stay sealed. Writing goes in batches, so that FULL costs one fsync a batch,
beside the one that the inbox makes for every page.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, exc, make_url, text
from sqlalchemy.dialects import postgresql, sqlite

from config.errors import StoreError
from pipeline.wal import use_wal

BUSY_TIMEOUT_S = 30
"""How long a writer waits for another process before it gives up; ``?timeout=`` in the URL wins."""
CONNECT_TIMEOUT_S = 10
WRITER_LOCK = 0xD1E3BA0
"""Key of the PostgreSQL advisory lock that a writer holds; any number that other programs are unlikely to use."""
IN_LIMIT = 1000
"""Values in one ``IN (…)``; a sitemap may list 50,000 pages, and both databases bound their parameters."""


class Database:
    """One SQLAlchemy engine. Use `read` and `write`: each is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        # PostgreSQL would show each statement of a reader another state; SQLite never does.
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reading = engine.execution_options(reads_only=True, **options)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that is committed at the end, or rolled back whole. Raises StoreError.

        There is one writer at a time: SQLite knows no other way, and on PostgreSQL two processes that store the same
        article would otherwise stumble over each other.
        """
        with self._errors_translated(), self.engine.begin() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_LOCK})
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look at the data; does not wait for writers. Raises StoreError."""
        with self._errors_translated(), self._reading.connect() as connection:
            yield connection

    def insert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        """Return an INSERT that knows ``on_conflict_do_update``."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def upsert(self, connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows, or overwrite the row with the same primary key."""
        if not rows:
            return
        statement = self.insert(table)
        keys = [column.name for column in table.primary_key]
        others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), rows)

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _errors_translated(self) -> Iterator[None]:
        try:
            yield
        except exc.DBAPIError as error:
            raise translated(error, self.engine) from error


T = TypeVar("T")


def in_chunks(values: Sequence[T], size: int = IN_LIMIT) -> Iterator[Sequence[T]]:
    """Yield slices small enough for one ``IN (…)``."""
    return (values[start : start + size] for start in range(0, len(values), size))


class Tables:
    """What a part of the store stands on; `pipeline.store.Store` joins the parts."""

    def __init__(self, db: Database) -> None:
        self._db = db


def connect(url: str) -> Database:
    """Return a database for an SQLAlchemy URL; nothing is opened before the first use. Raises StoreError."""
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite":
            if "timeout" not in parsed.query:
                parsed = parsed.update_query_dict({"timeout": str(BUSY_TIMEOUT_S)})
            engine = create_engine(parsed, connect_args={"isolation_level": None})
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            engine = create_engine(parsed, connect_args={"connect_timeout": CONNECT_TIMEOUT_S}, pool_pre_ping=True)
    except (exc.ArgumentError, exc.NoSuchModuleError) as error:
        raise StoreError("store.bad_url", url=_without_password(url)) from error
    except ModuleNotFoundError as error:
        raise StoreError("store.no_driver", url=_without_password(url), driver=error.name) from error
    if engine.dialect.name not in ("sqlite", "postgresql"):
        raise StoreError("store.bad_url", url=_without_password(url))
    return Database(engine)


def translated(error: exc.DBAPIError, engine: Engine) -> StoreError:
    """Return the sentence for what the driver reported."""
    where = place(engine)
    detail = " ".join(str(error.orig).split())
    for fragment, code in _SQLITE_CODES.items() if engine.dialect.name == "sqlite" else ():
        if fragment in detail:
            return StoreError(code, path=where)
    if engine.dialect.name == "postgresql" and (error.connection_invalidated or "connection" in detail):
        return StoreError("store.unreachable", url=where, detail=detail)
    return StoreError("store.failed", where=where, detail=detail)


def place(engine: Engine) -> str:
    """Return what people call the database: the file, or the URL without its password."""
    if engine.dialect.name == "sqlite":
        return engine.url.database or ":memory:"
    return engine.url.render_as_string(hide_password=True)


_SQLITE_CODES = {
    "file is not a database": "store.not_a_database",
    "malformed": "store.damaged",
    "unable to open": "store.cannot_open",
    "locked": "store.locked",
    "readonly": "store.read_only",
    "disk is full": "store.disk_full",
}


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    return f"{head.split(':')[0]}://…@{tail}" if at else url


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    use_wal(connection, BUSY_TIMEOUT_S)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first and writes later would fail instead of wait."""
    reads_only = connection.get_execution_options().get("reads_only")
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
