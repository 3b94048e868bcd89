"""Every rule on a page written for it, and what must hold for every page."""

import random

import pytest

from pipeline.extract.page import parse_page
from pipeline.records import Article, Page, Rejected
from tests.pipeline.extract.fixture_pages import CASES, FETCHED_AT, FIRST, SECOND, TITLE, URL, Case, markup


def read(case: Case) -> Article:
    parsed = parse_page(case.page, source=case.source)
    assert not isinstance(parsed, Rejected), parsed
    return parsed.article()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_page_gives_the_expected_article(case: Case) -> None:
    article = read(case)
    assert {name: getattr(article, name) for name in case.expected} == dict(case.expected)
    assert {name: article.rules.get(name) for name in case.rules} == dict(case.rules)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_headline_is_the_article_without_its_text(case: Case) -> None:
    parsed = parse_page(case.page, source=case.source)
    assert not isinstance(parsed, Rejected)
    headline, article = parsed.headline(), parsed.article()
    assert headline.text == ""
    for name in ("url", "title", "lead", "published_at", "published_raw", "author", "section", "outlet", "language"):
        assert getattr(headline, name) == getattr(article, name), name
    assert parsed.headline() == headline, "reading the text must not change what the headline says"


def test_same_bytes_give_the_same_article_in_any_order() -> None:
    first = {case.name: read(case) for case in CASES}
    shuffled = list(CASES)
    random.Random(5).shuffle(shuffled)
    assert {case.name: read(case) for case in shuffled} == first


def test_gate_text_holds_all_in_which_a_place_can_be_named() -> None:
    case = next(case for case in CASES if case.name == "opengraph_only")
    parsed = parse_page(case.page)
    assert not isinstance(parsed, Rejected)
    for said in (TITLE, case.expected["title"], case.expected["lead"], FIRST, SECOND):
        assert said in parsed.gate_text
    assert "application/ld+json" not in parsed.gate_text
    assert "<" not in parsed.gate_text


def test_words_of_neighbouring_cells_do_not_run_together() -> None:
    page = page_of(markup(body="<table><tr><td>Hà Nội</td><td>Cao Bằng</td></tr></table>").encode())
    parsed = parse_page(page)
    assert not isinstance(parsed, Rejected)
    assert "Hà Nội Cao Bằng" in parsed.gate_text


def page_of(body: bytes, *, url: str = URL, status: int = 200) -> Page:
    return Page(url=url, requested_url=url, status=status, content_type="text/html", body=body, fetched_at=FETCHED_AT)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (page_of(b""), "no_content"),
        (page_of(b" \n\t "), "no_content"),
        (page_of(b"<html><head></head><body><script>var a = 1;</script></body></html>"), "no_content"),
        (page_of(b"\0" * 500), "not_markup"),
        (page_of(b"%PDF-1.7 stream"), "not_markup"),
        (page_of(b"\x1f\x8b\x08\x00rest"), "not_markup"),
        (page_of(b"<p>" + b"a" * 17_000_000), "too_large"),
        (page_of(markup().encode(), status=404), "http_status"),
        (page_of(markup().encode(), url="javascript:alert(1)"), "bad_url"),
    ],
    ids=lambda value: value if isinstance(value, str) else "page",
)
def test_what_is_no_article_page_is_rejected_by_name(page: Page, reason: str) -> None:
    rejected = parse_page(page)
    assert isinstance(rejected, Rejected)
    assert rejected.reason == reason
