"""Issue an edition once: build it from the store, seal its facts, and give the sealed one ever after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from classifiers.topics import sensitive_topics
from classifiers.vote import load_votes
from config.errors import UsageError
from config.localtime import spell_local
from config.settings import Settings
from config.units import members
from pipeline.digest.build import HISTORY_DAYS, build_digest
from pipeline.digest.coverage import compute_coverage
from pipeline.digest.facts import digest_of, facts_of
from pipeline.digest.reports import DigestPlan, count_days
from pipeline.digest.window import ONE_DAY, publication_span, window
from pipeline.records import Coverage, DayCount, Digest, Source
from pipeline.store import Store

OpenReason = Literal["window_open", "nothing_collected"]

FIRST_DAY = date(2000, 1, 1)
"""No press that can be collected is older."""
PREVIEW_REVISION = 0
"""Of an edition that is not final: its window is open, or nobody looked at the press of that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedDigest:
    """An edition and whether it is final."""

    digest: Digest
    sealed_at: datetime | None
    """None: a preview."""
    open_because: OpenReason | None = None
    """Why a preview was not sealed."""


def issue_digest(
    store: Store,
    settings: Settings,
    sources: Sequence[Source],
    day: date,
    *,
    now: datetime,
    software: str,
    revise: bool,
) -> IssuedDigest:
    """Return the sealed edition of ``day``; build and seal it when there is none, or as a next one with ``revise``.

    What cannot be final yet is a preview: revision 0, not sealed.
    Raises UsageError for a day whose window has not opened, and for one long before any collecting.
    """
    if day < FIRST_DAY:
        raise UsageError("cli.ancient_day", day=day, first=FIRST_DAY)
    from_at, to_at = window(day, settings.digest.window_hour)
    if now < from_at:
        opens = spell_local(from_at)
        raise UsageError("cli.future_day", day=day, opens=opens)
    sealed = store.sealed_digest(settings.province, day)
    if sealed and not revise:
        return IssuedDigest(digest=digest_of(sealed.facts), sealed_at=sealed.sealed_at)
    coverage = _coverage(store, sources, from_at, to_at, now, settings)
    open_because = _open_reason(store, coverage, from_at, to_at, now)
    revision = PREVIEW_REVISION if open_because else sealed.revision + 1 if sealed else 1
    plan = _digest_plan(store, settings, software)
    units = members(settings.province)
    digest = build_digest(
        plan,
        day,
        store.documents(*publication_span(day, plan.hour), units=units),
        coverage=coverage,
        earlier=_earlier_days(store, plan, day, units),
        revision=revision,
    )
    if open_because:
        return IssuedDigest(digest=digest, sealed_at=None, open_because=open_because)
    facts = facts_of(digest)
    store.seal_digest(settings.province, day, revision, facts, now)
    return IssuedDigest(digest=digest_of(facts), sealed_at=now)


def _open_reason(
    store: Store, coverage: Coverage | None, from_at: datetime, to_at: datetime, now: datetime
) -> OpenReason | None:
    """A day of which nothing was collected, when no source answered either, has no edition to be final about."""
    if now < to_at:
        return "window_open"
    collected = store.any_published(from_at, to_at) or (coverage is not None and coverage.healthy > 0)
    return None if collected else "nothing_collected"


def _digest_plan(store: Store, settings: Settings, software: str) -> DigestPlan:
    """Return what the settings ask of every edition."""
    return DigestPlan(
        province=settings.province,
        hour=settings.digest.window_hour,
        collecting_since_at=store.collecting_since_at(),
        mute=settings.mute,
        sensitive=sensitive_topics(),
        sure_negative=load_votes().sure_negative,
        language=settings.language,
        internal=settings.digest.internal,
        contact=settings.contact,
        software=software,
        kibana_url=settings.kibana.url,
    )


def _coverage(
    store: Store, sources: Sequence[Source], from_at: datetime, to_at: datetime, now: datetime, settings: Settings
) -> Coverage | None:
    """Polls after the window closed still collect what was published in it, so those before sealing count."""
    until_at = min(now, to_at + ONE_DAY)
    enabled = frozenset(source.id for source in sources if source.enabled)
    return compute_coverage(
        store.polls_between(from_at, until_at),
        store.proven_sources(until_at) & enabled,
        sources,
        from_at=from_at,
        to_at=until_at,
        lang=settings.language,
    )


def _earlier_days(store: Store, plan: DigestPlan, day: date, units: frozenset[str]) -> dict[date, DayCount]:
    """Return the counts of the days before; a day of which the store holds nothing at all was never collected."""
    days = [day - timedelta(days=back) for back in range(1, HISTORY_DAYS + 1)]
    since_at, _ = publication_span(days[-1], plan.hour)
    until_at, _ = window(day, plan.hour)
    counted = count_days(plan, store.documents(since_at, until_at, units=units))
    found = {known: _sealed_count(store, plan, known) or counted.get(known) for known in days}
    none = {"positive": 0, "neutral": 0, "negative": 0}
    return {
        known: count or DayCount(day=known, **none)
        for known, count in found.items()
        if count or store.any_published(*window(known, plan.hour))
    }


def _sealed_count(store: Store, plan: DigestPlan, day: date) -> DayCount | None:
    """What an issued edition said stands, whatever came in later."""
    sealed = store.sealed_digest(plan.province, day)
    if sealed is None:
        return None
    counts = digest_of(sealed.facts).counts
    return DayCount(day=day, positive=counts.positive, neutral=counts.neutral, negative=counts.negative)
