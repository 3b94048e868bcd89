"""Issue an edition once: build it from the store, seal its facts, and give the sealed one ever after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from classifiers.topics import sensitive_topics
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

PREVIEW_REVISION = 0
"""Of an edition whose window is still open; never sealed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedDigest:
    """An edition and whether it is final."""

    digest: Digest
    sealed_at: datetime | None
    """None: a preview, the window is still open."""


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

    Raises UsageError for a day whose window has not opened.
    """
    from_at, to_at = window(day, settings.digest.window_hour)
    if now < from_at:
        opens = spell_local(from_at)
        raise UsageError("cli.future_day", day=day, opens=opens)
    sealed = store.sealed_digest(settings.province, day)
    if sealed and not revise:
        return IssuedDigest(digest=digest_of(sealed.facts), sealed_at=sealed.sealed_at)
    preview = now < to_at
    revision = PREVIEW_REVISION if preview else sealed.revision + 1 if sealed else 1
    plan = digest_plan(store, settings, software)
    units = members(settings.province)
    digest = build_digest(
        plan,
        day,
        store.documents(*publication_span(day, plan.hour), units=units),
        coverage=_coverage(store, sources, from_at, to_at, now, settings),
        earlier=_earlier_days(store, plan, day, units),
        revision=revision,
    )
    if preview:
        return IssuedDigest(digest=digest, sealed_at=None)
    facts = facts_of(digest)
    store.seal_digest(settings.province, day, revision, facts, now)
    return IssuedDigest(digest=digest_of(facts), sealed_at=now)


def digest_plan(store: Store, settings: Settings, software: str) -> DigestPlan:
    """Return what the settings ask of every edition."""
    return DigestPlan(
        province=settings.province,
        hour=settings.digest.window_hour,
        collecting_since_at=store.collecting_since_at(),
        mute=settings.mute,
        sensitive=sensitive_topics(),
        language=settings.language,
        internal=settings.digest.internal,
        contact=settings.contact,
        software=software,
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
    none = {"positive": 0, "neutral": 0, "negative": 0}
    return {
        known: counted.get(known, DayCount(day=known, **none))
        for known in days
        if known in counted or store.any_published(*window(known, plan.hour))
    }
