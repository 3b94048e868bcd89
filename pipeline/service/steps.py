"""What each job of the plan does with an installation. Runs in a child process; blocks until it is done.

``is_stopping`` turns true when the service is to end: a step that takes long asks it between two pieces of work.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Literal

from config.localtime import local_hour
from config.messages import message
from pipeline.app import Installation
from pipeline.digest.issue import IssuedDigest
from pipeline.digest.period import Period
from pipeline.schedule.backups import rotate
from pipeline.schedule.plan import CRAWL_SLICE, PROCESS_SLICE, WEEKDAYS, JobId, work_slice

BACKLOG_PATIENCE = timedelta(hours=1)
"""After an edition is due; a press office that starts work at eight has it in time."""

Outcome = Literal["done", "partial", "stopped", "busy", "failed"]
"""``partial``: done, with part missing; ``busy``: another command held the installation; ``stopped``: asked to end."""

IsStopping = Callable[[], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """How one run of a job went."""

    outcome: Outcome = "done"
    problem: str = ""
    """Why it failed, in words."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """For the log."""
    by_source: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Pages or articles by source id and outcome."""
    more: bool = False
    """It made room for others; its next turn goes on from there."""


Step = Callable[[Installation, IsStopping], StepReport]


def crawl(installation: Installation, is_stopping: IsStopping) -> StepReport:
    """Poll what is due and fetch what is new; while it does, Scrapy handles SIGTERM itself."""
    if is_stopping():
        return StepReport(outcome="stopped")
    limit = work_slice(CRAWL_SLICE, installation.settings, installation.now())
    summary = installation.crawl(time_limit_s=limit.total_seconds())
    by_source = {}
    for source in summary.sources:
        found = {"fetched": source.pages, **source.refused, **source.postponed}
        by_source.update({(source.source_id, outcome): count for outcome, count in found.items() if count})
    outcome: Outcome = "stopped" if summary.interrupted else "partial" if summary.failed_sources else "done"
    counts = {"polled": summary.polled, "pages": summary.pages, "failed_sources": len(summary.failed_sources)}
    return StepReport(outcome=outcome, counts=counts, by_source=by_source)


def process(installation: Installation, is_stopping: IsStopping) -> StepReport:
    """Read the inbox into the store and the index, a slice of it when there is much."""
    until_at = installation.now() + work_slice(PROCESS_SLICE, installation.settings, installation.now())
    report = installation.process(is_stopping=lambda: is_stopping() or installation.now() >= until_at)
    return StepReport(
        outcome="stopped" if is_stopping() else "done",
        counts=report.counts(),
        by_source=dict(report.by_source),
        more=report.stopped,
    )


def index(installation: Installation, _: IsStopping) -> StepReport:
    """Send what waits to the indexes."""
    installation.indexes.feed()
    return StepReport()


def alerts(installation: Installation, _: IsStopping) -> StepReport:
    """Judge the days that may have changed, and plan what is to be told of it."""
    report = installation.alerts.check()
    return StepReport(counts={"events": len(report.events)})


def digest(installation: Installation, is_stopping: IsStopping) -> StepReport:
    """Issue the edition whose window closed last, with everything in it that was fetched by now.

    A backlog of pages that may belong to it holds it up for `BACKLOG_PATIENCE`; what is read later is told by the next
    edition as a late item.
    """
    day, settings = installation.editions.due_day(), installation.settings
    until_at = installation.now() + PROCESS_SLICE
    cut_short = False
    if installation.has_unread_pages():
        report = installation.process(
            news_only=True, is_stopping=lambda: is_stopping() or installation.now() >= until_at
        )
        cut_short = report.stopped
    if is_stopping():
        return StepReport(outcome="stopped")
    patient_until_at = local_hour(day, settings.digest.sending_hour) + BACKLOG_PATIENCE
    if cut_short and installation.now() < patient_until_at and installation.has_unread_pages_of(day):
        return StepReport(outcome="failed", problem=message("serve.pages_wait", settings.language))
    installation.find_stories()  # of what was read by a run that was cut short
    return _published(installation, installation.editions.issue(Period.daily(day)))


def foreign(installation: Installation, _: IsStopping) -> StepReport:
    """Issue the foreign-press edition of the week that ended last."""
    closed, wanted = installation.editions.due_day(), WEEKDAYS.index(installation.settings.digest.foreign_weekday)
    last = closed - timedelta(days=(closed.weekday() - wanted) % 7)
    return _published(installation, installation.editions.issue(Period.foreign_week(last)))


def _published(installation: Installation, issued: IssuedDigest) -> StepReport:
    """Write an edition and plan it for its recipients; planned again, nothing is sent again."""
    installation.editions.write(issued.digest)
    counts = {"reports": issued.digest.counts.total, "messages": installation.plan_digest(issued)}
    return StepReport(outcome="done" if issued.sealed_at else "partial", counts=counts)


def deliver(installation: Installation, is_stopping: IsStopping) -> StepReport:
    """Send what is due."""
    report = installation.deliver(should_stop=is_stopping)
    return StepReport(outcome="partial" if report.troubled else "done", counts=asdict(report))


def reminders(installation: Installation, _: IsStopping) -> StepReport:
    """Plan the reminders of reports that are due."""
    return StepReport(counts={"messages": installation.plan_reminders()})


def recheck(installation: Installation, is_stopping: IsStopping) -> StepReport:
    """Ask recent articles whether they are still there, as long as a crawl may take."""
    if is_stopping():
        return StepReport(outcome="stopped")
    limit = work_slice(CRAWL_SLICE, installation.settings, installation.now())
    report = installation.recheck(time_limit_s=limit.total_seconds())
    return StepReport(outcome="partial" if report.unasked else "done", counts=report.counts())


def backup(installation: Installation, _: IsStopping) -> StepReport:
    """Copy what cannot be fetched again, and let old copies go."""
    settings = installation.settings.backup
    folder = installation.home / settings.folder
    installation.backup(folder, whole_inbox=settings.whole_inbox)
    gone = rotate(folder, daily=settings.keep_daily, weekly=settings.keep_weekly)
    return StepReport(counts={"deleted": len(gone)})


def purge(installation: Installation, _: IsStopping) -> StepReport:
    """Apply the retention settings."""
    report = installation.purge()
    return StepReport(counts={"segments": report.segments, "texts": report.texts})


STEPS: Mapping[JobId, Step] = {
    "crawl": crawl,
    "process": process,
    "index": index,
    "alerts": alerts,
    "deliver": deliver,
    "digest": digest,
    "foreign": foreign,
    "reminders": reminders,
    "recheck": recheck,
    "backup": backup,
    "purge": purge,
}
