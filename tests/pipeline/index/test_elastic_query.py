"""Query nodes to query DSL, without a server: whatever is typed stays a value, and no query grows too deep or wide."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from config.errors import QuerySyntaxError
from pipeline.index.elastic_query import MAX_WINDOW, search_body, to_clause
from pipeline.index.protocol import Filters, SearchRequest
from pipeline.index.query import parse_query
from tests.pipeline.index.contract import FACETS, HOSTILE, QUERIES, QUERY_TEXTS

KINDS = {"bool", "function_score", "match_all", "match_phrase", "nested", "range", "term", "terms"}
"""Of clauses; none of them reads its value as a language of its own."""
LEVELS = 30
"""``indices.query.bool.max_nested_depth`` of a server as it is delivered."""
CLAUSES = 1024
"""``indices.query.bool.max_clause_count`` of a server with next to no memory; others allow more."""


def clause(query: str) -> dict[str, Any]:
    return to_clause(parse_query(query))


def inner(found: Any) -> Iterator[tuple[str, Any]]:
    """Yield every clause right below one: kind and body."""
    ((kind, body),) = found.items()
    match kind:
        case "bool":
            for name in ("filter", "should", "must_not"):
                yield from (pair for one in body.get(name, ()) for pair in one.items())
        case "nested":
            yield from body["query"].items()
        case "function_score":
            yield from body["query"].items()
            yield from (pair for one in body["functions"] for pair in one["filter"].items())


def depth(found: Any) -> int:
    return 1 + max((depth({kind: body}) for kind, body in inner(found)), default=0)


def leaves(found: Any) -> Iterator[str]:
    below = list(inner(found))
    if not below:
        yield from found
    for kind, body in below:
        yield from leaves({kind: body})


def test_words_and_phrases() -> None:
    assert clause("cao") == {"term": {"search.all_plain": "cao"}}
    assert clause("Cầu") == {"term": {"search.all": "cầu"}}
    assert clause('"Cao Bằng"') == {"match_phrase": {"search.all": "cao bằng"}}
    assert clause("tựa:(lũ OR lut)") == {
        "bool": {
            "should": [{"term": {"search.title": "lũ"}}, {"term": {"search.title_plain": "lut"}}],
            "minimum_should_match": 1,
        }
    }


def test_negation_reaches_the_leaves() -> None:
    a, b = clause("a"), clause("b")
    neither: dict[str, Any] = {"bool": {"filter": [{"bool": {"must_not": [one]}} for one in (a, b)]}}
    assert clause("-(a OR b)") == neither
    assert clause("-(-a)") == a


def test_a_tone_beside_a_unit_is_asked_of_the_same_judgement() -> None:
    (_, tone) = clause("tỉnh:cao-bang tone:negative")["bool"]["filter"]
    within = [{"term": {"assessments.tone": "negative"}}, {"terms": {"assessments.unit": ["cao-bang"]}}]
    assert tone == {"nested": {"path": "assessments", "query": {"bool": {"filter": within}}}}


@pytest.mark.parametrize(
    "query",
    [
        "a " * 499,
        " OR ".join(f"{chr(97 + n % 26)}{n}" for n in range(130)),
        "".join(f"(a{n} OR -(b{n} " for n in range(5)) + "c" + ")" * 10,
        "".join(f"-(a{n} OR b{n} " for n in range(10)) + "-tone:negative tỉnh:hue" + ")" * 10,
        " ".join(f"{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}" for n in range(330)),
    ],
    ids=["repeated", "alternatives", "and or not", "not", "many words"],
)
def test_the_largest_queries_are_not_too_large_for_a_server(query: str) -> None:
    body, _ = search_body(SearchRequest(query=query, facets=FACETS))
    assert depth(body["query"]) <= LEVELS
    assert len(list(leaves(body["query"]))) <= CLAUSES


@settings(deadline=None)
@given(query=QUERY_TEXTS)
def test_what_is_typed_is_never_read_as_a_language_by_the_server(query: str) -> None:
    try:
        body, sought = search_body(SearchRequest(query=query))
    except QuerySyntaxError:
        return
    assert set(leaves(body["query"])) <= KINDS
    assert depth(body["query"]) <= LEVELS
    assert all(" " not in token and token for words in sought for token in words.tokens)


@pytest.mark.parametrize("query", [*QUERIES, *HOSTILE], ids=range(len(QUERIES) + len(HOSTILE)))
def test_only_known_kinds_of_clauses(query: str) -> None:
    test_what_is_typed_is_never_read_as_a_language_by_the_server.hypothesis.inner_test(query)  # type: ignore[attr-defined]


def test_pages_stay_inside_the_window() -> None:
    for size, offset in ((10, 5), (-1, -1), (0, 10**9), (10**9, 10**9)):
        body, _ = search_body(SearchRequest(size=size, offset=offset, filters=Filters()))
        assert body["size"] >= 0
        assert 0 <= body["from"] <= MAX_WINDOW - body["size"]
