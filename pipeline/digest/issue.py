"""Issue an edition once: build it from the store, seal its facts, and give the sealed one ever after."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from classifiers.topics import sensitive_topics
from classifiers.vote import load_votes
from config.calendar import Calendar
from config.errors import UsageError
from config.localtime import spell_local
from config.settings import Settings
from config.units import members
from pipeline.digest.build import HISTORY_DAYS, Background, build_edition
from pipeline.digest.coverage import read_coverage
from pipeline.digest.editing import Edits
from pipeline.digest.events import events_around
from pipeline.digest.facts import digest_of, facts_of
from pipeline.digest.period import LONGEST_DAYS, Period
from pipeline.digest.reports import DigestPlan, count_days, day_count, find_reports
from pipeline.digest.window import LATE_DAYS, ONE_DAY, publication_span, window
from pipeline.records import Coverage, DayCount, Digest, DigestAlert, Document, Source
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
    edits_wait: bool = False
    """True when it was sealed without what the editor wrote since: the next revision takes it in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """What editions are made of, whatever their days."""

    store: Store
    settings: Settings
    sources: Sequence[Source]
    calendar: Calendar
    software: str
    """Version of the program."""


def issue_edition(
    room: Newsroom,
    period: Period,
    *,
    now: datetime,
    revise: bool = False,
    edits: Edits | None = None,
    alerts: Sequence[DigestAlert] = (),
) -> IssuedDigest:
    """Return the sealed edition of ``period``; build and seal it when there is none, or as a next one with ``revise``.

    What cannot be final yet is a preview: revision 0, not sealed. ``edits`` and ``alerts`` are those of now; a sealed
    edition keeps its own. Raises UsageError for days whose window has not opened, that lie long before any collecting,
    or are too many, and DraftError for edits that cannot be made.
    """
    store, province = room.store, room.settings.province
    from_at, to_at = _checked_window(period, now, room.settings)
    sealed = store.sealed_digest(province, period.last, edition=period.name)
    if sealed and not revise:
        digest = digest_of(sealed.facts)
        edits_wait = edits is not None and edits.says_something and _is_news(edits, digest, sealed.sealed_at)
        return IssuedDigest(digest=digest, sealed_at=sealed.sealed_at, edits_wait=edits_wait)
    coverage = _coverage(room, from_at, to_at, now)
    open_because = _open_reason(store, coverage, from_at, to_at, now)
    revision = PREVIEW_REVISION if open_because else sealed.revision + 1 if sealed else 1
    digest = _build(room, period, coverage, edits=edits, alerts=alerts, revision=revision)
    if open_because:
        return IssuedDigest(digest=digest, sealed_at=None, open_because=open_because)
    facts = facts_of(digest)
    store.seal_digest(province, period.last, revision, facts, now, edition=period.name)
    return IssuedDigest(digest=digest_of(facts), sealed_at=now)


def _is_news(edits: Edits, digest: Digest, sealed_at: datetime) -> bool:
    """Tell whether edits, whose time is known to the second, were made after the edition was sealed."""
    if digest.editor:
        return edits.edited_at > digest.editor.edited_at
    return edits.edited_at >= sealed_at.replace(microsecond=0)  # it has none: what is of that second came after it


def preview_in_full(room: Newsroom, period: Period, *, now: datetime, edits: Edits | None = None) -> Digest:
    """Return the edition as it would be now with nothing folded away: what an editor's draft is made of.

    Raises as `issue_edition` does.
    """
    from_at, to_at = _checked_window(period, now, room.settings)
    coverage = _coverage(room, from_at, to_at, now)
    return _build(room, period, coverage, edits=edits, revision=PREVIEW_REVISION, in_full=True)


def _checked_window(period: Period, now: datetime, settings: Settings) -> tuple[datetime, datetime]:
    from_at, to_at = period.window(settings.digest.window_hour)
    if period.first < FIRST_DAY:
        raise UsageError("cli.ancient_day", day=period.first, first=FIRST_DAY)
    if len(period.days) > LONGEST_DAYS:
        raise UsageError("cli.too_many_days", days=len(period.days), most=LONGEST_DAYS)
    last_opens_at, _ = window(period.last, settings.digest.window_hour)
    if now < last_opens_at:
        raise UsageError("cli.future_day", day=period.last, opens=spell_local(last_opens_at))
    return from_at, to_at


def _build(
    room: Newsroom,
    period: Period,
    coverage: Coverage | None,
    *,
    edits: Edits | None,
    alerts: Sequence[DigestAlert] = (),
    revision: int,
    in_full: bool = False,
) -> Digest:
    store, settings = room.store, room.settings
    plan = _digest_plan(store, settings, room.software, period)
    units = members(settings.province)
    documents = list(store.documents(*period.publication_span(plan.hour), units=units))
    daily = period.kind == "daily"
    background = Background(
        coverage=coverage,
        earlier=_earlier_days(store, plan, period.last, units) if daily else {},
        previous_period=None if daily else _total_before(store, plan, period, units),
        uncollected=frozenset(day for day in period.days if not store.any_published(*window(day, plan.hour))),
        began=store.story_beginnings(sorted(_story_ids(documents))),
        regrouped=store.edited_stories(),
        alerts=tuple(sorted(alerts, key=lambda alert: (-alert.level, alert.day, alert.id))),
        events=events_around(room.calendar, period, units, settings.language),
    )
    return build_edition(plan, period, documents, background, edits=edits, revision=revision, in_full=in_full)


def _story_ids(documents: Iterable[Document]) -> set[str]:
    return {doc.story for doc in documents if doc.story}


def _open_reason(
    store: Store, coverage: Coverage | None, from_at: datetime, to_at: datetime, now: datetime
) -> OpenReason | None:
    """A day of which nothing was collected, when no source answered either, has no edition to be final about."""
    if now < to_at:
        return "window_open"
    collected = store.any_published(from_at, to_at) or (coverage is not None and coverage.healthy > 0)
    return None if collected else "nothing_collected"


def _digest_plan(store: Store, settings: Settings, software: str, period: Period) -> DigestPlan:
    """Return what the settings ask of an edition."""
    return DigestPlan(
        province=settings.province,
        hour=settings.digest.window_hour,
        collecting_since_at=store.collecting_since_at(),
        sealed=_sealed(store, settings.province, period),
        mute=settings.mute,
        sensitive=sensitive_topics(),
        sure_negative=load_votes().sure_negative,
        language=settings.language,
        internal=settings.digest.internal,
        contact=settings.contact,
        software=software,
        kibana_url=settings.kibana.url,
    )


def _sealed(store: Store, province: str, period: Period) -> dict[date, datetime]:
    """Return when daily editions were sealed, but for one that a revision still takes more into: until the next is."""
    sealed = store.sealed_since(province, period.before.first - ONE_DAY * (HISTORY_DAYS + LATE_DAYS))
    if period.kind == "daily" and period.last + ONE_DAY not in sealed:
        sealed.pop(period.last, None)
    return sealed


def _coverage(room: Newsroom, from_at: datetime, to_at: datetime, now: datetime) -> Coverage | None:
    """Polls after the window closed still collect what was published in it, so those before sealing count."""
    until_at = min(now, to_at + ONE_DAY)
    return read_coverage(room.store, room.sources, from_at, to_at, room.settings.language, until_at=until_at)


# ---- what was before ------------------------------------------------------------------------------------------------


def _earlier_days(store: Store, plan: DigestPlan, day: date, units: frozenset[str]) -> dict[date, DayCount]:
    """Return the counts of the days before; a day of which the store holds nothing at all was never collected.

    What an issued edition said stands, whatever came in later; only days without one are counted.
    """
    days = [day - timedelta(days=back) for back in range(HISTORY_DAYS, 0, -1)]
    sealed = {known: count for known in days if (count := _sealed_count(store, plan, known))}
    missing = [known for known in days if known not in sealed]
    if not missing:
        return sealed
    since_at, _ = publication_span(missing[0], plan.hour)
    _, until_at = window(missing[-1], plan.hour)
    counted = count_days(plan, store.documents(since_at, until_at, units=units))
    found = {known: counted.get(known, day_count(known, {})) for known in missing}
    return sealed | {
        known: count
        for known, count in found.items()
        if known in counted or store.any_published(*window(known, plan.hour))
    }


def _sealed_count(store: Store, plan: DigestPlan, day: date) -> DayCount | None:
    sealed = store.sealed_digest(plan.province, day)
    return day_count(day, sealed.facts["counts"]) if sealed else None


def _total_before(store: Store, plan: DigestPlan, period: Period, units: frozenset[str]) -> int | None:
    """Return the reports of as many days before; None when one of them was never collected."""
    before = period.before
    if not all(store.any_published(*window(day, plan.hour)) for day in before.days):
        return None
    return len(find_reports(plan, store.documents(*before.publication_span(plan.hour), units=units), before)[0])
