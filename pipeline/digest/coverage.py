"""How much of the press was really watched in a window, from the crawl ledger."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from config.messages import Lang, message
from crawlers.ledger import PollRecord, last_answers
from pipeline.records import Coverage, FailedSource, Source
from pipeline.store import Store

FAILURE_KINDS = {
    "timeout": "timeout",
    "dns": "unreachable",
    "connection": "unreachable",
    "tls": "unreachable",
    "proxy": "unreachable",
    "truncated": "unreachable",
    "error": "unreachable",
    "robots": "robots",
}
"""Names of `crawlers.failures` to what they mean for a reader; all others: an answer that could not be read."""


ASKED_WITHIN = timedelta(hours=27)
"""Every source that is watched is asked once in it, also one that is silent or failing (`crawlers.polling`)."""
COLLECTOR_RESTS = timedelta(hours=6)
"""When no source at all was asked for longer, nobody collects."""
RESTS_OF_SILENT = 1.5
"""Times the shortest interval of an installation all of whose sources are asked less often than that."""


def read_coverage(
    store: Store, sources: Sequence[Source], from_at: datetime, to_at: datetime, lang: Lang, *, until_at: datetime
) -> Coverage | None:
    """Return what the crawl ledger says of what was published in [from_at, to_at).

    Polls before ``until_at`` count: those after ``to_at`` still collect what came before. None when nobody was asked,
    or when the collector stopped before either.
    """
    since_at = min(from_at, until_at - ASKED_WITHIN)
    enabled = frozenset(source.id for source in sources if source.enabled)
    polls = [poll for poll in store.polls_between(since_at, until_at) if poll.source_id in enabled]
    if not polls:
        return None
    proven = store.proven_sources(until_at) & enabled
    coverage = compute_coverage(polls, proven, sources, from_at=since_at, to_at=until_at, lang=lang)
    if coverage and coverage.healthy and polls[-1].at < min(to_at, until_at - _longest_rest(store, enabled)):
        return None
    return coverage


def unasked_sources(store: Store, sources: Sequence[Source], at: datetime, lang: Lang) -> tuple[FailedSource, ...]:
    """Return the proven sources as failed ones: nobody asked them any more before ``at``."""
    proven = store.proven_sources(at)
    reason = message("digest.failure_not_asked", lang)
    failed = [
        FailedSource(id=source.id, name=source.name, reason=reason)
        for source in sources
        if source.enabled and source.id in proven
    ]
    return tuple(sorted(failed, key=_by_name))


def _longest_rest(store: Store, enabled: frozenset[str]) -> timedelta:
    """Return how long a collector at work may go without asking any source."""
    intervals = (state.interval_s for state in store.ledger.poll_states().values() if state.source_id in enabled)
    return max(COLLECTOR_RESTS, timedelta(seconds=RESTS_OF_SILENT * min(intervals, default=0)))


def _by_name(one: FailedSource) -> tuple[str, str]:
    return one.name.casefold(), one.id


def compute_coverage(
    polls: Iterable[PollRecord],
    proven: frozenset[str],
    sources: Sequence[Source],
    *,
    from_at: datetime,
    to_at: datetime,
    lang: Lang = "vi",
) -> Coverage | None:
    """Return proven sources that answered when last asked over proven sources that were asked, in [from_at, to_at).

    ``proven``: ids of enabled sources that succeeded at least once in the last seven days. None when nobody was asked:
    imports and replays have no ledger, and a collector that was down did not see an empty press.
    """
    asked = [poll for poll in polls if poll.source_id in proven and from_at <= poll.at < to_at]
    if not asked:
        return None
    answered, failing = last_answers(sorted(asked, key=lambda poll: poll.at))
    names = {source.id: source.name for source in sources}
    failed = [
        FailedSource(id=source_id, name=names.get(source_id, source_id), reason=failure_words(poll.reason, lang))
        for source_id, poll in failing.items()
    ]
    return Coverage(
        healthy=len(answered),
        due=len(answered) + len(failing),
        failed=tuple(sorted(failed, key=_by_name)),
    )


def failure_words(reason: str, lang: Lang) -> str:
    """Return a poll's named failure as readers of a digest need it: ``http_503`` as «máy chủ trả lỗi 503».

    What the operator needs to mend it is in `crawlers.reasons`.
    """
    status = reason.removeprefix("http_")
    if status != reason and status.isdecimal():
        return message("digest.failure_http", lang, status=status)
    return message(f"digest.failure_{FAILURE_KINDS.get(reason, 'unreadable')}", lang)
