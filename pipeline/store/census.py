"""Counting what the store holds, for `status` and for the check after a restore."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, func, select, true, type_coerce

from pipeline.store.engine import Tables
from pipeline.store.schema import (
    EPOCH,
    MICROSECOND,
    announced_page,
    document,
    document_version,
    index_refusal,
    outbox,
    poll,
    quarantine,
    sealed_digest,
)

LOCAL_OFFSET = timedelta(hours=7)
"""Asia/Ho_Chi_Minh has had no other offset since 1975; lets the database count by local day."""
SHOWN_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """How much of everything there is."""

    documents: int
    assessed: int
    """Documents about or mentioning an own or watched unit."""
    with_text: int
    versions: int
    """Older texts kept."""
    queued: int
    """Pages announced and still to be fetched."""
    polls: int
    sealed_digests: int
    set_aside: int
    outbox: Mapping[str, int]
    """Target to rows it has still to learn."""
    refused: Mapping[str, int]
    """Target to documents that this index does not take."""
    by_fetch_day: Mapping[date, int]
    """Local day to documents last fetched on it; the latest 14 days that have any."""


class CensusTables(Tables):
    """The part of the store that counts."""

    def counts(self) -> Census:
        with self._db.read() as connection:
            return Census(
                documents=_count(connection, document),
                assessed=_count(connection, document, document.c.assessed == true()),
                with_text=_count(connection, document, document.c.text != ""),
                versions=_count(connection, document_version),
                queued=_count(connection, announced_page, announced_page.c.queued == true()),
                polls=_count(connection, poll),
                sealed_digests=_count(connection, sealed_digest),
                set_aside=_count(connection, quarantine),
                outbox=_by_target(connection, outbox),
                refused=_by_target(connection, index_refusal),
                by_fetch_day=_by_fetch_day(connection),
            )


def _count(connection: Connection, table: Table, condition: ColumnElement[bool] | None = None) -> int:
    query = select(func.count()).select_from(table)
    return connection.execute(query if condition is None else query.where(condition)).scalar_one()


def _by_target(connection: Connection, table: Table) -> dict[str, int]:
    query = select(table.c.target, func.count()).group_by(table.c.target).order_by(table.c.target)
    return dict(connection.execute(query).all())


def _by_fetch_day(connection: Connection) -> dict[date, int]:
    local = type_coerce(document.c.text_fetched_at, BigInteger) + LOCAL_OFFSET // MICROSECOND
    day = local // (timedelta(days=1) // MICROSECOND)
    query = select(day.label("day"), func.count()).group_by(day).order_by(day.desc()).limit(SHOWN_DAYS)
    return {(EPOCH + timedelta(days=int(number))).date(): count for number, count in connection.execute(query).all()}
