"""How much of the press was really watched in a window, from the crawl ledger."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from config.messages import Lang, catalogue, message
from crawlers.ledger import PollRecord
from pipeline.records import Coverage, FailedSource, Source


def compute_coverage(
    polls: Iterable[PollRecord],
    proven: frozenset[str],
    sources: Sequence[Source],
    *,
    from_at: datetime,
    to_at: datetime,
    lang: Lang = "vi",
) -> Coverage | None:
    """Return proven sources that answered at least once over proven sources that were polled, in [from_at, to_at).

    ``proven``: ids of enabled sources that succeeded at least once in the last seven days. None when nobody was polled:
    imports and replays have no ledger, and a collector that was down did not see an empty press.
    """
    answered: set[str] = set()
    last_failure: dict[str, PollRecord] = {}
    for poll in polls:
        if poll.source_id not in proven or not from_at <= poll.at < to_at:
            continue
        if poll.ok:
            answered.add(poll.source_id)
        elif poll.source_id not in last_failure or last_failure[poll.source_id].at <= poll.at:
            last_failure[poll.source_id] = poll
    due = answered | last_failure.keys()
    if not due:
        return None
    names = {source.id: source.name for source in sources}
    failed = [
        FailedSource(id=source_id, name=names.get(source_id, source_id), reason=failure_words(record.reason, lang))
        for source_id, record in last_failure.items()
        if source_id not in answered
    ]
    return Coverage(
        healthy=len(answered),
        due=len(due),
        failed=tuple(sorted(failed, key=lambda one: (one.name.casefold(), one.id))),
    )


def failure_words(reason: str, lang: Lang) -> str:
    """Return a poll's named failure in words people understand: ``http_503`` as «máy chủ trả lỗi 503»."""
    name, _, status = reason.partition("_")
    if name == "http" and status.isdigit():
        return message("digest.failure_http", lang, status=status)
    key = f"failure_{reason}"
    if key in catalogue("digest", lang):
        return message(f"digest.{key}", lang)
    return message("digest.failure_other", lang, reason=reason)
