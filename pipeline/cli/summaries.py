"""What commands print when they are done: counts in one screen, reasons in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import typer

from config.localtime import LOCAL_ZONE, spell_local
from config.messages import message
from config.units import unit_names
from crawlers.reasons import describe_reason
from crawlers.summary import CrawlSummary
from dashboards.digest.overview import subject_of
from pipeline.alerts.check import CheckReport
from pipeline.cli.session import Session
from pipeline.digest.issue import IssuedDigest
from pipeline.importing import SetAsideLine
from pipeline.index.protocol import Hit
from pipeline.index_state import IndexState
from pipeline.status import index_row
from pipeline.store.deliveries import DeliveryState

if TYPE_CHECKING:
    from pipeline.process import ProcessReport

SHOWN_LINES = 20
SHOWN_SOURCES = 8


def say_crawl(session: Session, summary: CrawlSummary) -> None:
    """Print how many sources answered, what was fetched, and who failed and why."""
    polled = [outcome for outcome in summary.sources if outcome.endpoints]
    if not polled and not summary.pages:
        session.say("crawl_idle")
        return
    session.say(
        "crawl_done",
        healthy=len(polled) - len(summary.failed_sources),
        due=len(polled),
        pages=summary.pages,
        mb=round(summary.bytes / 1_000_000, 1),
    )
    for line in failing_lines(session, [(outcome.source_id, outcome.reason) for outcome in summary.failed_sources]):
        typer.echo(line)
    if polled and not summary.interrupted and len(summary.failed_sources) == len(polled):
        session.warn("crawl_all_failed")
    if summary.refused:
        session.say("crawl_refused", reasons=reasons_text(session, summary.refused))
    if summary.interrupted or summary.out_of_time:
        session.say("crawl_interrupted")


def failing_lines(session: Session, failures: Sequence[tuple[str, str]]) -> list[str]:
    """Return a line a reason with the sources it befell, most frequent first; long lists are cut."""
    by_reason: dict[str, list[str]] = {}
    for source_id, reason in failures:
        by_reason.setdefault(reason, []).append(source_id)
    lines = []
    for reason, ids in sorted(by_reason.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        more = session.text("more_sources", count=len(ids) - SHOWN_SOURCES) if len(ids) > SHOWN_SOURCES else ""
        shown = ", ".join(ids[:SHOWN_SOURCES]) + more
        lines.append(
            session.text("failing", reason=describe_reason(reason, session.lang), count=len(ids), sources=shown)
        )
    return lines


def say_process(session: Session, report: "ProcessReport") -> None:
    """Print what was kept and why the rest was dropped."""
    session.say("process_done", **{key: value for key, value in report.counts().items() if key != "rejected"})
    if report.reassessed:
        session.say("process_reassessed", count=report.reassessed)
    if report.rejected:
        session.say("process_rejected", reasons=reasons_text(session, report.rejected))


def say_digest(session: Session, issued: IssuedDigest, paths: Sequence[Path]) -> None:
    """Print the subject line, whether the edition is final, and where its files are."""
    digest = issued.digest
    session.say("digest_done", subject=subject_of(digest))
    if issued.sealed_at:
        at = spell_local(issued.sealed_at)
        session.say("digest_sealed", revision=digest.revision, at=at)
    else:
        session.say(f"digest_{issued.open_because}", day=digest.date.strftime("%d/%m/%Y"))
    if digest.editor:
        session.say("digest_edited", by=digest.editor.by)
    if issued.edits_wait:
        session.warn("digest_edits_wait")
    for path in paths:
        session.say("digest_file", path=path)


def say_check(session: Session, report: CheckReport) -> None:
    """Print what happened, and which units nothing can be said of."""
    for event in report.events:
        session.say(
            "alerts_event", what=session.text(f"alert_event_{event.kind}", level=event.level), id=event.alert_id
        )
    if not report.events:
        session.say("alerts_unchanged")
    for unit, verdict in report.today.items():
        if verdict.state in ("insufficient_data", "learning"):
            session.say(f"alerts_{verdict.state}", unit=unit_names()[unit])
    if report.failed:
        shown = ", ".join(report.failed[:SHOWN_SOURCES])
        more = len(report.failed) - SHOWN_SOURCES
        session.say("alerts_down", sources=shown + (session.text("more_sources", count=more) if more > 0 else ""))


def say_some(session: Session, lines: Sequence[str], *, err: bool = False) -> None:
    """Print some lines, and how many more there are; ``err``: to standard error."""
    more = [session.text("more_lines", count=len(lines) - SHOWN_LINES)] if len(lines) > SHOWN_LINES else []
    for line in (*lines[:SHOWN_LINES], *more):
        typer.echo(line, err=err)


def say_bad_lines(session: Session, path: Path, lines: Sequence[SetAsideLine]) -> None:
    """Print which lines were set aside and why."""
    session.warn("import_bad", count=len(lines), path=path)
    problems = (line_problem(session, line.reason, line.number) for line in lines)
    say_some(session, [session.text("bad_line", path=path, problem=each) for each in problems], err=True)


def line_problem(session: Session, reason: str, number: int) -> str:
    """Return what is wrong with a line, in words that name its number."""
    return message(f"items.{reason}", session.lang, number=number)


def reasons_text(session: Session, reasons: Mapping[str, int]) -> str:
    """Return ``quá lớn (3) · trang trống (1)``, most frequent first; an unknown reason stays as it is."""
    ordered = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return " · ".join(f"{describe_reason(reason, session.lang)} ({count})" for reason, count in ordered)


def hit_row(hit: Hit) -> dict[str, Any]:
    """Return a hit as plain JSON."""
    return {
        "id": hit.id,
        "url": hit.url,
        "title": hit.title,
        "lead": hit.lead,
        "outlet": hit.outlet,
        "outlet_id": hit.outlet_id,
        "language": hit.language,
        "published_at": hit.published_at.astimezone(LOCAL_ZONE).isoformat(),
        "tones": dict(hit.tones),
        "topics": list(hit.topics),
        "marks": list(hit.marks),
        "highlights": list(hit.highlights),
    }


def status_lines(session: Session, state: Mapping[str, Any]) -> list[str]:
    """Return the lines of ``diembao status``."""
    sources = state["sources"]
    lines = [
        session.text("status_documents", **{k: state[k] for k in ("documents", "assessed", "indexed", "outbox")}),
        *_elastic_lines(session, state["elastic"]),
        session.text("status_queue", queue=state["queue"], quarantined=state["quarantined"]),
        session.text(
            "status_sources",
            enabled=sources["enabled"],
            healthy=sources["healthy"],
            failing=len(sources["failing"]),
        ),
        *failing_lines(session, [(one["source"], one["reason"]) for one in sources["failing"]]),
        session.text("status_deliveries", **_messages_by_state(state["deliveries"])),
        session.text("status_disk", **state["disk"]),
        session.text("status_runs" if state["runs"] else "status_no_runs"),
    ]
    for run in state["runs"]:
        counts = (session.text(f"status_count_{key}", count=count) for key, count in run["counts"].items())
        what = " · ".join((session.text(f"status_outcome_{run['outcome']}"), *counts))
        at = spell_local(datetime.fromisoformat(run["started_at"]))
        lines.append(session.text("status_run", at=at, kind=run["kind"], what=what))
    return lines + _service_lines(session, state)


def _service_lines(session: Session, state: Mapping[str, Any]) -> list[str]:
    service, health = state["service"], state["health"]
    if service:
        since = spell_local(datetime.fromisoformat(service["since"]))
        lines = [session.text("status_service", pid=service["pid"], since=since)]
    else:
        lines = [session.text("status_no_service")]
    if state["jobs"]:
        lines.append(session.text("status_jobs"))
    for job in state["jobs"]:
        at = spell_local(datetime.fromisoformat(job["started_at"]))
        outcome = session.text(f"status_outcome_{job['outcome']}")
        line = session.text("status_job", at=at, id=job["id"], outcome=outcome, problem=job["problem"])
        lines.append(line.rstrip())
    lines.append(session.text("status_health_bad" if health["reasons"] else "status_health_ok"))
    return lines + [f"  {reason['text']}" for reason in health["reasons"]]


def _messages_by_state(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many messages are in each state, whatever their channel."""
    counts: dict[str, int] = dict.fromkeys(get_args(DeliveryState), 0)
    for row in rows:
        counts[row["state"]] += row["count"]
    return counts


def index_lines(session: Session, state: IndexState) -> list[str]:
    """Return the lines of ``diembao index status``."""
    embedded = state.embedded
    lines = [
        session.text("index_wanted", wanted=state.wanted),
        session.text("index_embedded", held=embedded.held, waiting=embedded.waiting),
    ]
    if state.elastic is None:
        lines.append(session.text("index_no_elastic"))
    else:
        lines += _elastic_lines(session, index_row(state.elastic))
        if state.elastic.problem:
            lines.append(f"  {state.elastic.problem.text(session.lang)}")
    wrong = [one for one in (state.embedded, state.elastic) if one is not None and state.differs(one)]
    if wrong:
        lines.append(session.text("index_differs"))
    return lines


def _elastic_lines(session: Session, one: Mapping[str, Any] | None) -> list[str]:
    if one is None:
        return []
    key = "index_elastic" if one["problem"] is None else "index_elastic_away"
    lines = [session.text(key, held=one["documents"], waiting=one["waiting"], refused=one["refused"])]
    if one["building"]:
        lines.append(session.text("index_building", name=one["building"]))
    lines += (session.text("index_refusal", **refusal) for refusal in one["refusals"])
    return lines
