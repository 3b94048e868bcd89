"""How much of the press was really watched in a window, from the crawl ledger."""

from collections.abc import Iterable, Sequence
from datetime import datetime

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


def read_coverage(
    store: Store, sources: Sequence[Source], from_at: datetime, to_at: datetime, lang: Lang
) -> Coverage | None:
    """Return what the crawl ledger says of [from_at, to_at); None when nobody was asked."""
    polls = store.polls_between(from_at, to_at)
    if not polls:
        return None
    enabled = frozenset(source.id for source in sources if source.enabled)
    proven = store.proven_sources(to_at) & enabled
    return compute_coverage(polls, proven, sources, from_at=from_at, to_at=to_at, lang=lang)


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
        failed=tuple(sorted(failed, key=lambda one: (one.name.casefold(), one.id))),
    )


def failure_words(reason: str, lang: Lang) -> str:
    """Return a poll's named failure as readers of a digest need it: ``http_503`` as «máy chủ trả lỗi 503».

    What the operator needs to mend it is in `crawlers.reasons`.
    """
    status = reason.removeprefix("http_")
    if status != reason and status.isdecimal():
        return message("digest.failure_http", lang, status=status)
    return message(f"digest.failure_{FAILURE_KINDS.get(reason, 'unreadable')}", lang)
