"""Pages made to break a parser: each is an article or a named rejection, in bounded time."""

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.extract.page import parse_page
from pipeline.records import Article, Page, Rejected
from tests.pipeline.extract.fixture_pages import ARTICLE_LD, BODY, FETCHED_AT, FIRST, TITLE, URL, json_ld, markup

LIMIT_S = 15.0
"""Several times what the slowest takes on one slow core."""
REASONS = {"http_status", "too_large", "not_markup", "no_content", "bad_url"}
BODY_OPEN = f"<html><head><title>{TITLE}</title></head><body>"

HOSTILE = {
    "deeply_nested": BODY_OPEN + "<div>" * 200_000 + BODY,
    "wide_and_deep": BODY_OPEN + ("<div>" * 100 + BODY + "</div>" * 100) * 110,
    "many_articles": BODY_OPEN + f"<article><h1>Tin khác hẳn</h1>{BODY}</article>" * 4_000,
    "one_line": BODY_OPEN + "<p>" + "Cao Bằng " * 800_000,
    "many_paragraphs": BODY_OPEN + BODY * 4_000,
    "many_tags": BODY_OPEN + "a<br>" * 1_500_000,
    "open_angles": "<" * 8_000_000,
    "unclosed_comments": BODY_OPEN + BODY + "<!--" * 1_000_000,
    "unclosed_scripts": BODY_OPEN + BODY + "<script>" * 300_000,
    "unclosed_tables": BODY_OPEN + "<table><tr><td>" * 20_000 + BODY,
    "nested_links": BODY_OPEN + "<p><a href=x>" * 20_000 + BODY,
    "huge_attribute": f'<html><body class="{"a " * 3_000_000}">{BODY}',
    "huge_meta": markup(f'<meta property="og:title" content="{"x " * 3_000_000}">'),
    "separators_without_end": markup(title="a | " * 2_000),
    "many_dates": BODY_OPEN + '<div class="date">May 45, 2025 and 12 Junk 2024</div>' * 20_000 + BODY,
    "many_times": BODY_OPEN + "<time datetime='tháng 2025'>1/1/20255</time>" * 20_000 + BODY,
    "entity_bomb": '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
    + markup(body="<p>&c;</p>" + BODY),
    "external_entity": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + markup(body="<p>&x;</p>" + BODY),
    "json_ld_five_megabytes": markup(json_ld('{"@type": "NewsArticle", "articleBody": "' + "a " * 2_500_000 + '"}')),
    "json_ld_deep_lists": markup(json_ld("[" * 400_000)),
    "json_ld_deep_objects": markup(json_ld('{"a":' * 50_000 + "1" + "}" * 50_000)),
    "json_ld_wide": markup(json_ld("[" + ",".join([ARTICLE_LD] * 1_500) + "]")),
    "json_ld_commas": markup(json_ld('{"a": 1' + ", " * 400_000)),
    "json_ld_wrong_types": markup(
        json_ld('{"@type": "NewsArticle", "headline": [[1]], "author": [{"name": {"a": 1}}, 5, null], '
                '"datePublished": {"@value": 7}, "wordCount": "9e9", "hasPart": [3], "isAccessibleForFree": []}')
    ),
}  # fmt: skip


def page_of(body: bytes, content_type: str = "text/html") -> Page:
    return Page(url=URL, requested_url=URL, status=200, content_type=content_type, body=body, fetched_at=FETCHED_AT)


def read(page: Page) -> Article | Rejected:
    parsed = parse_page(page)
    if isinstance(parsed, Rejected):
        assert parsed.reason in REASONS
        return parsed
    assert parsed.headline().title
    return parsed.article()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_page_is_read_in_bounded_time(name: str) -> None:
    started = time.monotonic()
    read(page_of(HOSTILE[name].encode()[: 16 * 2**20]))
    assert time.monotonic() - started < LIMIT_S


def test_no_entity_is_expanded_or_fetched() -> None:
    for name in ("entity_bomb", "external_entity"):
        article = read(page_of(HOSTILE[name].encode()))
        assert isinstance(article, Article)
        assert FIRST in article.text
        assert "aaaaaaaaaaaaaaaa" not in article.text
        assert "root:" not in article.text


def test_a_tree_too_large_for_the_extractor_keeps_its_paragraphs() -> None:
    article = read(page_of(HOSTILE["many_dates"].encode()))
    assert isinstance(article, Article)
    assert FIRST in article.text


def test_zero_bytes_and_broken_utf8_cost_only_themselves() -> None:
    body = markup().encode().replace("cầu có bốn".encode(), b"c\xe1\xba\x00u c\xf3 b\xff\xfen\0")
    article = read(page_of(body, "text/html; charset=utf-8"))
    assert isinstance(article, Article)
    assert article.title == TITLE
    assert FIRST in article.text
    assert "\0" not in article.text


@pytest.mark.parametrize("cut", range(0, 2_400, 97))
def test_truncated_page_is_an_article_or_rejected(cut: int) -> None:
    read(page_of(markup(json_ld(ARTICLE_LD)).encode()[:cut]))


MARKUP_PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<div class='date'>", "<article>", "<h1>", "</h1>", "<!--", "-->", "<figure><figcaption>"),
        *("<script type='application/ld+json'>", "</script>", '{"@type":"NewsArticle","datePublished":"'),
        *("<time datetime='", "'>", "<a href=", "<meta charset=utf-16>", "&amp;", "&#0;", "\ud7ff", "04/03/2026"),
        *("Cao Bằng", FIRST, "\u0301", "\u200b"),
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(MARKUP_PIECES.map(str.encode), st.binary(max_size=20)), max_size=40).map(b"".join))
def test_any_markup_is_an_article_or_rejected(body: bytes) -> None:
    read(page_of(body))


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=600), st.sampled_from(["", "text/html; charset=utf-16", "text/html; charset=x", "\0;charset=="])
)
def test_any_bytes_are_an_article_or_rejected(body: bytes, content_type: str) -> None:
    read(page_of(body, content_type))
