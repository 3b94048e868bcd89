"""Each fault of the loopback press is what it claims to be."""

import gzip
import time
from datetime import UTC, datetime
from http.client import HTTPConnection, IncompleteRead
from urllib.parse import urlsplit

import pytest
from lxml import etree

from tests.press import faults
from tests.press.client import fetch
from tests.press.conftest import NOW
from tests.press.faults import Fault
from tests.press.server import Press
from tests.press.small import small_site

FEED = "/rss/home.rss"
ARTICLE = "/thoi-su/thong-xe-1.html"


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


@pytest.mark.parametrize(
    ("outlet_id", "path"),
    [("outlet-1", FEED), ("outlet-2", "/atom.xml"), ("outlet-3", "/sitemaps/news-2026-03-05.xml.gz")],
)
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
    root = etree.fromstring(gzip.decompress(feed) if feed.startswith(faults.GZIP_MAGIC) else feed)
    return [element.text for element in root.iter("{*}*") if etree.QName(element).localname in faults.DATE_TAGS]
