"""Section pages: the links a configured selector finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ParseError
from crawlers.sections import parse_section
from pipeline.records import FeedEntry
from tests.crawlers.pages import expected, saved, told, windows_1258

URL = "https://bao.example/thoi-su"


def parse(body: bytes, links_css: str = ".list a", content_type: str = "") -> tuple[FeedEntry, ...]:
    return parse_section(body, url=URL, links_css=links_css, content_type=content_type)


def test_a_saved_page_lists_what_it_should() -> None:
    assert told(parse(saved("section.html"))) == expected("section.html")


def test_the_selector_decides() -> None:
    assert [entry.url for entry in parse(saved("section.html"), "nav a")] == ["https://bao.example/kinh-te/"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<a href=/1>Đường</a>".encode(), "text/html; charset=utf-8"),
        ("<meta charset=utf-8><a href=/1>Đường</a>".encode(), "text/html"),
        ("<?xml version='1.0' encoding='utf-8'?><html><a href='/1'>Đường</a></html>".encode(), ""),
        ("<a href=/1>Đường</a>".encode("utf-16"), ""),
        (windows_1258("<a href=/1>Đường</a>"), "text/html; charset=windows-1258"),
    ],
)
def test_encodings(body: bytes, content_type: str) -> None:
    assert parse(body, "a", content_type) == (FeedEntry(url="https://bao.example/1", title="Đường"),)


@pytest.mark.parametrize(
    ("body", "links_css", "code"),
    [
        (b"", "a", "crawl.section_no_links"),
        (b"<p>No links</p>", "a", "crawl.section_no_links"),
        (saved("section.html"), ".gone a", "crawl.section_no_links"),
        (saved("section.html"), "a::attr(href)", "crawl.section_no_links"),
        (b"\0" * 1000, "a", "crawl.section_no_links"),
        (b"<div>" * 1_000_000, "a", "crawl.section_no_links"),
        (saved("section.html"), "a[", "crawl.section_bad_selector"),
        (b" " * (9 << 20), "a", "crawl.section_too_large"),
    ],
    ids=range(8),
)
def test_what_gives_no_links_is_refused_by_name(body: bytes, links_css: str, code: str) -> None:
    with pytest.raises(ParseError) as error:
        parse(body, links_css)
    assert error.value.code == code
    assert URL in str(error.value)


@given(st.binary(max_size=300) | st.text("<>/!&;abhref='\" \0", max_size=200).map(str.encode))
def test_any_bytes_give_links_or_are_refused(body: bytes) -> None:
    try:
        entries = parse(b"<a href=/1>" + body, "a")
    except ParseError:
        return
    assert all(entry.url.startswith("http") for entry in entries)
