"""Switch an SQLite file to write-ahead logging, so that readers do not wait for writers."""

import sqlite3
import time

RETRY_S = 0.05


def use_wal(connection: sqlite3.Connection, timeout_s: float) -> None:
    """Set ``journal_mode`` to WAL; a file that has it already is left alone.

    SQLite does not wait for other connections here, whatever its busy timeout
    (sqlite.org/pragma.html#pragma_journal_mode), so that two processes opening a new file would disturb each other.
    Raises sqlite3.OperationalError after ``timeout_s`` seconds.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(RETRY_S)
        else:
            return
