"""Query nodes to Elasticsearch's query DSL over the fields of ``elastic_template.json``.

Everything that comes from a query travels as the value of a ``term``, ``match_phrase`` or ``range``; nothing of it is
parsed by the server. Tokens hold no blank, so the analyser of ``search.*`` cuts a phrase just where this program did.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from pipeline.index.nodes import (
    AllOf,
    AnyOf,
    Everything,
    FromOutlet,
    HasMark,
    HasTopic,
    Leaf,
    NamesUnit,
    Node,
    Not,
    PublishedSince,
    PublishedUntil,
    ToneIs,
    Words,
    named_units,
    neighbours,
    sought_words,
)
from pipeline.index.protocol import FacetName, SearchRequest
from pipeline.index.query import parse_query, with_filters

Clause = dict[str, Any]

TITLE_WEIGHT = 7.0
"""Added to the 1.0 of a word anywhere: a word in a headline says what the article is about."""
NEIGHBOUR_BOOST = 30.0
"""Factor for a document in which words of the query stand side by side: more than a headline outweighs a long text."""
RANKED_WORDS = 64
"""Words that take part in the ranking; a server refuses a query of more than some thousand clauses."""

MAX_WINDOW = 1_000_000
"""``index.max_result_window``: offset and size together."""
FACET_VALUES = 10_000
"""Days, topics, outlets that a facet lists; there are 74 topics and some thousand outlets at most."""

HIT_FIELDS = (
    "id",
    "url",
    "title",
    "lead",
    "text",
    "outlet.id",
    "outlet.name",
    "language",
    "published_at",
    "topics",
    "marks",
    "assessments.unit",
    "assessments.tone",
)


def search_body(request: SearchRequest) -> tuple[dict[str, Any], Sequence[Words]]:
    """Return the body of a search request, and the words it looks for. Raises QuerySyntaxError."""
    query = parse_query(request.query)
    node = with_filters(query, request.filters)
    sought = sought_words(query)
    size = min(max(request.size, 0), MAX_WINDOW)
    body = {
        "query": ranked(to_clause(node), sought),
        "size": size,
        "from": min(max(request.offset, 0), MAX_WINDOW - size),
        "sort": [{"_score": "desc"}, {"published_at": "desc"}, {"id": "asc"}],
        "track_scores": True,
        "track_total_hits": True,
        "_source": list(HIT_FIELDS),
    }
    if request.facets:
        body["aggs"] = {name: facet(name, named_units(node)) for name in request.facets}
    return body, sought


def preference(request: SearchRequest) -> str:
    """Return what sends all pages of one query to the same copies: scores of two copies may differ a little."""
    return blake2b(request.query.encode("utf-8", "replace"), digest_size=8).hexdigest()


# ---- conditions -----------------------------------------------------------------------------------------------------


def to_clause(node: Node, *, holds: bool = True) -> Clause:
    """Return the clause for the documents a node means; for all others with ``holds=False``.

    Negation is pushed down to the leaves, so that clauses lie no deeper in each other than the parentheses of a query;
    a server refuses more than 30 levels.
    """
    match node:
        case Not(node=inner):
            return to_clause(inner, holds=not holds)
        case AllOf(nodes=nodes) | AnyOf(nodes=nodes):
            every = isinstance(node, AllOf) is holds
            return _joined(nodes, every=every, holds=holds)
        case _:
            clause = _leaf(node)
            return clause if holds else {"bool": {"must_not": [clause]}}


def _joined(nodes: Iterable[Node], *, every: bool, holds: bool) -> Clause:
    clauses = [to_clause(node, holds=holds) for node in nodes]
    unique = list({repr(clause): clause for clause in clauses}.values())
    if every:
        return {"bool": {"filter": unique}}
    return {"bool": {"should": unique, "minimum_should_match": 1}}


def _leaf(node: Leaf) -> Clause:  # noqa: C901, PLR0911 - one case a node, checked to be complete
    match node:
        case Everything():
            return {"match_all": {}}
        case Words():
            return words_clause(node)
        case ToneIs(tone=tone, units=units):
            toward: list[Clause] = [{"term": {"assessments.tone": tone}}]
            if units:
                toward.append({"terms": {"assessments.unit": sorted(units)}})
            return {"nested": {"path": "assessments", "query": {"bool": {"filter": toward}}}}
        case NamesUnit(units=units):
            return {"terms": {"units": sorted(units)}}
        case HasTopic(topic=topic):
            return {"term": {"topic_tree": topic}}
        case FromOutlet(key=key):
            return {"term": {"search.outlet_keys": key}}
        case HasMark(mark=mark):
            return {"term": {"marks": mark}}
        case PublishedSince(day=day):
            return {"range": {"day": {"gte": day.isoformat(), "format": "strict_date"}}}
        case PublishedUntil(day=day):
            return {"range": {"day": {"lte": day.isoformat(), "format": "strict_date"}}}


def words_clause(words: Words) -> Clause:
    """Return the clause of one sequence of tokens."""
    field = ("search.title" if words.in_title else "search.all") + ("" if words.exact else "_plain")
    if len(words.tokens) == 1:
        return {"term": {field: words.tokens[0]}}
    return {"match_phrase": {field: " ".join(words.tokens)}}


# ---- ranking --------------------------------------------------------------------------------------------------------


def ranked(condition: Clause, sought: Sequence[Words]) -> Clause:
    """Return the query whose score ranks what the condition lets through; 0 for all when no words are sought."""
    scored = list(dict.fromkeys(sought))[:RANKED_WORDS]
    if not scored:
        return {"bool": {"filter": [condition]}}
    wanted = list(dict.fromkeys(part for words in scored for part in _weighed(words)))
    query: Clause = {"bool": {"filter": [condition], "should": [_boosted(*part) for part in wanted]}}
    pairs = list(dict.fromkeys(neighbours(sought)))[:RANKED_WORDS]
    if not pairs:
        return query
    side_by_side = {"bool": {"should": [words_clause(words) for words in pairs]}}
    return {
        "function_score": {
            "query": query,
            "functions": [{"filter": side_by_side, "weight": NEIGHBOUR_BOOST}],
            "boost_mode": "multiply",
        }
    }


def _weighed(words: Words) -> Iterable[tuple[Words, float]]:
    title = Words(tokens=words.tokens, exact=words.exact, in_title=True)
    return ((title, TITLE_WEIGHT),) if words.in_title else ((title, TITLE_WEIGHT), (words, 1.0))


def _boosted(words: Words, weight: float) -> Clause:
    ((kind, fields),) = words_clause(words).items()
    ((field, value),) = fields.items()
    name = "value" if kind == "term" else "query"
    return {kind: {field: {name: value, "boost": weight}}}


# ---- facets ---------------------------------------------------------------------------------------------------------


def facet(name: FacetName, units: frozenset[str]) -> Clause:
    """Return the aggregation of one facet; a document counts once a value. Tones are those toward ``units``."""
    if name == "tone":
        toward: list[Clause] = [{"exists": {"field": "assessments.tone"}}]
        if units:
            toward.append({"terms": {"assessments.unit": sorted(units)}})
        documents: Clause = {"documents": {"reverse_nested": {}}}
        tones = {"terms": {"field": "assessments.tone"}, "aggs": documents}
        judged = {"filter": {"bool": {"filter": toward}}, "aggs": {"tones": tones}}
        return {"nested": {"path": "assessments"}, "aggs": {"judged": judged}}
    return _PLAIN_FACETS[name]


_PLAIN_FACETS: Mapping[FacetName, Clause] = {
    "day": {"terms": {"field": "day", "format": "yyyy-MM-dd", "order": {"_key": "asc"}, "size": FACET_VALUES}},
    "topic": {"terms": {"field": "topic_tree", "size": FACET_VALUES}},
    "outlet": {"terms": {"field": "outlet.id", "size": FACET_VALUES}},
}


def facet_counts(name: FacetName, found: Mapping[str, Any]) -> dict[str, int]:
    """Return value to documents from the server's answer, in the order of the embedded index."""
    if name == "tone":
        buckets = found["judged"]["tones"]["buckets"]
        counts = {bucket["key"]: bucket["documents"]["doc_count"] for bucket in buckets}
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
    return {bucket.get("key_as_string", bucket["key"]): bucket["doc_count"] for bucket in found["buckets"]}
