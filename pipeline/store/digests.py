"""Sealed digests: the facts of what was issued, as they were issued."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import exc, insert, select

from config.errors import StoreError
from pipeline.store.engine import Tables
from pipeline.store.schema import sealed_digest

DAILY = "daily"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedDigest:
    """An issued edition."""

    revision: int
    facts: dict[str, Any]
    """As in ``digest.json``, keys in the same order."""
    sealed_at: datetime


class DigestTables(Tables):
    """The part of the store that holds sealed digests. Nothing here overwrites."""

    def sealed_digest(
        self, province: str, day: date, revision: int | None = None, *, edition: str = DAILY
    ) -> SealedDigest | None:
        """Return one revision, the latest when none is named; None when there is none."""
        columns = sealed_digest.c
        query = select(columns.revision, columns.facts, columns.sealed_at)
        query = query.where(columns.province == province, columns.day == day, columns.edition == edition)
        if revision is not None:
            query = query.where(columns.revision == revision)
        with self._db.read() as connection:
            row = connection.execute(query.order_by(columns.revision.desc()).limit(1)).mappings().first()
        return None if row is None else SealedDigest(**{**row, "facts": json.loads(row["facts"])})

    def seal_digest(
        self,
        province: str,
        day: date,
        revision: int,
        facts: dict[str, Any],
        sealed_at: datetime,
        *,
        edition: str = DAILY,
    ) -> None:
        """Keep an edition for good. Raises StoreError when this revision exists."""
        row = {
            "province": province,
            "day": day,
            "edition": edition,
            "revision": revision,
            "facts": json.dumps(facts, ensure_ascii=False),
            "sealed_at": sealed_at,
        }
        with self._db.write() as connection:
            try:
                connection.execute(insert(sealed_digest), [row])
            except exc.IntegrityError as error:
                raise StoreError("store.digest_sealed", province=province, day=day, revision=revision) from error

    def sealed_since(self, province: str, first: date) -> dict[date, datetime]:
        """Return for each issued daily edition from ``first`` on when it was sealed, by day.

        Of several revisions the last one before the next day's edition counts: until that is issued, a revision takes
        in what came since.
        """
        columns = sealed_digest.c
        query = select(columns.day, columns.sealed_at).order_by(columns.day, columns.revision)
        query = query.where(columns.province == province, columns.edition == DAILY, columns.day >= first)
        sealings: dict[date, list[datetime]] = {}
        with self._db.read() as connection:
            for day, sealed_at in connection.execute(query):
                sealings.setdefault(day, []).append(sealed_at)
        found = {}
        for day, instants in sealings.items():
            following = sealings.get(day + ONE_DAY)
            found[day] = max((at for at in instants if not following or at < following[0]), default=instants[0])
        return found
