"""Feeds from saved bytes: forms, encodings, malformed and hostile ones."""

import time
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ParseError
from crawlers.feeds import MAX_SUMMARY_CHARS, Feed, parse_feed
from tests.crawlers.pages import expected, saved, told, windows_1258

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
QUICK_S = 10
"""Generous on a busy machine; each of the attacks would need minutes."""


def parse(body: bytes, content_type: str = "", **options: int) -> Feed:
    return parse_feed(
        body,
        url="https://bao.example/rss/home.rss",
        content_type=content_type,
        fetched_at=NOW,
        timezone="Asia/Ho_Chi_Minh",
        **options,
    )


def rss(*items: str, channel: str = "<title>Báo Ví Dụ</title>") -> str:
    return f"<rss version='2.0'><channel>{channel}{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"


ITEM = "<title>Đường sá Quảng Ngãi</title><link>https://bao.example/1</link>"


@pytest.mark.parametrize("name", ["rss.xml", "atom.xml", "rdf.xml", "feed.json"])
def test_saved_feeds_list_what_they_should(name: str) -> None:
    assert told(parse(saved(name)).entries) == expected(name)


@pytest.mark.parametrize(
    ("name", "title", "dropped", "ttl_s"),
    [
        ("rss.xml", "Tin mới nhất - Báo Ví Dụ RSS", 2, 1800),
        ("atom.xml", "The Paper — World", 0, None),
        ("rdf.xml", "例新聞", 0, 1800),
        ("feed.json", "Báo Ví Dụ", 2, None),
    ],
)
def test_saved_feeds_describe_themselves(name: str, title: str, dropped: int, ttl_s: int | None) -> None:
    feed = parse(saved(name))
    assert (feed.title, feed.dropped, feed.ttl_s, feed.bozo) == (title, dropped, ttl_s, False)


@pytest.mark.parametrize(
    ("channel", "ttl_s"),
    [
        ("<ttl>60</ttl>", 3600),
        ("<ttl> 1.5 </ttl>", 90),
        ("<ttl>0</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>1e99</ttl>", None),
        ("<ttl>nan</ttl>", None),
    ],
)
def test_ttl(channel: str, ttl_s: int | None) -> None:
    assert parse(rss(ITEM, channel=channel).encode()).ttl_s == ttl_s


def test_a_date_days_ahead_is_not_believed() -> None:
    later = (NOW + timedelta(days=3)).isoformat()
    assert parse(rss(f"{ITEM}<pubDate>{later}</pubDate>").encode()).entries[0].published_at is None


def test_a_summary_is_not_the_article() -> None:
    (entry,) = parse(rss(f"{ITEM}<description>{'dài ' * 5000}</description>").encode()).entries
    assert len(entry.summary) <= MAX_SUMMARY_CHARS
    assert entry.summary.endswith("dài…")


# ---- encodings ------------------------------------------------------------------------------------------------------


def declared(encoding: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{rss(ITEM)}'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (declared("utf-8").encode(), "text/xml"),
        (declared("utf-8").encode("utf-8-sig"), "application/rss+xml"),
        (rss(ITEM).encode(), ""),
        (windows_1258(declared("windows-1258")), "text/xml"),
        (windows_1258(rss(ITEM)), "text/xml; charset=windows-1258"),
        (declared("utf-16").encode("utf-16"), "application/xml"),
        (declared("utf-16").encode("utf-16-le"), ""),
        (declared("utf-16").encode("utf-16-be"), ""),
        (declared("iso-8859-1").encode(), "text/xml"),
        (declared("windows-1252").encode(), ""),
        (declared("no-such-encoding").encode(), ""),
        (declared("utf-8").encode(), "text/xml; charset=iso-8859-1"),
        (b"\n\n " + declared("utf-8").encode(), ""),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else None,
)
def test_encodings_and_wrong_prologs(body: bytes, content_type: str) -> None:
    feed = parse(body, content_type)
    assert [entry.title for entry in feed.entries] == ["Đường sá Quảng Ngãi"]
    assert unicodedata.is_normalized("NFC", feed.entries[0].title)


# ---- malformed ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "item",
    [
        ITEM + "<description>Một &nbsp; hai &eacute;</description>",
        ITEM + "<description>R&D và <br> <img src=x></description>",
        ITEM + "<media:thumbnail url='x'/>",
        ITEM + "<description>\x0b\x00\x1f</description>",
    ],
    ids=["entity", "html", "prefix", "control"],
)
def test_sloppy_feeds_are_read(item: str) -> None:
    feed = parse(rss(item, ITEM.replace("/1", "/2")).encode())
    assert [entry.url for entry in feed.entries] == ["https://bao.example/1", "https://bao.example/2"]


@given(st.integers(0, len(saved("rss.xml"))))
def test_a_truncated_feed_gives_whole_links_or_a_named_rejection(cut: int) -> None:
    whole = [entry.url for entry in parse(saved("rss.xml")).entries]
    try:
        feed = parse(saved("rss.xml")[:cut])
    except ParseError as error:
        assert error.code in ("crawl.not_a_feed", "crawl.feed_empty")
        return
    urls = [entry.url for entry in feed.entries]
    assert urls == whole[: len(urls)]


def test_a_feed_cut_in_the_middle_is_flagged() -> None:
    body = saved("rss.xml")
    feed = parse(body[: body.index(b"javascript")])
    assert feed.bozo
    assert len(feed.entries) == 3


# ---- hostile --------------------------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
XXE = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss("<title>&x;</title><link>https://x.vn/</link>")
OPEN = "<rss version='2.0'><channel>"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "crawl.feed_empty"),
        (b" \n\t\0", "crawl.feed_empty"),
        (XXE.encode(), "crawl.feed_entities"),
        (XXE.encode("utf-16"), "crawl.feed_entities"),
        (XXE.replace("!ENTITY", "!entity").encode(), "crawl.feed_entities"),
        (b"+ADwAIQ-DOCTYPE x", "crawl.not_a_feed"),
        (f'<!DOCTYPE rss [<!ENTITY a0 "ha">{LAUGHS}]>{rss("<title>&a9;</title>")}'.encode(), "crawl.feed_entities"),
        (("<?xml version='1.0' encoding='utf-7'?>" + XXE).encode("utf-7"), "crawl.feed_entities"),
        (b"<html><head><title>404</title></head><body>Not found</body></html>", "crawl.not_a_feed"),
        (b"not a feed", "crawl.not_a_feed"),
        (bytes(range(256)) * 1000, "crawl.not_a_feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), "crawl.not_a_feed"),
        (b"{}", "crawl.not_a_feed"),
        (b'{"version": "https://jsonfeed.org/version/2", "items": []}', "crawl.not_a_feed"),
        (b'{"version": ' + b"[" * 100_000, "crawl.not_a_feed"),
        (b'{"items": ' * 100_000, "crawl.not_a_feed"),
        (rss(ITEM).encode() + b" " * (9 << 20), "crawl.feed_too_large"),
        ((OPEN + "<a>" * 1_000_000).encode(), "crawl.feed_too_deep"),
        ((OPEN + "<item>" * 1_000_000).encode(), "crawl.feed_too_deep"),
        ((OPEN + "<a/>" * 1_000_000).encode(), "crawl.feed_too_deep"),
        ((OPEN + "<a " * 1_000_000).encode(), "crawl.feed_too_deep"),
        ((OPEN + "<" * 5_000_000).encode(), "crawl.not_a_feed"),
        ((OPEN + "<title>" + "&a" * 2_000_000).encode(), "crawl.not_a_feed"),
        ((OPEN + "<![CDATA[" * 500_000).encode(), "crawl.not_a_feed"),
        ((OPEN + "<!--" * 1_000_000).encode(), "crawl.not_a_feed"),
        ((OPEN + "<a x='" + "<" * 3_000_000).encode(), "crawl.not_a_feed"),
        (("<rss " + "x='1' " * 1_000_000).encode(), "crawl.not_a_feed"),
    ],
    ids=range(27),
)
def test_hostile_bytes_are_refused_by_name_and_quickly(body: bytes, code: str) -> None:
    started = time.perf_counter()
    with pytest.raises(ParseError) as error:
        parse(body)
    assert error.value.code == code
    assert "https://bao.example/rss/home.rss" in str(error.value)
    assert time.perf_counter() - started < QUICK_S


def test_the_size_cap_is_the_callers() -> None:
    with pytest.raises(ParseError):
        parse(saved("rss.xml"), max_bytes=1000)


@given(
    st.binary(max_size=300)
    | st.text("<>/!&;[]-?rsitemchanl'=\"", max_size=200).map(lambda text: (OPEN + text).encode())
)
def test_any_bytes_are_a_feed_or_refused(body: bytes) -> None:
    try:
        feed = parse(body)
    except ParseError:
        return
    assert all(entry.url.startswith("http") for entry in feed.entries)


# ---- feeds captured from the web ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def captured(eval_data: Path) -> Callable[[str], Feed]:
    return lambda name: parse(next((eval_data / "data/feeds/captured").rglob(name)).read_bytes(), "text/xml")


@pytest.mark.parametrize(
    ("name", "title", "entries"),
    [
        ("vnexpress_20171114.xml", "Tin mới nhất - VnExpress RSS", 24),
        ("encoding_ISO-8859-1.xml", "Golem.de", 40),
        ("encoding_WINDOWS-1251.xml", "iBash.Org.Ru", 50),
        ("large_atom.xml", "Artificial truth", 25),
        ("large_rss.xml", "Artificial truth", 25),
        ("rdf_UTF8.xml", "heise online News", 60),
        ("small_atom.xml", "Recent Commits to v2:main", 20),
        ("urdu_UTF8.xml", "BBC News اردو - پاکستان کے لیے امریکی امداد کی بہار و خزاں", 26),
        ("utf8-incorrect-prolog.xml", "테스트 피드", 0),
        ("windows-1252-incorrect-prolog.xml", "Euro €", 0),
        ("koi8r.xml", "Пример RSS ленты", 2),
        ("full.rss", "RSS Title", 1),
        ("full.json", "My Example Feed", 2),
    ],
)
def test_captured_feeds(captured: Callable[[str], Feed], name: str, title: str, entries: int) -> None:
    feed = captured(name)
    assert feed.title == title
    assert len(feed.entries) == entries


def test_a_captured_feed_of_vnexpress_is_clean(captured: Callable[[str], Feed]) -> None:
    for entry in captured("vnexpress_20171114.xml").entries:
        assert entry.title and entry.published_at
        assert "<" not in entry.summary
