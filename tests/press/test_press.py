"""The loopback press itself: what it serves, what it logs, and that each fault is what it claims to be."""

import gzip
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from urllib.parse import urlsplit

import pytest
import yaml
from lxml import etree, html

from tests.press import faults
from tests.press.faults import Fault
from tests.press.pages import amp_path
from tests.press.server import Press
from tests.press.small import small_site

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
FEED = "/rss/home.rss"
ARTICLE = "/thoi-su/thong-xe-1.html"


@pytest.fixture
def press() -> Iterator[Press]:
    with Press(small_site(NOW)) as press:
        yield press


def fetch(url: str, *, method: str = "GET", timeout_s: float = 5, **headers: str) -> tuple[HTTPResponse, bytes]:
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    connection = HTTPConnection(parts.netloc, timeout=timeout_s)
    try:
        connection.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


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


def test_the_catalogue_overlay_replaces_the_packaged_one(press: Press) -> None:
    overlay = yaml.safe_load(press.sources_yaml())
    assert overlay["replace"] is True
    assert [entry["id"] for entry in overlay["sources"]] == ["outlet-1", "outlet-2", "outlet-3", "outlet-4"]


def test_the_same_first_port_gives_the_same_addresses() -> None:
    with Press(small_site(NOW, outlets=1)) as press:
        port = int(press.url("outlet-1", "").rpartition(":")[2])
    with Press(small_site(NOW, outlets=1), first_port=port) as press:
        assert press.url("outlet-1") == f"http://127.0.0.1:{port}/"


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


# ---- faults ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status", "headers"),
    [
        (faults.unavailable(retry_after=120), 503, {"Retry-After": "120"}),
        (faults.unavailable(status=429, retry_after="Wed, 04 Mar 2026 00:00:00 GMT"), 429, {}),
        (faults.gone(), 410, {}),
        (faults.gone(status=404), 404, {}),
        (faults.redirect("file:///etc/passwd"), 302, {"Location": "file:///etc/passwd"}),
        (faults.redirect("http://10.0.0.1/", status=301), 301, {"Location": "http://10.0.0.1/"}),
        (faults.redirect_loop(), 302, {"Location": f"{FEED}?hop=1"}),
        (faults.declared_charset("iso-8859-1"), 200, {"Content-Type": "application/rss+xml; charset=iso-8859-1"}),
        (faults.html_instead(), 200, {"Content-Type": "text/html; charset=utf-8"}),
        (faults.binary(), 200, {"Content-Type": "application/pdf"}),
        (faults.robots("User-agent: *\nCrawl-delay: 2\n"), 200, {"Content-Type": "text/plain; charset=utf-8"}),
        (faults.empty(), 200, {"Content-Length": "0"}),
        (faults.no_validators(), 200, {"ETag": None, "Last-Modified": None}),
    ],
)
def test_a_fault_shows_in_status_and_headers(
    press: Press, fault: Fault, status: int, headers: dict[str, str | None]
) -> None:
    press.break_("outlet-1", "/rss/*", fault)
    response, _ = fetch(press.url("outlet-1", FEED))
    assert response.status == status
    assert {name: response.headers[name] for name in headers} == headers
    healthy, _ = fetch(press.url("outlet-1", ARTICLE))
    assert healthy.status == 200


def test_healing_takes_a_fault_away(press: Press) -> None:
    press.break_("outlet-1", "*", faults.unavailable())
    press.heal("outlet-1")
    assert fetch(press.url("outlet-1", FEED))[0].status == 200


def test_a_frozen_etag_stays_when_the_body_changes(press: Press) -> None:
    press.break_("outlet-1", FEED, faults.frozen_etag())
    before, old = fetch(press.url("outlet-1", FEED))
    press.advance()
    after, new = fetch(press.url("outlet-1", FEED), If_None_Match=before.headers["ETag"])
    assert (after.status, after.headers["ETag"]) == (200, before.headers["ETag"])
    assert new != old
    press.break_("outlet-1", FEED, faults.frozen_etag(answers_304=True))
    assert fetch(press.url("outlet-1", FEED), If_None_Match=before.headers["ETag"])[0].status == 304


def test_a_restless_etag_changes_though_the_body_stays(press: Press) -> None:
    press.break_("outlet-1", FEED, faults.restless_etag())
    (first, old), (second, new) = (fetch(press.url("outlet-1", FEED)) for _ in range(2))
    assert first.headers["ETag"] != second.headers["ETag"]
    assert old == new


def test_a_drip_takes_its_time(press: Press) -> None:
    press.break_("outlet-1", ARTICLE, faults.drip(piece_bytes=1000, pause_s=0.05))
    started = time.monotonic()
    _, body = fetch(press.url("outlet-1", ARTICLE))
    assert time.monotonic() - started >= 0.05 * (len(body) // 1000)
    assert b"</html>" in body


def test_a_hanging_outlet_gives_no_answer_and_the_press_still_closes() -> None:
    with Press(small_site(NOW)) as press:
        press.break_("outlet-1", "*", faults.hang())
        with pytest.raises(TimeoutError):
            fetch(press.url("outlet-1", FEED), timeout_s=0.2)
        assert [line.status for line in press.log] == [0]
        waiting = HTTPConnection(urlsplit(press.url("outlet-1")).netloc, timeout=30)
        waiting.request("GET", FEED)
    waiting.close()


def test_a_reset_breaks_off_in_the_middle_of_the_body(press: Press) -> None:
    press.break_("outlet-1", ARTICLE, faults.reset(after_bytes=100))
    with pytest.raises((IncompleteRead, ConnectionResetError)):
        fetch(press.url("outlet-1", ARTICLE))


def test_chunks_carry_the_same_body(press: Press) -> None:
    _, plain = fetch(press.url("outlet-1", ARTICLE))
    press.break_("outlet-1", ARTICLE, faults.chunked(piece_bytes=100))
    response, body = fetch(press.url("outlet-1", ARTICLE))
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert body == plain


@pytest.mark.parametrize("bomb", [faults.gzip_bomb(size_mb=20), faults.gzip_file_bomb(size_mb=20)])
def test_a_bomb_is_small_on_the_wire_and_large_unpacked(press: Press, bomb: Fault) -> None:
    press.break_("outlet-1", ARTICLE, bomb)
    _, body = fetch(press.url("outlet-1", ARTICLE))
    assert len(body) < 100_000
    assert len(gzip.decompress(body)) == 20_000_000


def test_a_huge_page_is_huge(press: Press) -> None:
    press.break_("outlet-1", ARTICLE, faults.huge(size_mb=9))
    _, body = fetch(press.url("outlet-1", ARTICLE))
    assert len(body) > 8_500_000


@pytest.mark.parametrize("charset", ["utf-16", "windows-1258"])
def test_a_page_in_another_encoding_reads_the_same(press: Press, charset: str) -> None:
    _, plain = fetch(press.url("outlet-1", ARTICLE))
    press.break_("outlet-1", ARTICLE, faults.encoded(charset))
    response, body = fetch(press.url("outlet-1", ARTICLE))
    assert response.headers["Content-Type"] == f"text/html; charset={charset}"
    assert faults.composed(body.decode(charset)) == faults.composed(plain.decode()).replace("utf-8", charset)


@pytest.mark.parametrize("outlet_id, path", [("outlet-1", FEED), ("outlet-2", "/atom.xml")])
def test_dates_can_be_dropped_or_set_in_the_future(press: Press, outlet_id: str, path: str) -> None:
    press.break_(outlet_id, path, faults.without_dates())
    assert not dates(fetch(press.url(outlet_id, path))[1])
    press.heal(outlet_id)
    press.break_(outlet_id, path, faults.future_dates(days=400))
    year = str(datetime.now(UTC).year + 1)
    found = dates(fetch(press.url(outlet_id, path))[1])
    assert len(found) >= 5
    assert all(year in date or str(int(year) + 1) in date for date in found)


def test_hostile_feeds_hold_what_they_threaten_with(press: Press) -> None:
    press.break_("outlet-1", FEED, faults.xxe_feed())
    assert b'SYSTEM "file:///etc/passwd"' in fetch(press.url("outlet-1", FEED))[1]
    press.break_("outlet-1", FEED, faults.billion_laughs())
    assert fetch(press.url("outlet-1", FEED))[1].count(b"&lol8;") == 10


def test_a_truncated_feed_is_no_xml_any_more(press: Press) -> None:
    press.break_("outlet-1", FEED, faults.truncated())
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(fetch(press.url("outlet-1", FEED))[1])


def dates(feed: bytes) -> list[str]:
    elements = [element for element in etree.fromstring(feed).iter("{*}*")]
    return [element.text for element in elements if etree.QName(element).localname in faults.DATE_TAGS]
