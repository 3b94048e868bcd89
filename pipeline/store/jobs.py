"""How the jobs of the service went, one row a job, and what waits for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, true, update

from pipeline.store.engine import Tables
from pipeline.store.job_schema import job
from pipeline.store.rows import storable
from pipeline.store.schema import announced_page, document


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun:
    """The last run of one job."""

    id: str
    started_at: datetime
    finished_at: datetime | None
    """None: still running, or killed with the whole service."""
    done_at: datetime | None
    """When the last run that came to its end was started; None: none did."""
    outcome: str
    """``done``, ``partial``, ``failed``, …; empty until finished."""
    problem: str
    """Why it failed, in words; empty when it did not."""
    failures: int
    """In a row."""


class JobTables(Tables):
    """The part of the store that the service keeps its record in."""

    def start_job(self, job_id: str, at: datetime) -> None:
        row = {"id": job_id, "started_at": at, "finished_at": None, "outcome": "", "problem": "", "failures": 0}
        statement = self._db.insert(job)
        begun = {name: statement.excluded[name] for name in ("started_at", "finished_at", "outcome")}
        with self._db.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=begun), [row])

    def finish_job(self, job_id: str, at: datetime, outcome: str, *, done: bool, problem: str = "") -> None:
        """Record how a run ended; without ``done`` and with a problem it counts as a failure."""
        values: dict[str, object] = {"finished_at": at, "outcome": outcome, "problem": storable(problem)}
        if done:
            values |= {"done_at": job.c.started_at, "failures": 0}
        elif problem:
            values["failures"] = job.c.failures + 1
        with self._db.write() as connection:
            connection.execute(update(job).where(job.c.id == job_id).values(values))

    def jobs(self) -> Mapping[str, JobRun]:
        """Return the last run of every job that ever ran, by id."""
        with self._db.read() as connection:
            rows = connection.execute(select(job).order_by(job.c.id)).mappings()
            return {row["id"]: JobRun(**row) for row in rows}

    def oldest_queued_at(self) -> datetime | None:
        """Return since when the page waits that waits longest to be fetched; None when none does."""
        query = select(func.min(announced_page.c.queued_at)).where(announced_page.c.queued == true())
        with self._db.read() as connection:
            return connection.execute(query).scalar()

    def fetch_lags_s(self, since_at: datetime) -> list[float]:
        """Return the seconds from publication to fetching of each article first fetched since an instant."""
        query = select(document.c.published_at, document.c.fetched_at).where(document.c.fetched_at >= since_at)
        with self._db.read() as connection:
            return [(fetched - published).total_seconds() for published, fetched in connection.execute(query).all()]
