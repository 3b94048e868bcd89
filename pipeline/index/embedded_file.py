"""The file of the embedded index: how it is opened, locked, replaced when it is damaged."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

from config.errors import IndexUnavailableError
from pipeline.wal import use_wal

FORMAT = 2
"""Of the file and the tokens in it; another one means: build the index anew."""
SCHEMA = Path(__file__).with_name("embedded.sql")
TABLES = ("words", "doc_mark", "doc_topic", "doc_unit", "doc")
BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for another process before it gives up."""

_CODES = {"locked": "index.locked", "unable to open": "index.cannot_open", "is full": "index.disk_full"}
_MENDED_BY_REPLACING = ("index.unavailable", "index.other_format")


class IndexFile:
    """One SQLite file and one connection to it, shared by the threads of this process. Opens when first used."""

    def __init__(self, path: Path, busy_timeout_s: float) -> None:
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self._connection: sqlite3.Connection | None = None
        self._lock = RLock()

    @contextmanager
    def transaction(self, *, reads_only: bool = False) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                connection = self._open()
                connection.execute("BEGIN" if reads_only else "BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()
            except sqlite3.Error as exc:
                raise _translated(exc, self.path) from exc

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(
                self.path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
            )
            try:
                _set_up(connection, self.path, self._busy_timeout_s)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def clear(self) -> None:
        """Empty the tables; a file that is damaged or of another format is replaced."""
        with self._lock:
            try:
                with self.transaction() as connection:
                    for table in TABLES:
                        connection.execute(f"DROP TABLE {table}")
                    _create_tables(connection)
            except IndexUnavailableError as error:
                if error.code not in _MENDED_BY_REPLACING:
                    raise
                self.close()
                for suffix in ("", "-wal", "-shm"):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Release the file; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None


def _set_up(connection: sqlite3.Connection, path: Path, busy_timeout_s: float) -> None:
    use_wal(connection, busy_timeout_s)
    # FULL: the store forgets an outbox row once the index has it, also before a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("CREATE TEMP TABLE found (rowid INTEGER PRIMARY KEY)")
    connection.execute("CREATE TEMP TABLE scores (doc INTEGER PRIMARY KEY, score REAL NOT NULL)")
    found = _format(connection)
    if found == 0:
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _format(connection) == 0:  # no other process was faster
                _create_tables(connection)
        except BaseException:
            connection.rollback()
            raise
        connection.commit()
    elif found != FORMAT:
        raise IndexUnavailableError("index.other_format", path=path, found=found, known=FORMAT)


def _format(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _create_tables(connection: sqlite3.Connection) -> None:
    for statement in SCHEMA.read_text(encoding="utf-8").split(";\n"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def _translated(error: sqlite3.Error, path: Path) -> IndexUnavailableError:
    detail = str(error)
    code = next((code for fragment, code in _CODES.items() if fragment in detail), "index.unavailable")
    return IndexUnavailableError(code, path=path, detail=detail)
