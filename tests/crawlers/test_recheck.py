"""Asking for articles again, on a press that removes some of them."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from crawlers.presence import KnownPage, PageCheck
from crawlers.recheck import RecheckSummary, recheck_pages
from tests.crawlers.crawling import LOCAL, in_a_process
from tests.press.faults import gone, hang, redirect, robots, unavailable
from tests.press.server import Press
from tests.press.site import Site
from tests.press.small import small_site

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
ARTICLES = 5


def recheck(pages: list[KnownPage], **options: Any) -> RecheckSummary:
    return in_a_process(partial(_recheck, pages, {"timeout_s": 2.0} | options))


def _recheck(pages: list[KnownPage], options: dict[str, Any]) -> RecheckSummary:
    return recheck_pages(pages, crawl=LOCAL, version="0.1.0", clock=lambda: NOW, **options)


def pages_of(press: Press) -> list[KnownPage]:
    return [KnownPage(document_id=one.id, url=press.article_url(one.id), language="vi") for one in press.site.articles]


def found(summary: RecheckSummary) -> dict[str, tuple[str, str]]:
    return {check.document_id: (check.found, check.reason) for check in summary.checks}


def first_stage() -> Site:
    site = small_site(NOW)
    return replace(site, articles=tuple(one for one in site.articles if one.stage == 1))


def test_what_each_article_answers() -> None:
    with Press(first_stage()) as press:
        press.break_("outlet-1", "/thoi-su/thong-xe-3.html", gone(status=404))
        press.break_("outlet-1", "/thoi-su/thong-xe-4.html", redirect("/"))
        press.break_("outlet-2", "/thoi-su/thong-xe-3.html", redirect("/thoi-su/thong-xe-1.html"))
        press.break_("outlet-2", "/thoi-su/thong-xe-4.html", unavailable(status=500))
        press.break_("outlet-3", "/thoi-su/*", gone())
        press.break_("outlet-4", "/thoi-su/thong-xe-3.html", hang())
        press.advance()
        summary = recheck(pages_of(press))
        checks = found(summary)
    assert checks["outlet-1-article-1"] == ("present", "ok")
    assert checks["outlet-1-article-2"] == ("gone", "http_410")
    assert checks["outlet-1-article-3"] == ("gone", "http_404")
    assert checks["outlet-1-article-4"] == ("gone", "redirected_home")
    assert checks["outlet-2-article-3"] == ("present", "ok")
    assert checks["outlet-2-article-4"] == ("unknown", "http_500")
    assert {checks[f"outlet-3-article-{number}"] for number in range(1, 6)} == {("unknown", "site_lost")}
    assert checks["outlet-4-article-3"] == ("unknown", "timeout")
    assert (len(checks) + summary.unasked, summary.interrupted) == (4 * ARTICLES, False)


@pytest.mark.parametrize("rule", ["User-agent: *\nDisallow: /thoi-su/", "User-agent: DiemBao\nDisallow: /"])
def test_robots_txt_is_obeyed(rule: str) -> None:
    with Press(first_stage()) as press:
        press.break_("outlet-1", "/robots.txt", robots(rule))
        asked = [page for page in pages_of(press) if page.document_id.startswith("outlet-1-")]
        summary = recheck(asked)
        assert {check.reason for check in summary.checks} == {"robots"}
        assert {check.found for check in summary.checks} == {"unknown"}
        assert press.requests("outlet-1", "/thoi-su/*") == []


def test_one_host_is_not_asked_faster_than_it_is_crawled() -> None:
    with Press(first_stage()) as press:
        summary = recheck(pages_of(press))
        assert all(check.found == "present" for check in summary.checks)
        assert max(press.peak(outlet.id) for outlet in press.site.outlets) <= LOCAL.per_host


def test_a_host_that_is_down_is_left_alone() -> None:
    with Press(first_stage()) as press:
        press.break_("outlet-2", "*", unavailable(retry_after=600))
        summary = recheck(pages_of(press))
        assert len(press.requests("outlet-2")) <= 1 + LOCAL.per_host
    assert not [check for check in summary.checks if check.document_id.startswith("outlet-2") and _says(check)]
    assert summary.unasked > 0


def _says(check: PageCheck) -> bool:
    return check.found != "unknown"
