"""Examine an installation and advise: each check is a function, listed in the order of the report."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from classifiers.model_files import check_files, models_digest
from config.errors import DiembaoError
from config.localtime import spell_local
from config.messages import Lang, message
from config.settings import Settings
from config.units import unit_names
from pipeline.index_state import IndexState
from pipeline.records import Source
from pipeline.store import Store

LOW_DISK_GB = 2
COLLECTED_WITHIN = timedelta(hours=24)
CLOCK_SLACK = timedelta(minutes=5)
EARLIEST_CLOCK_YEAR = 2026
"""A clock before the year this program was written is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report: a message id, its fields, and whether all is well."""

    code: str
    ok: bool
    undone: bool = False
    """Nothing is wrong, but something is still left to do before the program can serve."""
    fields: dict[str, object] = field(default_factory=dict)

    def text(self, lang: Lang) -> str:
        """Return the line in ``lang``."""
        return message(self.code, lang, **self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What is examined; adapters are opened by the checks, so that a broken one is a finding."""

    home: Path
    settings: Settings
    open_sources: Callable[[], tuple[Source, ...]]
    open_store: Callable[[], Store]
    examine_index: Callable[[], IndexState]
    now: datetime


def examine(patient: Patient) -> list[Finding]:
    """Run every check; one that fails does not stop the others."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings.extend(check(patient))
        except DiembaoError as exc:
            findings.append(Finding(code="doctor.broken", ok=False, fields={"error": exc}))
    return findings


def _check_settings(patient: Patient) -> Iterator[Finding]:
    settings = patient.settings
    yield Finding(code="doctor.settings", ok=True, fields={"province": unit_names()[settings.province]})
    if not settings.contact:
        yield Finding(code="doctor.no_contact", ok=False)


def _check_sources(patient: Patient) -> Iterator[Finding]:
    enabled = [source for source in patient.open_sources() if source.enabled]
    unreachable = [source.id for source in enabled if not source.endpoints]
    if len(unreachable) < len(enabled):
        yield Finding(code="doctor.sources", ok=True, fields={"count": len(enabled) - len(unreachable)})
    else:
        yield Finding(code="doctor.no_endpoints", ok=False)
    unknown = sorted(set(patient.settings.mute.sources) - {source.id for source in patient.open_sources()})
    if unknown:
        yield Finding(code="doctor.unknown_muted", ok=False, fields={"sources": ", ".join(unknown)})


def _check_models(_: Patient) -> Iterator[Finding]:
    check_files()
    yield Finding(code="doctor.models", ok=True, fields={"version": models_digest()})


def _check_store(patient: Patient) -> Iterator[Finding]:
    store = patient.open_store()
    yield Finding(code="doctor.store", ok=True, fields={"documents": store.counts().documents})
    defects = sum(one.kind == "page" for one in store.quarantined())
    if defects:
        yield Finding(code="doctor.set_aside", ok=False, fields={"count": defects})


def _check_collecting(patient: Patient) -> Iterator[Finding]:
    """Crawls that reach nobody look like a quiet press; that must be said."""
    polls = patient.open_store().polls_between(patient.now - COLLECTED_WITHIN, patient.now)
    if not polls:
        yield Finding(code="doctor.not_asked", ok=True, undone=True)
        return
    answered = sum(poll.ok for poll in polls)
    code = "doctor.collecting" if answered else "doctor.not_collecting"
    yield Finding(code=code, ok=answered > 0, fields={"answered": answered, "asked": len(polls)})


def _check_index(patient: Patient) -> Iterator[Finding]:
    state = patient.examine_index()
    one = state.embedded
    code = "doctor.index_differs" if state.differs(one) else "doctor.index"
    fields: dict[str, object] = {"indexed": one.held, "wanted": state.wanted, "waiting": one.waiting}
    yield Finding(code=code, ok=not state.differs(one), fields=fields)
    yield from _check_elastic(patient, state)


def _check_elastic(patient: Patient, state: IndexState) -> Iterator[Finding]:
    one = state.elastic
    if one is None:
        return
    fields: dict[str, object] = {"indexed": one.held, "wanted": state.wanted, "waiting": one.waiting}
    if one.problem:
        yield Finding(code="doctor.elastic_away", ok=False, fields=fields | {"error": one.problem})
    elif state.differs(one):
        yield Finding(code="doctor.elastic_differs", ok=False, fields=fields)
    else:
        code = "doctor.elastic_behind" if one.waiting else "doctor.elastic"
        yield Finding(code=code, ok=not one.waiting, fields=fields)
    if one.refused:
        reason = one.refusals[0][1] if one.refusals else ""
        yield Finding(code="doctor.elastic_refused", ok=False, fields={"count": one.refused, "reason": reason})
    settings = patient.settings.index
    if not settings.verify and any(url.startswith("https:") for url in settings.urls):
        yield Finding(code="doctor.elastic_unverified", ok=False)


def _check_disk(patient: Patient) -> Iterator[Finding]:
    free_gb = shutil.disk_usage(patient.home).free / 1024**3
    enough = free_gb >= LOW_DISK_GB
    fields: dict[str, object] = {"free_gb": round(free_gb, 1), "least_gb": LOW_DISK_GB}
    yield Finding(code="doctor.disk" if enough else "doctor.disk_low", ok=enough, fields=fields)


def _check_clock(patient: Patient) -> Iterator[Finding]:
    """The clock must not lie behind what was already recorded by it."""
    runs = patient.open_store().last_runs(1)
    last_at = max((run.finished_at or run.started_at for run in runs), default=None)
    behind = last_at is not None and patient.now + CLOCK_SLACK < last_at
    sane = patient.now.year >= EARLIEST_CLOCK_YEAR and not behind
    code = "doctor.clock" if sane else "doctor.clock_wrong"
    yield Finding(
        code=code, ok=sane, fields={"now": spell_local(patient.now), "last": spell_local(last_at or patient.now)}
    )


CHECKS: tuple[Callable[[Patient], Iterator[Finding]], ...] = (
    _check_settings,
    _check_sources,
    _check_models,
    _check_store,
    _check_collecting,
    _check_index,
    _check_disk,
    _check_clock,
)
