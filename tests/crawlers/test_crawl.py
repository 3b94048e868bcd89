"""The crawl against real outlets on the loopback interface, well-behaved and not."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from config.errors import StoreError
from config.settings import CrawlSettings
from crawlers.collector import ATTEMPTS_MAX
from crawlers.hosts import STRIKES
from crawlers.inbox import segments
from pipeline.records import Source
from tests.crawlers.crawling import LOCAL, make_request, pages_of, run_crawl, store_of
from tests.press import faults
from tests.press.server import Press
from tests.press.small import small_site

NOW = datetime(2026, 3, 5, 3, 10, tzinfo=UTC)
SOON = NOW + timedelta(minutes=20)
"""In the same hour, so that polls are conditional."""


@pytest.fixture
def press() -> Iterator[Press]:
    with Press(small_site(NOW)) as press:
        yield press


def source(press: Press, number: int) -> Source:
    return press.sources()[number - 1]


# ---- the main path --------------------------------------------------------------------------------------------------


def test_every_article_is_collected_once_then_only_what_changed(press: Press, tmp_path: Path) -> None:
    first = run_crawl(tmp_path, make_request(press.sources()), now=NOW)
    assert first.pages == 20
    assert [outcome.reason for outcome in first.sources] == ["ok"] * 4
    assert all(outcome.endpoints[0].new_entries == 5 for outcome in first.sources)
    pages = pages_of(tmp_path)
    assert Counter(page.requested_url for page in pages) == Counter(
        press.article_url(article.id) for article in press.site.articles if article.stage == 1
    )
    assert all(page.entry and page.entry.title and page.source_id and page.fetched_at == NOW for page in pages)
    assert first.bytes == sum(len(page.body) for page in pages)
    assert first.segment == segments(tmp_path / "inbox")[0]

    asked = len(press.log)
    second = run_crawl(tmp_path, make_request(press.sources(), force=True), now=SOON)
    assert second.pages == 0
    assert second.segment is None
    assert {outcome.endpoints[0].reason for outcome in second.sources} <= {"not_modified", "unchanged"}
    conditional = [line for line in press.log[asked:] if "if-none-match" in line.headers]
    assert {line.outlet_id for line in conditional if line.status == 304} == {"outlet-1", "outlet-2", "outlet-4"}

    press.advance()
    third = run_crawl(tmp_path, make_request(press.sources(), force=True), now=SOON + timedelta(minutes=10))
    new, edited = ("thong-xe-6.html", "thong-xe-1.html")
    fetched = Counter(page.requested_url.rpartition("/")[2] for page in pages_of(tmp_path)[20:])
    assert fetched[new] == 4
    assert fetched[edited] >= 2  # a section page without dates or leads cannot tell an edit of the text
    assert set(fetched) == {new, edited}
    assert third.pages == fetched.total()


def test_requests_are_polite(press: Press, tmp_path: Path) -> None:
    run_crawl(tmp_path, make_request(press.sources()), now=NOW)
    for outlet in press.site.outlets:
        lines = press.requests(outlet.id)
        assert lines[0].path == "/robots.txt"
        assert [line.path for line in lines].count("/robots.txt") == 1
        assert {line.headers["user-agent"] for line in lines} == {"DiemBao/0.1.0 (+toasoan@example.vn)"}
        assert press.peak(outlet.id) == 1


def test_per_host_allows_that_many_requests_at_a_time(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/thoi-su/*", faults.drip(piece_bytes=400, pause_s=0.05))
    both = CrawlSettings(allow_loopback=True, per_host=2)
    summary = run_crawl(tmp_path, make_request((source(press, 1),), crawl=both), now=NOW)
    assert summary.pages == 5
    assert press.peak("outlet-1") == 2


def test_what_is_not_due_is_left_alone_but_the_queue_is_worked_off(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/thoi-su/thong-xe-3.html", faults.unavailable(status=500))
    first = run_crawl(tmp_path, make_request((source(press, 1),)), now=NOW)
    assert first.pages == 4
    assert first.sources[0].postponed == {"http_500": 1}
    press.heal("outlet-1", "/thoi-su/thong-xe-3.html")
    asked = len(press.log)
    second = run_crawl(tmp_path, make_request((source(press, 1),)), now=NOW + timedelta(minutes=12))
    assert [line.path for line in press.log[asked:]] == ["/robots.txt", "/thoi-su/thong-xe-3.html"]
    assert second.polled == 0
    assert second.pages == 1


def test_an_article_of_two_feeds_is_fetched_once(press: Press, tmp_path: Path) -> None:
    (feed,) = source(press, 1).feeds
    twice = replace(source(press, 1), feeds=(feed, f"{feed}?muc=thoi-su"))
    summary = run_crawl(tmp_path, make_request((twice,)), now=NOW)
    assert [endpoint.new_entries for endpoint in summary.sources[0].endpoints] == [5, 0]
    assert summary.pages == 5


def test_muted_addresses_are_never_fetched(press: Press, tmp_path: Path) -> None:
    muted = partial(fnmatchcase, pat="*/thong-xe-[12].html")
    summary = run_crawl(tmp_path, make_request((source(press, 1),), skip_url=muted), now=NOW)
    assert summary.pages == 3
    assert press.requests("outlet-1", "*thong-xe-[12]*") == []


def test_disabled_sources_are_not_asked(press: Press, tmp_path: Path) -> None:
    summary = run_crawl(tmp_path, make_request((replace(source(press, 1), enabled=False),)), now=NOW)
    assert summary.sources == ()
    assert press.log == []


# ---- validators that lie --------------------------------------------------------------------------------------------


def test_an_etag_that_never_changes_hides_nothing(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/rss/*", faults.frozen_etag(answers_304=True))
    request = make_request((source(press, 1),), force=True)
    run_crawl(tmp_path, request, now=NOW)
    press.advance()
    hidden = run_crawl(tmp_path, request, now=SOON)
    assert hidden.sources[0].endpoints[0].reason == "not_modified"
    found = run_crawl(tmp_path, request, now=NOW + timedelta(hours=1))
    assert found.sources[0].endpoints[0].new_entries == 1


def test_an_etag_that_always_changes_repeats_nothing(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/rss/*", faults.restless_etag())
    request = make_request((source(press, 1),), force=True)
    run_crawl(tmp_path, request, now=NOW)
    second = run_crawl(tmp_path, request, now=SOON)
    assert second.sources[0].endpoints[0].reason == "unchanged"
    assert second.pages == 0


# ---- outlets in trouble ---------------------------------------------------------------------------------------------

ENDPOINT_FAULTS = {
    "http_503": faults.unavailable(),
    "http_403": faults.unavailable(status=403),
    "http_410": faults.gone(),
    "timeout": faults.drip(piece_bytes=8, pause_s=0.2),
    "truncated": faults.reset(),
    "redirect_loop": faults.redirect_loop(),
    "private_address": faults.redirect("http://169.254.169.254/latest/meta-data/"),
    "scheme": faults.redirect("file:///etc/passwd"),
    "decompression_bomb": faults.gzip_bomb(),
    "too_large": faults.huge(),
    "content_type": faults.binary(),
}
TRANSIENT = ("http_503", "timeout", "truncated")
PAGE_FAULTS = {
    "http_503": faults.unavailable(),
    "http_404": faults.gone(status=404),  # answers between the troubles, lest the host is thought to be down
    "timeout": faults.drip(piece_bytes=8, pause_s=0.2),
    "empty_body": faults.empty(),
    "truncated": faults.reset(),
    **{reason: fault for reason, fault in ENDPOINT_FAULTS.items() if reason not in TRANSIENT},
    "robots": faults.chunked(),
}
PERMANENT = set(PAGE_FAULTS) - set(TRANSIENT)


def test_each_trouble_of_a_feed_has_its_name(tmp_path: Path) -> None:
    with Press(small_site(NOW, outlets=len(ENDPOINT_FAULTS) * 4, articles=1)) as press:
        sources = [source for source in press.sources() if source.feeds and source.feeds[0].endswith(".rss")]
        for outlet, fault in zip(sources, ENDPOINT_FAULTS.values(), strict=True):
            press.break_(outlet.id, "/rss/*", fault)
        summary = run_crawl(tmp_path, make_request(tuple(sources), timeout_s=2.0), now=NOW)
    assert [outcome.reason for outcome in summary.sources] == list(ENDPOINT_FAULTS)
    assert len(summary.failed_sources) == len(sources)
    store = store_of(tmp_path)
    polls = store.ledger.polls_between(NOW, NOW + timedelta(seconds=1))
    states = store.ledger.poll_states()
    store.close()
    assert Counter(poll.reason for poll in polls) == Counter(list(ENDPOINT_FAULTS))
    assert not any(poll.ok for poll in polls)
    assert all(state.failures == 1 and state.next_due_at and state.next_due_at > NOW for state in states.values())


def test_each_trouble_of_a_page_has_its_name(tmp_path: Path) -> None:
    with Press(small_site(NOW, outlets=1, articles=len(PAGE_FAULTS))) as press:
        for number, (reason, fault) in enumerate(PAGE_FAULTS.items(), start=1):
            path = f"/thoi-su/thong-xe-{number}.html"
            press.break_("outlet-1", path, fault)
            if reason == "robots":
                press.break_("outlet-1", "/robots.txt", faults.robots(f"User-agent: *\nDisallow: {path}\n"))
        summary = run_crawl(tmp_path, make_request(press.sources(), timeout_s=1.0), now=NOW)
    (outcome,) = summary.sources
    assert outcome.pages == 0
    assert outcome.refused == dict.fromkeys(PERMANENT, 1)
    assert outcome.postponed == dict.fromkeys(TRANSIENT, 1)
    assert outcome.left_in_queue == 0


@pytest.mark.parametrize(
    ("fault", "reason"), [(faults.html_instead(), "not_a_feed"), (faults.empty(), "feed_empty")], ids=["html", "empty"]
)
def test_a_feed_that_is_none_fails_by_name(press: Press, tmp_path: Path, fault: faults.Fault, reason: str) -> None:
    press.break_("outlet-1", "/rss/*", fault)
    summary = run_crawl(tmp_path, make_request((source(press, 1),)), now=NOW)
    assert summary.sources[0].reason == reason


def test_nothing_inside_the_network_is_touched_by_default(press: Press, tmp_path: Path) -> None:
    summary = run_crawl(tmp_path, make_request(press.sources(), crawl=CrawlSettings()), now=NOW)
    assert {outcome.reason for outcome in summary.sources} == {"private_address"}
    assert press.log == []


def test_robots_txt_in_trouble_closes_the_outlet(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/robots.txt", faults.unavailable())
    summary = run_crawl(tmp_path, make_request((source(press, 1),)), now=NOW)
    assert summary.sources[0].reason == "http_503"
    assert {line.path for line in press.requests("outlet-1")} == {"/robots.txt"}


def test_crawl_delay_is_kept(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/robots.txt", faults.robots("User-agent: DiemBao\nCrawl-delay: 0.8\n"))
    run_crawl(tmp_path, make_request((source(press, 1),)), now=NOW)
    times = [line.at for line in press.requests("outlet-1") if line.path != "/robots.txt"]
    assert len(times) == 6
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert min(gaps) > 0.7


def test_retry_after_postpones_the_next_poll_and_spares_the_host(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/rss/*", faults.unavailable(status=429, retry_after=7200))
    summary = run_crawl(tmp_path, make_request((source(press, 1),)), now=NOW)
    assert summary.sources[0].reason == "http_429"
    store = store_of(tmp_path)
    state = store.ledger.poll_states()[source(press, 1).feeds[0]]
    store.close()
    assert state.next_due_at is not None
    assert state.next_due_at >= NOW + timedelta(hours=2)


def test_an_outage_does_not_use_up_the_attempts_of_pages(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/thoi-su/*", faults.unavailable())
    first = run_crawl(tmp_path, make_request((source(press, 1),)), now=NOW)
    assert sum(first.sources[0].postponed.values()) == STRIKES
    assert first.sources[0].left_in_queue == 5 - STRIKES
    press.break_("outlet-1", "*", faults.unavailable())
    run_crawl(tmp_path, make_request((source(press, 1),)), now=NOW + timedelta(minutes=1))
    store = store_of(tmp_path)
    queued = store.ledger.queued(["outlet-1"])
    store.close()
    assert [entry.attempts for entry in queued].count(0) == 5 - STRIKES
    assert max(entry.attempts for entry in queued) == 1  # the first time the feed had answered; now nothing does
    press.heal("outlet-1")
    assert run_crawl(tmp_path, make_request((source(press, 1),)), now=NOW + timedelta(minutes=12)).pages == 5


def test_a_page_is_given_up_after_its_last_attempt(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/thoi-su/thong-xe-3.html", faults.unavailable(status=500))
    request = make_request((source(press, 1),), force=True)
    run_crawl(tmp_path, request, now=NOW)
    store = store_of(tmp_path)
    (stubborn,) = store.ledger.queued(["outlet-1"])
    for _ in range(ATTEMPTS_MAX - 2):
        store.ledger.mark_failed(stubborn.key, reason="http_500", at=NOW, give_up=False)
    last = run_crawl(tmp_path, request, now=SOON)
    assert last.refused == {"http_500": 1}
    assert store.ledger.queued(["outlet-1"]) == []
    store.close()


def test_one_broken_source_does_not_disturb_the_others(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-2", "*", faults.hang())
    summary = run_crawl(tmp_path, make_request(press.sources(), timeout_s=1.0), now=NOW)
    assert [outcome.reason for outcome in summary.sources] == ["ok", "timeout", "ok", "ok"]
    assert summary.pages == 15


def test_outlets_keep_their_schedule_while_our_network_is_down(press: Press, tmp_path: Path) -> None:
    unreachable = tuple(
        replace(outlet, feeds=(f"http://127.0.0.{number}:9/rss",), sitemaps=(), sections=())
        for number, outlet in enumerate(press.sources(), start=2)
    )
    offline = run_crawl(tmp_path, make_request(unreachable), now=NOW)
    assert {outcome.reason for outcome in offline.sources} == {"connection"}
    store = store_of(tmp_path)
    assert {(state.failures, state.next_due_at) for state in store.ledger.poll_states().values()} == {(0, None)}
    assert len(store.ledger.polls_between(NOW, NOW + timedelta(seconds=1))) == 4  # no coverage without an answer

    online = run_crawl(tmp_path, make_request((*unreachable[1:], source(press, 1))), now=SOON)
    assert [outcome.reason for outcome in online.sources] == ["connection"] * 3 + ["ok"]
    failures = [
        state.failures for state in store.ledger.poll_states().values() if state.url != source(press, 1).feeds[0]
    ]
    assert sorted(failures) == [0, 1, 1, 1]
    store.close()


def test_the_time_limit_ends_a_crawl_and_keeps_the_queue(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/robots.txt", faults.robots("User-agent: *\nCrawl-delay: 60\n"))
    request = make_request((source(press, 1),), time_limit_s=1.5)
    summary = run_crawl(tmp_path, request, now=NOW)
    assert summary.out_of_time
    assert not summary.interrupted
    assert summary.sources[0].left_in_queue == 5


def test_an_inbox_that_cannot_be_written_stops_the_crawl(press: Press, tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="inbox"):
        run_crawl(tmp_path, make_request((source(press, 1),)), now=NOW)
    store = store_of(tmp_path)
    assert len(store.ledger.queued(["outlet-1"])) == 5
    store.close()


def test_sitemap_children_change_though_the_index_does_not(press: Press, tmp_path: Path) -> None:
    request = make_request((source(press, 3),), force=True, crawl=LOCAL)
    run_crawl(tmp_path, request, now=NOW)
    press.advance()
    second = run_crawl(tmp_path, request, now=SOON)
    assert second.sources[0].endpoints[0].new_entries == 1
