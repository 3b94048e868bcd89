"""Sitemaps from saved bytes: news, indexes, gzip, malformed and hostile ones."""

import gzip
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ParseError
from crawlers.sitemaps import MAX_ROWS, Sitemap, parse_sitemap
from tests.crawlers.pages import expected, saved, told

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
NEWS = saved("news_sitemap.xml")
INDEX = saved("sitemap_index.xml")
QUICK_S = 10


def parse(body: bytes, **options: int) -> Sitemap:
    return parse_sitemap(
        body, url="https://bao.example/sitemap.xml", fetched_at=NOW, timezone="Asia/Ho_Chi_Minh", **options
    )


@pytest.mark.parametrize(
    "body",
    [
        NEWS,
        gzip.compress(NEWS),
        gzip.compress(NEWS)[:-8],
        NEWS.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
        NEWS.replace(b"http://www.sitemaps.org/schemas/sitemap/0.9", b"http://www.google.com/schemas/sitemap/0.84"),
    ],
    ids=["plain", "gzip", "gzip without its checksum", "utf-16", "old namespace"],
)
def test_a_news_sitemap(body: bytes) -> None:
    sitemap = parse(body)
    assert told(sitemap.entries) == expected("news_sitemap.xml")
    assert (sitemap.children, sitemap.dropped, sitemap.bozo) == ((), 1, False)


def test_an_index_lists_the_freshest_first() -> None:
    sitemap = parse(INDEX)
    assert sitemap.entries == ()
    assert sitemap.children == (
        "https://bao.example/sitemap-2026-03.xml.gz",
        "https://bao.example/sitemap-2024.xml",
        "https://bao.example/sitemap-pages.xml",
    )


def test_an_empty_sitemap_is_a_sitemap() -> None:
    assert parse(b"<urlset/>") == Sitemap()


@given(st.integers(0, len(NEWS)))
def test_a_truncated_sitemap_gives_whole_links_or_a_named_rejection(cut: int) -> None:
    whole = [entry.url for entry in parse(NEWS).entries]
    try:
        sitemap = parse(NEWS[:cut])
    except ParseError as error:
        assert error.code == "crawl.not_a_sitemap"
        return
    urls = [entry.url for entry in sitemap.entries]
    assert urls == whole[: len(urls)]
    assert sitemap.bozo or len(urls) == len(whole)


def test_no_more_is_read_than_the_protocol_allows() -> None:
    row = b"<url><loc>https://bao.example/1</loc></url>"
    assert len(parse(b"<urlset>" + row * (MAX_ROWS + 100) + b"</urlset>").entries) == MAX_ROWS


ENTITY = '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url></urlset>'
BOMB = gzip.compress(b"<urlset>" + b" " * (200 << 20), 1)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "crawl.not_a_sitemap"),
        (b"https://bao.example/1", "crawl.not_a_sitemap"),
        (b"<html><body>404</body></html>", "crawl.not_a_sitemap"),
        (b"<rss version='2.0'><channel/></rss>", "crawl.not_a_sitemap"),
        (bytes(range(256)) * 1000, "crawl.not_a_sitemap"),
        (b"\x1f\x8b\x08" + bytes(range(256)) * 100, "crawl.not_a_sitemap"),
        (gzip.compress(gzip.compress(NEWS)), "crawl.not_a_sitemap"),
        (ENTITY.encode(), "crawl.sitemap_entities"),
        (ENTITY.encode("utf-16"), "crawl.sitemap_entities"),
        (ENTITY.replace("SYSTEM", "").encode(), "crawl.sitemap_entities"),
        (BOMB, "crawl.sitemap_too_large"),
        (b"<urlset>" + b" " * (17 << 20), "crawl.sitemap_too_large"),
        (b"<urlset>" + b"<a/>" * 3_000_000, "crawl.sitemap_too_large"),
        (b"<urlset>" + b"<a>" * 3_000_000, "crawl.not_a_sitemap"),
    ],
    ids=range(14),
)
def test_hostile_bytes_are_refused_by_name_and_quickly(body: bytes, code: str) -> None:
    started = time.perf_counter()
    with pytest.raises(ParseError) as error:
        parse(body)
    assert error.value.code == code
    assert "https://bao.example/sitemap.xml" in str(error.value)
    assert time.perf_counter() - started < QUICK_S


@given(
    st.binary(max_size=300)
    | st.text("<>/!&;[]-?urlsetoc'=\"", max_size=200).map(lambda text: f"<urlset>{text}".encode())
)
def test_any_bytes_are_a_sitemap_or_refused(body: bytes) -> None:
    try:
        sitemap = parse(body)
    except ParseError:
        return
    assert all(entry.url.startswith("http") for entry in sitemap.entries)
