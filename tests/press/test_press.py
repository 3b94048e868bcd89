"""The loopback press itself: what it serves, what it logs, and that each fault is what it claims to be."""

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree, html

from crawlers.sources import load_sources
from tests.press import faults
from tests.press.client import fetch
from tests.press.conftest import NOW
from tests.press.pages import amp_path
from tests.press.server import Press
from tests.press.small import small_site

FEED = "/rss/home.rss"
ARTICLE = "/thoi-su/thong-xe-1.html"


# ---- serving --------------------------------------------------------------------------------------------------------


def test_every_endpoint_and_article_is_served(press: Press) -> None:
    for source in press.sources():
        (address,) = source.endpoints
        response, body = fetch(address)
        assert response.status == 200
        assert body
    for article in press.site.articles:
        response, body = fetch(press.article_url(article.id))
        assert response.status == (200 if article.stage == 1 else 404)
        assert (article.title in body.decode()) == (article.stage == 1)


def test_a_sitemap_index_leads_to_packed_children_that_list_the_articles(press: Press) -> None:
    _, index = fetch(press.url("outlet-3", "/sitemap-news-index.xml"))
    children = [node.text for node in etree.fromstring(index).iter("{*}loc")]
    listed = set()
    for child in children:
        _, packed = fetch(child)
        listed |= {node.text for node in etree.fromstring(gzip.decompress(packed)).iter("{*}loc")}
    assert listed == {press.article_url(f"outlet-3-article-{number}") for number in range(1, 6)}


def test_a_section_page_lists_articles_under_the_selector_of_its_source(press: Press) -> None:
    (section,) = press.sources()[3].sections
    _, body = fetch(section.url)
    links = html.fromstring(body).cssselect(section.links)
    assert [link.get("href") for link in links] == [f"/thoi-su/thong-xe-{number}.html" for number in range(1, 6)]


@pytest.mark.parametrize("twin", [amp_path(ARTICLE), f"/m{ARTICLE}", f"{ARTICLE}?utm_source=rss"])
def test_twins_of_an_article_name_the_canonical_address(press: Press, twin: str) -> None:
    response, body = fetch(press.url("outlet-1", twin))
    assert response.status == 200
    (link,) = html.fromstring(body).cssselect("link[rel=canonical]")
    assert link.get("href") == press.url("outlet-1", ARTICLE)


def test_stage_two_edits_removes_and_adds(press: Press) -> None:
    press.advance()
    _, edited = fetch(press.article_url("outlet-1-article-1"))
    assert "(cập nhật)" in edited.decode()
    removed, _ = fetch(press.article_url("outlet-1-article-2"))
    assert removed.status == 410
    added, _ = fetch(press.article_url("outlet-1-article-6"))
    assert added.status == 200


def test_the_overlay_stands_in_place_of_the_packaged_catalogue(press: Press, tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_text(press.sources_yaml(), encoding="utf-8")
    assert load_sources(tmp_path) == press.sources()


def test_the_same_first_port_gives_the_same_addresses() -> None:
    with Press(small_site(NOW, outlets=1)) as press:
        port = int(press.url("outlet-1", "").rpartition(":")[2])
    with Press(small_site(NOW, outlets=1), first_port=port) as press:
        assert press.url("outlet-1") == f"http://127.0.0.1:{port}/"


def test_a_taken_port_stops_the_start_and_leaves_nothing_running() -> None:
    before = threading.active_count()
    with Press(small_site(NOW, outlets=1)) as press:
        port = int(press.url("outlet-1", "").rpartition(":")[2])
        with pytest.raises(OSError, match="in use"), Press(small_site(NOW, outlets=2), first_port=port - 1):
            pass
    assert threading.active_count() == before


# ---- conditions, log, connections -----------------------------------------------------------------------------------


def test_unchanged_bodies_are_answered_by_304_until_they_change(press: Press) -> None:
    url = press.url("outlet-1", FEED)
    first, _ = fetch(url)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    assert fetch(url, If_None_Match=etag)[0].status == 304
    assert fetch(url, If_Modified_Since=modified)[0].status == 304
    press.advance()
    assert fetch(url, If_None_Match=etag)[0].status == 200
    assert fetch(url, If_Modified_Since=modified)[0].status == 200


def test_the_log_holds_every_request_in_order(press: Press) -> None:
    fetch(press.url("outlet-1", f"{FEED}?a=1"), User_Agent="tester")
    fetch(press.url("outlet-2", "/nowhere"))
    assert [(line.outlet_id, line.path, line.status) for line in press.log] == [
        ("outlet-1", f"{FEED}?a=1", 200),
        ("outlet-2", "/nowhere", 404),
    ]
    assert press.log[0].headers["user-agent"] == "tester"
    assert press.requests("outlet-1", "/rss/*") == press.log[:1]


def test_a_connection_is_kept_for_the_next_request(press: Press) -> None:
    connection = HTTPConnection(urlsplit(press.url("outlet-1")).netloc, timeout=5)
    for path in (FEED, ARTICLE, "/nowhere"):
        connection.request("GET", path)
        connection.getresponse().read()
        assert connection.sock is not None
    connection.request("HEAD", ARTICLE)
    assert connection.getresponse().read() == b""
    connection.close()


def test_the_peak_counts_requests_open_at_one_time(press: Press) -> None:
    press.break_("outlet-1", "/thoi-su/*", faults.drip(piece_bytes=2000, pause_s=0.1))
    urls = [press.url("outlet-1", f"/thoi-su/thong-xe-{number}.html") for number in range(1, 4)]
    for url in urls:
        fetch(url)
    assert press.peak("outlet-1") == 1
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(fetch, urls))
    assert press.peak("outlet-1") == 3
