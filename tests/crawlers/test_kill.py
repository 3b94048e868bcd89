"""A crawl that is stopped or killed at any moment loses no page and writes none twice."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random

import pytest

from crawlers.inbox import OPEN, InboxWriter, segments
from crawlers.sources import SOURCES_FILE
from pipeline.records import Page
from tests.crawlers.crawling import in_a_process, pages_of, store_of
from tests.press import faults
from tests.press.server import Press
from tests.press.small import small_site

PATIENCE_S = 60.0
STOP_S = 10.0
"""Within it a crawl that was told to stop is gone."""


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    with Press(small_site(datetime.now(UTC), outlets=4, articles=6)) as press:
        (tmp_path / SOURCES_FILE).write_text(press.sources_yaml(), encoding="utf-8")
        yield press


def start(home: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.crawlers.crawling", str(home), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_until(condition: Callable[[], bool], child: subprocess.Popen[str]) -> None:
    """Return when ``condition`` holds or the child has ended."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and child.poll() is None:
        assert time.monotonic() < deadline, "the crawl hangs"
        time.sleep(0.002)


def crawl_to_the_end(home: Path, *options: str) -> str:
    child = start(home, *options)
    output, errors = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 0, errors
    assert errors == ""
    return output


def assert_everything_once(press: Press, home: Path) -> None:
    expected = [press.article_url(article.id) for article in press.site.articles if article.stage == 1]
    assert Counter(page.requested_url for page in pages_of(home)) == Counter(expected)
    assert list((home / "inbox").glob(f"*{OPEN}")) == []
    store = store_of(home)
    assert store.ledger.queued([outlet.id for outlet in press.site.outlets]) == []
    store.close()


def kill_and_resume(press: Press, home: Path, *, kills: int, seed: int) -> None:
    random = Random(seed)
    total = 4 * (2 + 6) + 4  # robots.txt, listing, articles; the sitemap's children
    for _ in range(kills):
        target = len(press.log) + random.randint(1, total // 2)
        child = start(home)
        wait_until(lambda target=target: len(press.log) >= target, child)  # type: ignore[misc]
        time.sleep(random.uniform(0, 0.05))
        child.kill()
        child.communicate()
    crawl_to_the_end(home)
    assert_everything_once(press, home)


def test_three_kills_lose_and_double_nothing(press: Press, tmp_path: Path) -> None:
    kill_and_resume(press, tmp_path, kills=3, seed=3)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20, 24))
def test_many_kills_lose_and_double_nothing(press: Press, tmp_path: Path, seed: int) -> None:
    kill_and_resume(press, tmp_path, kills=10, seed=seed)


def write_and_vanish(home: Path, page: Page) -> None:
    """Write a page as a crawl does, and leave before the ledger hears of it."""
    InboxWriter(home / "inbox", datetime.now(UTC)).write(page)


def test_a_page_that_was_written_but_not_marked_is_not_fetched_again(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/thoi-su/*", faults.unavailable())
    crawl_to_the_end(tmp_path)
    store = store_of(tmp_path)
    queued = store.ledger.queued(["outlet-1"])[-1]
    store.close()
    page = Page(
        url=queued.entry.url,
        requested_url=queued.entry.url,
        status=200,
        content_type="text/html",
        body=b"<html>",
        fetched_at=datetime.now(UTC),
        source_id="outlet-1",
        entry=queued.entry,
    )
    in_a_process(partial(write_and_vanish, tmp_path, page))
    press.heal("outlet-1", "/thoi-su/*")
    press.log.clear()
    assert "recovered=1" in crawl_to_the_end(tmp_path, "--force")
    assert press.requests("outlet-1", queued.entry.url.rpartition(":")[2].lstrip("0123456789")) == []
    assert_everything_once(press, tmp_path)


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_cleanly_and_the_next_crawl_goes_on(press: Press, tmp_path: Path, signum: int) -> None:
    press.break_("outlet-1", "/robots.txt", faults.robots("User-agent: *\nCrawl-delay: 30\n"))  # waiting is cut short
    child = start(tmp_path)
    wait_until(lambda: len(press.requests("outlet-2", "/thoi-su/*")) >= 2, child)
    child.send_signal(signum)
    output, errors = child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 0
    assert errors == ""
    assert "interrupted=True" in output
    assert list((tmp_path / "inbox").glob(f"*{OPEN}")) == []
    assert len(segments(tmp_path / "inbox")) == 1
    press.heal("outlet-1")
    assert "recovered=0" in crawl_to_the_end(tmp_path)
    assert_everything_once(press, tmp_path)


def test_an_outlet_that_never_answers_holds_up_no_stop(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/thoi-su/thong-xe-2.html", faults.hang())
    child = start(tmp_path, "--patient")
    wait_until(lambda: bool(press.requests("outlet-1", "*thong-xe-2.html")), child)
    told_at = time.monotonic()
    child.send_signal(signal.SIGTERM)
    output, errors = child.communicate(timeout=PATIENCE_S)
    assert time.monotonic() - told_at < STOP_S
    assert (child.returncode, errors) == (0, "")
    assert "interrupted=True" in output
    press.heal("outlet-1")
    assert "recovered=0" in crawl_to_the_end(tmp_path)
    assert_everything_once(press, tmp_path)


def test_a_second_signal_does_not_wait(press: Press, tmp_path: Path) -> None:
    press.break_("outlet-1", "/thoi-su/thong-xe-2.html", faults.hang())
    child = start(tmp_path)
    wait_until(lambda: bool(press.requests("outlet-1", "*thong-xe-2.html")), child)
    child.send_signal(signal.SIGINT)
    assert child.stdout is not None
    assert any("crawl_stopping" in line for line in child.stdout)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=PATIENCE_S)
    assert child.returncode == -signal.SIGINT
    press.heal("outlet-1")
    output = crawl_to_the_end(tmp_path)
    assert "recovered=0" not in output
    assert_everything_once(press, tmp_path)
