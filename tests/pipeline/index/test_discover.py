"""What an analyst does in Kibana's Discover, asked of a real server through the plain client."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from pipeline.digest.judgement import naming_of
from pipeline.index.elastic import ElasticIndex
from pipeline.index.elastic_document import OwnView
from tests.elastic.cluster import Cluster
from tests.pipeline.documents import document_id, judged, make_document

INDEX = "diembao-articles"
ZONE = "Asia/Ho_Chi_Minh"
MIDNIGHT = datetime(2026, 3, 4, 17, tzinfo=UTC)
"""5 March 2026, 0:00 in Việt Nam."""

DOCS = (
    make_document(
        "flood",
        title="Lũ quét ở Cao Bằng, Đắk Lắk gửi hàng cứu trợ",
        lead="Đường tỉnh bị chia cắt.",
        published_at=MIDNIGHT + timedelta(minutes=30),
        annotation=judged("cao-bang"),
    ),
    make_document(
        "police",
        title="Công an tỉnh giữ an ninh trật tự",
        lead="Lực lượng tuần tra ở Cao Bằng.",
        published_at=MIDNIGHT - timedelta(minutes=1),
        annotation=replace(
            judged("cao-bang", tone="positive", topics=("security.public_order",)), compounds=("an ninh", "công an")
        ),
    ),
    make_document(
        "village",
        title="Làng Ninh An vào hội",
        lead="Khách từ Bằng Cao về dự.",
        published_at=MIDNIGHT + timedelta(hours=23),
        annotation=replace(judged("da-nang", mentions=("cao-bang",)), compounds=("ninh an",)),
    ),
    replace(
        make_document(
            "foreign",
            title="越南高平省发生山洪",
            lead="",
            language="zh",
            published_at=MIDNIGHT - timedelta(days=1),
            annotation=judged("cao-bang"),
        ),
        country="CN",
        kind="foreign",
    ),
)
NAMES = {document_id(name): name for name in ("flood", "police", "village", "foreign")}


@pytest.fixture(scope="module")
def analyst(elastic_server: Cluster) -> Iterator[Elasticsearch]:
    client = Elasticsearch(elastic_server.url)
    units = frozenset({"cao-bang"})
    index = ElasticIndex(client, elastic_server.url, own=OwnView(judge=partial(naming_of, units=units)))
    index.put(DOCS)
    yield client
    client.close()
    elastic_server.wipe()


def found(analyst: Elasticsearch, *clauses: dict[str, Any]) -> set[str]:
    reply = analyst.search(index=INDEX, query={"bool": {"filter": list(clauses)}}, source={"includes": ["id"]})
    return {NAMES[hit["_source"]["id"]] for hit in reply["hits"]["hits"]}


def typed(text: str, *fields: str) -> dict[str, Any]:
    """Return what Kibana makes of words typed into its query bar; with fields, of ``title: words``."""
    kind = "phrase" if text.startswith('"') else "best_fields"
    where = {"fields": list(fields)} if fields else {}
    return {"multi_match": {"type": kind, "query": text.strip('"'), "lenient": True, **where}}


def test_without_accents(analyst: Elasticsearch) -> None:
    assert "flood" in found(analyst, typed("lu quet"))
    assert found(analyst, typed('"dak lak"', "title.folded")) == {"flood"}, "đ counts as d"
    assert found(analyst, typed("lu", "title")) == set(), "the field as written wants its accents"
    assert found(analyst, typed("LŨ", "title")) == {"flood"}


def test_phrases(analyst: Elasticsearch) -> None:
    assert found(analyst, typed('"Cao Bằng"')) == {"flood", "police"}
    assert found(analyst, typed('"bang cao"', "title.folded", "lead.folded")) == {"village"}
    assert found(analyst, typed('"高平"', "title")) == {"foreign"}


def test_words_keep_their_order(analyst: Elasticsearch) -> None:
    assert found(analyst, {"match": {"words": "an_ninh"}}) == {"police"}
    assert found(analyst, {"match": {"words": "ninh_an"}}) == {"village"}


def test_filters_need_no_nested_queries(analyst: Elasticsearch) -> None:
    assert found(analyst, {"match_phrase": {"tone": "negative"}}) == {"flood", "foreign"}
    assert found(analyst, {"term": {"relevance": "mention"}}) == {"village"}
    assert found(analyst, {"term": {"unit": "cao-bang"}}) == {"flood", "police", "village", "foreign"}
    assert found(analyst, {"term": {"outlet.foreign": True}}) == {"foreign"}
    assert found(analyst, {"term": {"topic_tree": "security"}}) == {"police"}
    assert found(analyst, {"exists": {"field": "tone"}}, {"term": {"outlet.country": "VN"}}) == {"flood", "police"}


def test_each_judgement_stays_together(analyst: Elasticsearch) -> None:
    def judgement(unit: str, **labels: str) -> dict[str, Any]:
        within = [{"term": {f"assessments.{name}": value}} for name, value in {"unit": unit, **labels}.items()]
        return {"nested": {"path": "assessments", "query": {"bool": {"filter": within}}}}

    assert found(analyst, judgement("da-nang", tone="negative")) == {"village"}
    assert found(analyst, judgement("cao-bang", relevance="mention")) == {"village"}
    assert found(analyst, judgement("da-nang", relevance="mention")) == set()


def test_the_histogram_counts_local_days(analyst: Elasticsearch) -> None:
    histogram = {"field": "published_at", "calendar_interval": "1d", "time_zone": ZONE, "min_doc_count": 1}
    reply = analyst.search(index=INDEX, size=0, aggs={"days": {"date_histogram": histogram}})
    days = {bucket["key_as_string"][:10]: bucket["doc_count"] for bucket in reply["aggregations"]["days"]["buckets"]}
    assert days == {"2026-03-04": 2, "2026-03-05": 2}
    assert found(analyst, {"range": {"day": {"gte": "2026-03-05", "lte": "2026-03-05"}}}) == {"flood", "village"}
    today = {"range": {"published_at": {"gte": "2026-03-05", "lte": "2026-03-05", "time_zone": ZONE}}}
    assert found(analyst, today) == {"flood", "village"}, "0:30 counts for its own day"
