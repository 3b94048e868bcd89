from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.ledger import CrawlLedger, PollRecord, PollState
from pipeline.records import FeedEntry
from pipeline.store import Store

AT = datetime(2026, 3, 1, 5, tzinfo=UTC)
FEED = "https://non-nuoc.example/rss"
ENTRY = FeedEntry(
    url="https://non-nuoc.example/1.html?utm_source=rss",
    title="Cầu mới",
    summary="Khánh thành.",
    author="Thử",
    section="Thời sự",
    language="vi",
    published_at=AT,
    updated_at=AT + timedelta(microseconds=1),
)
KEY = "https://non-nuoc.example/1.html"


@pytest.fixture
def ledger(store: Store) -> CrawlLedger:
    return store.ledger


def poll(
    ledger: CrawlLedger, *entries: tuple[str, FeedEntry], feed: str = FEED, at: datetime = AT, source: str = "non-nuoc"
) -> int:
    record = PollRecord(url=feed, source_id=source, at=at, ok=True, reason="ok", new_entries=len(entries))
    return ledger.record_poll(record, PollState(url=feed, source_id=source, polled_at=at), entries)


def test_a_state_comes_back_equal_and_is_replaced(ledger: CrawlLedger) -> None:
    state = PollState(
        url=FEED,
        source_id="non-nuoc",
        etag='W/"1"',
        last_modified="Sun, 01 Mar 2026 05:00:00 GMT",
        content_hash="ab",
        interval_s=300,
        failures=2,
        rate_per_day=12.3456789,
        polled_at=AT,
        succeeded_at=AT - timedelta(hours=1),
        next_due_at=AT + timedelta(seconds=300.25),
    )
    record = PollRecord(url=FEED, source_id="non-nuoc", at=AT, ok=False, reason="http_503")
    ledger.record_poll(record, replace(state, failures=1), [])
    ledger.record_poll(record, state, [])
    assert ledger.poll_states() == {FEED: state}


def test_an_announced_page_waits_until_it_is_fetched(ledger: CrawlLedger) -> None:
    assert ledger.known([KEY]) == frozenset()
    assert poll(ledger, (KEY, ENTRY)) == 1
    (queued,) = ledger.queued(["non-nuoc"])
    assert (queued.key, queued.source_id, queued.entry, queued.attempts) == (KEY, "non-nuoc", ENTRY, 0)
    assert ledger.queued(["other"]) == []
    ledger.mark_fetched(KEY, outcome="ok", at=AT)
    assert ledger.queued(["non-nuoc"]) == []
    assert poll(ledger, (KEY, ENTRY)) == 0
    assert ledger.known([KEY, "https://non-nuoc.example/2.html"]) == {KEY}


@pytest.mark.parametrize(
    "change", [{"title": "Cầu đã mở"}, {"summary": "Thông xe."}, {"updated_at": AT + timedelta(hours=1)}]
)
def test_a_changed_entry_is_queued_again(ledger: CrawlLedger, change: dict[str, object]) -> None:
    poll(ledger, (KEY, ENTRY))
    ledger.mark_fetched(KEY, outcome="ok", at=AT)
    changed = replace(ENTRY, **change)  # type: ignore[arg-type]
    assert poll(ledger, (KEY, changed)) == 1
    assert [one.entry for one in ledger.queued(["non-nuoc"])] == [changed]
    ledger.mark_fetched(KEY, outcome="ok", at=AT)
    assert poll(ledger, (KEY, changed)) == 0


def test_two_feeds_that_word_one_article_differently_do_not_fetch_it_forever(ledger: CrawlLedger) -> None:
    section_feed = "https://non-nuoc.example/thoi-su.rss"
    reworded = replace(ENTRY, summary="Sáng nay khánh thành cầu.")
    poll(ledger, (KEY, ENTRY))
    ledger.mark_fetched(KEY, outcome="ok", at=AT)
    for _ in range(3):
        assert poll(ledger, (KEY, reworded), feed=section_feed) == 0
        assert poll(ledger, (KEY, ENTRY)) == 0
    assert poll(ledger, (KEY, replace(reworded, title="Cầu mở")), feed=section_feed) == 1


def test_the_queue_is_oldest_first_in_the_feeds_order(ledger: CrawlLedger) -> None:
    poll(ledger, ("k9", ENTRY), ("k1", ENTRY), at=AT + timedelta(minutes=1))
    poll(ledger, ("k5", ENTRY), at=AT, feed=FEED + "2")
    assert [one.key for one in ledger.queued(["non-nuoc"])] == ["k5", "k9", "k1"]


def test_failed_attempts_are_counted_until_given_up(ledger: CrawlLedger) -> None:
    poll(ledger, (KEY, ENTRY))
    for attempt in (1, 2):
        ledger.mark_failed(KEY, reason="http_503", at=AT, give_up=False)
        assert [one.attempts for one in ledger.queued(["non-nuoc"])] == [attempt]
    ledger.mark_failed(KEY, reason="http_503", at=AT, give_up=True)
    assert ledger.queued(["non-nuoc"]) == []
    assert poll(ledger, (KEY, ENTRY)) == 0, "what was given up stays so until the entry changes"
    assert poll(ledger, (KEY, replace(ENTRY, title="Mới"))) == 1
    assert [one.attempts for one in ledger.queued(["non-nuoc"])] == [0]


def test_a_change_while_waiting_does_not_forget_the_attempts(ledger: CrawlLedger) -> None:
    poll(ledger, (KEY, ENTRY))
    ledger.mark_failed(KEY, reason="timeout", at=AT, give_up=False)
    assert poll(ledger, (KEY, replace(ENTRY, title="Mới"))) == 1
    (queued,) = ledger.queued(["non-nuoc"])
    assert (queued.entry.title, queued.attempts) == ("Mới", 1)


def test_a_long_sitemap_is_queued_whole(ledger: CrawlLedger) -> None:
    entries = [(f"https://non-nuoc.example/{n}.html", ENTRY) for n in range(5000)]
    assert poll(ledger, *entries) == 5000
    assert poll(ledger, *entries) == 0
    assert len(ledger.queued(["non-nuoc"])) == 5000


def test_a_page_listed_twice_in_one_feed_is_queued_once(ledger: CrawlLedger) -> None:
    assert poll(ledger, (KEY, ENTRY), (KEY, replace(ENTRY, title="Lặp"))) == 1


def test_proven_sources_succeeded_within_the_days_before(store: Store) -> None:
    def log(source: str, days_ago: float, *, ok: bool) -> None:
        at = AT - timedelta(days=days_ago)
        record = PollRecord(
            url=f"https://{source}.example/", source_id=source, at=at, ok=ok, reason="ok" if ok else "timeout"
        )
        store.ledger.record_poll(record, PollState(url=record.url, source_id=source), [])

    log("steady", 1, ok=True)
    log("edge", 7, ok=True)
    log("stale", 7.01, ok=True)
    log("failing", 1, ok=False)
    log("now", 0, ok=True)
    assert store.proven_sources(AT) == {"steady", "edge"}
    assert store.proven_sources(AT, days=8) == {"steady", "edge", "stale"}
    between = store.polls_between(AT - timedelta(days=1), AT)
    assert [(one.source_id, one.ok, one.reason) for one in between] == [
        ("steady", True, "ok"),
        ("failing", False, "timeout"),
    ]


def test_old_polls_are_let_go(store: Store) -> None:
    poll(store.ledger, at=AT)
    poll(store.ledger, at=AT + timedelta(days=2))
    store.purge_log(AT + timedelta(days=1))
    assert [one.at for one in store.polls_between(AT, AT + timedelta(days=9))] == [AT + timedelta(days=2)]
