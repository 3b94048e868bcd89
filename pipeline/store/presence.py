"""Whether stored articles are still at their outlets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from crawlers.presence import KnownPage, PageCheck, Presence, decide_presence
from pipeline.store.correction_schema import disappearance, page_check
from pipeline.store.engine import Tables
from pipeline.store.outbox import enqueue
from pipeline.store.putting import index_op
from pipeline.store.schema import document


@dataclass(frozen=True, slots=True, kw_only=True)
class Disappearance:
    """A time in which an article was gone."""

    gone_at: datetime
    """When it was first missed."""
    reason: str
    """What came instead, such as ``http_410``."""
    back_at: datetime | None = None
    """When it was seen again; None while it is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceCounts:
    """What one run of checks changed."""

    disappeared: int = 0
    returned: int = 0


class PresenceTables(Tables):
    """The part of the store that knows which articles were removed."""

    def pages_to_check(self, since_at: datetime) -> list[KnownPage]:
        """Return the assessed articles published since an instant, those longest unasked first."""
        columns = document.c
        query = (
            select(columns.id, columns.url, columns.language)
            .outerjoin(page_check, page_check.c.document_id == columns.id)
            .where(columns.assessed, columns.published_at >= since_at)
            .order_by(page_check.c.checked_at.is_not(None), page_check.c.checked_at, columns.id)
        )
        with self._db.read() as connection:
            rows = connection.execute(query).all()
        return [KnownPage(document_id=row.id, url=row.url, language=row.language) for row in rows]

    def record_checks(
        self, checks: Sequence[PageCheck], *, targets: Sequence[str], index_all: bool = False
    ) -> PresenceCounts:
        """Keep what addresses answered, and queue for the indexes what disappeared or came back; one transaction."""
        disappeared = returned = 0
        with self._db.write() as connection:
            for check in checks:
                held = _held(connection, check.document_id)
                if held is None:
                    continue
                now = decide_presence(held, check)
                row = {"document_id": check.document_id, "checked_at": check.at, "reason": check.reason}
                self._db.upsert(connection, page_check, [row | {"missed_at": now.missed_at}])
                if now.disappeared_at != held.disappeared_at:
                    disappeared += now.disappeared_at is not None
                    returned += now.disappeared_at is None
                    _change(connection, check, now)
                    _enqueue(connection, check.document_id, targets, index_all)
        return PresenceCounts(disappeared=disappeared, returned=returned)

    def disappearances(self, document_id: str) -> tuple[Disappearance, ...]:
        """Return when an article was gone, oldest first."""
        columns = disappearance.c
        query = select(columns.gone_at, columns.reason, columns.back_at).where(columns.document_id == document_id)
        with self._db.read() as connection:
            rows = connection.execute(query.order_by(columns.gone_at)).mappings()
            return tuple(Disappearance(**row) for row in rows)


def _held(connection: Connection, document_id: str) -> Presence | None:
    columns = document.c
    query = select(page_check.c.missed_at, columns.disappeared_at)
    query = query.select_from(document.outerjoin(page_check)).where(columns.id == document_id)
    row = connection.execute(query).mappings().first()
    return None if row is None else Presence(**row)


def _change(connection: Connection, check: PageCheck, now: Presence) -> None:
    at = now.disappeared_at
    connection.execute(update(document).where(document.c.id == check.document_id).values(disappeared_at=at))
    if at is not None:
        gone = {"document_id": check.document_id, "gone_at": at, "reason": check.reason}
        connection.execute(insert(disappearance), gone)
    else:
        columns = disappearance.c
        open_one = update(disappearance).where(columns.document_id == check.document_id, columns.back_at.is_(None))
        connection.execute(open_one.values(back_at=check.at))


def _enqueue(connection: Connection, document_id: str, targets: Sequence[str], index_all: bool) -> None:
    assessed = connection.execute(select(document.c.assessed).where(document.c.id == document_id)).scalar_one()
    enqueue(connection, targets, list(index_op(document_id, now=assessed, before=assessed, index_all=index_all)))
