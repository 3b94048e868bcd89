"""``sources check``: each address once, a row each."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from config.messages import catalogue
from config.settings import CrawlSettings
from crawlers.reasons import describe_reason
from tests.crawlers.crawling import run_check
from tests.press import faults
from tests.press.server import Press
from tests.press.small import small_site

NOW = datetime(2026, 3, 5, 3, 10, tzinfo=UTC)


@pytest.fixture
def press() -> Iterator[Press]:
    with Press(small_site(NOW, outlets=8)) as press:
        yield press


def test_every_address_gets_a_row(press: Press) -> None:
    press.break_("outlet-5", "*", faults.unavailable())
    press.break_("outlet-6", "/atom.xml", faults.redirect("/"))
    press.break_("outlet-8", "/thoi-su", faults.with_body(b"<html><body>no link</body></html>", "text/html"))
    sources = press.sources()
    rows = run_check(sources, now=NOW)
    assert [(row.source_id, row.url) for row in rows] == [(source.id, source.endpoints[0]) for source in sources]
    assert [row.kind for row in rows[:4]] == ["feed", "feed", "sitemap", "section"]
    assert [row.outcome for row in rows] == [
        *["ok"] * 4,
        "http_503",
        "not_a_feed",
        "ok",
        "section_no_links",
    ]
    assert [row.entries for row in rows[:4]] == [5] * 4
    assert [row.newest_at for row in rows[:4]] == [NOW - timedelta(hours=1)] * 3 + [None]
    assert all(row.took_ms is not None and row.took_ms < 3000 for row in rows[:4])
    assert rows[4].status == 503
    assert not rows[5].ok


def test_a_moved_feed_names_its_new_address(press: Press) -> None:
    moved = press.url("outlet-1", "/rss/home.rss")
    press.break_("outlet-2", "/atom.xml", faults.redirect(moved, status=301))
    (row,) = run_check(press.sources()[1:2], now=NOW)
    assert row.ok
    assert row.redirected_to == moved


def test_the_guards_hold_for_checks_too(press: Press) -> None:
    rows = run_check(press.sources(), now=NOW, crawl=CrawlSettings())
    assert {row.outcome for row in rows} == {"private_address"}
    assert press.log == []


def test_reasons_have_words_in_both_languages() -> None:
    assert describe_reason("http_503", "vi") == "máy chủ trả mã HTTP 503"
    assert describe_reason("timeout", "en") == "the server answers too slowly"
    assert describe_reason("http_oddity", "en") == "http_oddity"
    assert catalogue("fetch", "vi").keys() == catalogue("fetch", "en").keys()
