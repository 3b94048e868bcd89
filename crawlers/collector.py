"""The collecting loop: poll what is due, queue what is new, fetch what is queued.

The order of the writes is what makes a kill harmless: a poll's state and the queue it fills are one transaction of the
ledger; a page is on the disk before the ledger calls it fetched; a page that lies in an unfinished segment is found
there by the next crawl before it fetches anything.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import random

import structlog

from crawlers.conditional import conditional_headers
from crawlers.failures import Failure
from crawlers.fetcher import Fetcher
from crawlers.hosts import Hosts
from crawlers.inbox import InboxWriter
from crawlers.ledger import CrawlLedger, PollRecord, PollState, QueuedEntry
from crawlers.listings import Endpoint, endpoints_of, keyed
from crawlers.polling import PollOutcome, decide_next_poll, is_ripe
from crawlers.reading import Answer, read_endpoint
from crawlers.summary import EndpointOutcome, SourceOutcome, Tally
from pipeline.records import FeedEntry, Page, Source

log = structlog.get_logger()

ATTEMPTS_MAX = 5
"""Of one page, over as many crawls, before it is given up."""

NATIONAL_TIER = 1

Progress = Callable[[int, int], None]


class Collector:
    """Crawls its sources side by side; within a source one thing after the other, polls before pages."""

    def __init__(
        self,
        fetcher: Fetcher,
        ledger: CrawlLedger,
        inbox: InboxWriter,
        *,
        stopping: asyncio.Event,
        clock: Callable[[], datetime],
        skip_url: Callable[[str], bool],
        per_host: int,
        on_progress: Progress,
    ) -> None:
        self._fetcher = fetcher
        self._ledger = ledger
        self._inbox = inbox
        self._stopping = stopping
        self._clock = clock
        self._skip_url = skip_url
        self._per_host = per_host
        self._on_progress = on_progress
        self._hosts = Hosts()
        self._unreached: list[tuple[Source, PollState, Failure, Tally]] = []
        """Polls that failed before any host was reached; whose fault that is shows at the end."""
        self._done = self._total = 0

    async def run(self, sources: Iterable[Source], *, force: bool) -> tuple[SourceOutcome, ...]:
        """Crawl every source; with ``force`` poll what is not due too. Raises what the ledger or the disk raises."""
        states = self._ledger.poll_states()
        tallies = []
        async with asyncio.TaskGroup() as tasks:
            for source in sources:
                due = [endpoint for endpoint in endpoints_of(source) if force or self._is_due(states.get(endpoint.url))]
                self._total += len(due)
                tallies.append(tally := Tally(source.id))
                tasks.create_task(self._crawl_source(source, due, states, tally, force=force))
        self._settle_unreached()
        return tuple(tally.result() for tally in tallies)

    def _is_due(self, state: PollState | None) -> bool:
        return state is None or state.next_due_at is None or state.next_due_at <= self._clock()

    async def _crawl_source(
        self, source: Source, due: Sequence[Endpoint], states: Mapping[str, PollState], tally: Tally, *, force: bool
    ) -> None:
        for endpoint in due:
            if self._stopping.is_set():
                break
            if not self._hosts.is_resting(endpoint.url):
                state = states.get(endpoint.url) or PollState(url=endpoint.url, source_id=source.id)
                await self._poll(source, endpoint, replace(state, source_id=source.id), tally)
            self._advance()
        if due or any(_answers(states.get(endpoint.url)) for endpoint in endpoints_of(source)):
            await self._fetch_pages(source, tally, force=force)

    # ---- polls ------------------------------------------------------------------------------------------------------

    async def _poll(self, source: Source, endpoint: Endpoint, state: PollState, tally: Tally) -> None:
        headers = conditional_headers(state, self._clock())
        answer = await read_endpoint(self._fetcher, source, endpoint, headers=headers, known_hash=state.content_hash)
        if isinstance(answer, Failure):
            self._hosts.note_failure(endpoint.url, answer)
            if answer.reason == "stopped":
                return
            if not self._hosts.anyone_reached:
                self._unreached.append((source, state, answer, tally))
                return
        else:
            self._hosts.note_answer(endpoint.url)
        self._record(source, state, answer, tally)

    def _settle_unreached(self) -> None:
        """Record the polls that reached nobody. While our own network is down outlets keep their schedule."""
        offline = self._hosts.we_are_offline
        if offline:
            log.warning("crawl_offline", polls=len(self._unreached))
        for source, state, failure, tally in self._unreached:
            self._record(source, state, failure, tally, keep_schedule=offline)

    def _record(
        self, source: Source, state: PollState, answer: Answer | Failure, tally: Tally, *, keep_schedule: bool = False
    ) -> None:
        now = self._clock()
        entries: tuple[tuple[str, FeedEntry], ...] = ()
        if isinstance(answer, Answer) and answer.reason == "ok":
            entries = keyed(answer.entries, base=answer.url, skip_url=self._skip_url)
        new_entries = len(entries) - len(self._ledger.known(key for key, _ in entries)) if entries else 0
        record = PollRecord(
            url=state.url,
            source_id=source.id,
            at=now,
            ok=isinstance(answer, Answer),
            reason=answer.reason,
            new_entries=new_entries,
        )
        national = source.tier == NATIONAL_TIER
        next_state = state if keep_schedule else _next_state(state, answer, new_entries, now, national=national)
        self._ledger.record_poll(record, next_state, entries)
        log.info(
            "endpoint_polled",
            source=source.id,
            url=state.url,
            reason=answer.reason,
            entries=len(entries),
            new=new_entries,
        )
        tally.endpoints.append(
            EndpointOutcome(url=state.url, reason=answer.reason, entries=len(entries), new_entries=new_entries)
        )

    # ---- pages ------------------------------------------------------------------------------------------------------

    async def _fetch_pages(self, source: Source, tally: Tally, *, force: bool) -> None:
        """Fetch the queue of a source, ``per_host`` pages at a time; the pages that failed before come last."""
        now = self._clock()
        ripe = (queued for queued in self._ledger.queued([source.id]) if force or is_ripe(queued, now))
        queue = deque(sorted(ripe, key=lambda queued: queued.attempts))
        self._total += len(queue)
        async with asyncio.TaskGroup() as workers:
            for _ in range(self._per_host):
                workers.create_task(self._work_off(queue, source, tally))

    async def _work_off(self, queue: deque[QueuedEntry], source: Source, tally: Tally) -> None:
        while queue:
            queued = queue.popleft()
            if self._stopping.is_set() or self._hosts.is_resting(queued.entry.url):
                tally.left_in_queue += 1
            else:
                await self._fetch_page(queued, source, tally)
            self._advance()

    async def _fetch_page(self, queued: QueuedEntry, source: Source, tally: Tally) -> None:
        url = queued.entry.url
        if self._skip_url(queued.key) or self._skip_url(url):
            self._refuse(queued, "muted", tally)
            return
        fetched = await self._fetcher.get(url, kind="page", headers={"Accept-Language": source.language})
        if isinstance(fetched, Failure):
            self._hosts.note_failure(url, fetched)
            self._handle_failure(queued, fetched, tally)
            return
        self._hosts.note_answer(url)
        page = Page(
            url=fetched.url,
            requested_url=url,
            status=fetched.status,
            content_type=fetched.content_type,
            body=fetched.body,
            fetched_at=fetched.at,
            source_id=source.id,
            entry=queued.entry,
        )
        self._inbox.write(page)
        self._ledger.mark_fetched(queued.key, outcome="ok", at=fetched.at)
        tally.pages += 1
        tally.bytes += len(page.body)

    def _handle_failure(self, queued: QueuedEntry, failure: Failure, tally: Tally) -> None:
        if failure.reason == "stopped":
            tally.left_in_queue += 1
        elif failure.permanent:
            self._refuse(queued, failure.reason, tally)
        elif self._hosts.blames_page(queued.entry.url, failure):
            give_up = queued.attempts + 1 >= ATTEMPTS_MAX
            self._ledger.mark_failed(queued.key, reason=failure.reason, at=self._clock(), give_up=give_up)
            (tally.refused if give_up else tally.postponed)[failure.reason] += 1
            log.info("page_failed", url=queued.entry.url, reason=failure.reason, given_up=give_up)
        else:
            tally.postponed[failure.reason] += 1
            log.info("page_failed", url=queued.entry.url, reason=failure.reason, given_up=False)

    def _refuse(self, queued: QueuedEntry, reason: str, tally: Tally) -> None:
        self._ledger.mark_fetched(queued.key, outcome=reason, at=self._clock())
        tally.refused[reason] += 1
        log.info("page_refused", url=queued.entry.url, reason=reason)

    def _advance(self) -> None:
        self._done += 1
        self._on_progress(self._done, self._total)


def _answers(state: PollState | None) -> bool:
    """Tell whether an address answered its last poll. An outlet of which none did is left alone, pages and all."""
    return state is not None and not state.failures


def _next_state(
    state: PollState, answer: Answer | Failure, new_entries: int, now: datetime, *, national: bool
) -> PollState:
    """Return the state after a poll: validators and hash from the answer, the schedule from the policy."""
    if isinstance(answer, Failure):
        outcome = PollOutcome(ok=False, retry_after=answer.retry_after)
    else:
        outcome = PollOutcome(
            ok=True,
            etag=answer.etag,
            last_modified=answer.last_modified,
            content_hash=answer.content_hash,
            new_entries=new_entries,
            ttl_s=answer.ttl_s,
        )
    return decide_next_poll(state, outcome, now=now, jitter=random(), national=national)
