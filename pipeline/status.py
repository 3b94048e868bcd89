"""The state of an installation, as facts for people and for monitoring."""

import shutil
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from config.messages import Lang
from crawlers.ledger import PollRecord, last_answers
from pipeline.index_state import IndexCount, IndexState
from pipeline.locks import RunningService
from pipeline.records import Source
from pipeline.schedule.health import examine
from pipeline.schedule.vitals import Vitals
from pipeline.store import Store

MEGABYTE = 1024 * 1024
HEALTHY_WITHIN = timedelta(hours=24)
SHOWN_RUNS = 8


def installation_status(
    store: Store, state: IndexState, sources: Sequence[Source], home: Path, now: datetime
) -> dict[str, Any]:
    """Return last runs, sources, queue, counts and disk use; values are plain JSON."""
    census = store.counts()
    return {
        "at": now.isoformat(timespec="seconds"),
        "documents": census.documents,
        "assessed": census.assessed,
        "indexed": state.embedded.held,
        "outbox": state.embedded.waiting,
        "elastic": None if state.elastic is None else index_row(state.elastic),
        "queue": census.queued,
        "quarantined": census.set_aside,
        "sealed_digests": census.sealed_digests,
        "sources": _source_health(sources, store.polls_between(now - HEALTHY_WITHIN, now)),
        "runs": [
            {
                "kind": run.kind,
                "started_at": run.started_at.isoformat(timespec="seconds"),
                "finished_at": run.finished_at.isoformat(timespec="seconds") if run.finished_at else None,
                "outcome": run.outcome or "unfinished",
                "counts": dict(run.counts),
            }
            for run in store.last_runs(SHOWN_RUNS)
        ],
        "disk": {
            "inbox_mb": _megabytes(home / "inbox"),
            "store_mb": _megabytes(home / "store.sqlite"),
            "index_mb": _megabytes(home / "index.sqlite"),
            "free_gb": round(shutil.disk_usage(home).free / MEGABYTE / 1024, 1),
        },
    }


def service_status(service: RunningService | None, vitals: Vitals, lang: Lang) -> dict[str, Any]:
    """Return whether a service runs, its jobs, what waits and since when, and the verdict; values are plain JSON."""
    return {
        "service": None if service is None else asdict(service),
        "jobs": [
            {
                "id": job.id,
                "started_at": job.started_at.isoformat(timespec="seconds"),
                "finished_at": job.finished_at.isoformat(timespec="seconds") if job.finished_at else None,
                "outcome": job.outcome or "unfinished",
                "failures": job.failures,
                "problem": job.problem,
            }
            for job in vitals.jobs.values()
        ],
        "waiting": dict(vitals.waiting),
        "waiting_s": {name: round((vitals.at - since).total_seconds()) for name, since in vitals.since.items()},
        "deliveries": [
            {"channel": channel, "state": state, "count": count}
            for (channel, state), count in sorted(vitals.deliveries.items())
        ],
        "alerts": dict(vitals.alerts),
        "health": examine(vitals).rows(lang),
    }


def index_row(one: IndexCount) -> dict[str, Any]:
    """Return what is known of an index as plain JSON."""
    return {
        "documents": one.held,
        "waiting": one.waiting,
        "refused": one.refused,
        "refusals": [{"document": document_id, "reason": reason} for document_id, reason in one.refusals],
        "building": one.building,
        "problem": None if one.problem is None else str(one.problem),
    }


def _source_health(sources: Sequence[Source], polls: Sequence[PollRecord]) -> dict[str, Any]:
    """Say which enabled sources answered when last asked, of those asked at all."""
    enabled = {source.id for source in sources if source.enabled}
    healthy, failing = last_answers(poll for poll in polls if poll.source_id in enabled)
    return {
        "enabled": len(enabled),
        "healthy": len(healthy),
        "failing": [
            {"source": source_id, "url": poll.url, "reason": poll.reason} for source_id, poll in sorted(failing.items())
        ],
    }


def _megabytes(path: Path) -> float:
    files = path.rglob("*") if path.is_dir() else path.parent.glob(f"{path.name}*")
    return round(sum(file.stat().st_size for file in files if file.is_file()) / MEGABYTE, 1)
