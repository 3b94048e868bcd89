"""Is all well? Pure checks over `vitals.Vitals`, listed in the order of the answer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from config.messages import Lang, message
from pipeline.schedule.vitals import Vitals

POLLS_WAIT = timedelta(hours=1)
"""Outlets are asked within minutes of being due; when one waited so long, nobody crawls."""
READING_WAITS = timedelta(hours=1)
"""Of pages fetched and not yet read."""
SENDING_WAITS = timedelta(minutes=30)
"""An alert that is told later than that is none."""
PAGES_WAIT = timedelta(hours=12)
"""Pages of an outlet that is down wait for it; that is worth knowing, and no fault of ours."""
LOW_DISK_GB = 2.0
FAILURES_IN_A_ROW = 3
"""A job that failed so often does not mend itself."""
TURNS_MISSED = timedelta(minutes=10)
"""Something is looked after every minute; when nothing was for so long, the clockwork stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that is not as it should be."""

    code: str
    severe: bool
    """False: worth a look; the service does its work."""
    fields: Mapping[str, object] = field(default_factory=dict)

    def text(self, lang: Lang) -> str:
        return message(f"health.{self.code}", lang, **self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The verdict."""

    reasons: tuple[Reason, ...] = ()

    @property
    def ok(self) -> bool:
        return not any(reason.severe for reason in self.reasons)

    def rows(self, lang: Lang) -> dict[str, Any]:
        """Return it as plain JSON."""
        reasons = [{"code": one.code, "severe": one.severe, "text": one.text(lang)} for one in self.reasons]
        return {"ok": self.ok, "reasons": reasons}


def examine(vitals: Vitals) -> Health:
    """Judge the figures."""
    return Health(reasons=tuple(reason for check in CHECKS for reason in check(vitals)))


def stands_still(seen_at: datetime | None, now: datetime) -> Iterator[Reason]:
    """Judge a service by when one of its jobs last had a turn; None: it has only begun."""
    if seen_at is not None and now - seen_at > TURNS_MISSED:
        yield Reason(code="clockwork", severe=True, fields={"minutes": _minutes(now - seen_at)})


def _waiting(vitals: Vitals, name: str, code: str, longest: timedelta, *, severe: bool) -> Iterator[Reason]:
    since = vitals.since.get(name)
    if since is not None and vitals.at - since > longest:
        fields = {"count": vitals.waiting.get(name, 0), "minutes": _minutes(vitals.at - since)}
        yield Reason(code=code, severe=severe, fields=fields)


def _crawling(vitals: Vitals) -> Iterator[Reason]:
    return _waiting(vitals, "polls", "crawl_late", POLLS_WAIT, severe=True)


def _answering(vitals: Vitals) -> Iterator[Reason]:
    if vitals.failing and not vitals.healthy:
        yield Reason(code="outlets_silent", severe=True, fields={"count": vitals.failing})


def _reading(vitals: Vitals) -> Iterator[Reason]:
    return _waiting(vitals, "segments", "process_late", READING_WAITS, severe=True)


def _sending(vitals: Vitals) -> Iterator[Reason]:
    return _waiting(vitals, "deliveries", "send_late", SENDING_WAITS, severe=True)


def _fetching(vitals: Vitals) -> Iterator[Reason]:
    return _waiting(vitals, "pages", "pages_wait", PAGES_WAIT, severe=False)


def _jobs(vitals: Vitals) -> Iterator[Reason]:
    for job in vitals.jobs.values():
        if job.failures:
            fields = {"job": job.id, "failures": job.failures, "problem": job.problem}
            yield Reason(code="job_fails", severe=job.failures >= FAILURES_IN_A_ROW, fields=fields)


def _uncertain(vitals: Vitals) -> Iterator[Reason]:
    count = sum(number for (_, state), number in vitals.deliveries.items() if state == "uncertain")
    if count:
        yield Reason(code="uncertain", severe=False, fields={"count": count})


def _disk(vitals: Vitals) -> Iterator[Reason]:
    if vitals.free_gb < LOW_DISK_GB:
        yield Reason(code="disk", severe=True, fields={"gb": round(vitals.free_gb, 1)})


CHECKS = (_crawling, _answering, _reading, _sending, _jobs, _disk, _uncertain, _fetching)


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
