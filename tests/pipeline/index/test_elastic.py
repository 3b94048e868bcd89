"""The Elasticsearch index on a real server: the contract, and what only a server can get wrong."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from config.errors import ConfigError, IndexUnavailableError, QuerySyntaxError
from pipeline.index.elastic import ElasticIndex
from pipeline.index.elastic_client import ElasticServer, connect
from pipeline.index.elastic_indices import ALIAS, FORMAT
from pipeline.index.embedded import EmbeddedIndex
from pipeline.index.protocol import ArticleIndex, SearchRequest, SearchResult
from pipeline.index.standby import search_with_standby
from tests.elastic.cluster import Cluster
from tests.pipeline.documents import judged, make_document
from tests.pipeline.index.contract import FACETS, LATIN, QUERY_TEXTS, ArticleIndexContract, names

NOBODY = "http://127.0.0.1:9"
"""The port of the discard service, which nobody runs."""


def open_index(url: str) -> ElasticIndex:
    return ElasticIndex(connect(ElasticServer(urls=(url,))), url)


@pytest.fixture
def index(elastic: Cluster) -> Iterator[ElasticIndex]:
    opened = open_index(elastic.url)
    opened.clear()
    yield opened
    opened.close()


class TestElastic(ArticleIndexContract):
    """The contract."""

    @pytest.fixture
    def index(self, elastic: Cluster) -> Iterator[ArticleIndex]:
        opened = open_index(elastic.url)
        opened.clear()
        yield opened
        opened.close()


def answer(index: ArticleIndex, query: str) -> tuple[int, set[str], object] | object:
    """Return what both indexes must agree on: the documents and facets, or the place of a mistake."""
    try:
        result = index.search(SearchRequest(query=query, size=100, facets=FACETS))
    except QuerySyntaxError as error:
        return error.code, error.fields["query"], error.fields["position"]
    return result.total, {hit.id for hit in result.hits}, result.facets


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=QUERY_TEXTS)
def test_any_query_finds_the_same_in_both_indexes(both: tuple[ElasticIndex, EmbeddedIndex], query: str) -> None:
    server, embedded = both
    assert answer(server, query) == answer(embedded, query)


@pytest.fixture
def both(index: ElasticIndex, tmp_path: Path) -> Iterator[tuple[ElasticIndex, EmbeddedIndex]]:
    embedded = EmbeddedIndex(tmp_path / "index.sqlite")
    for one in (index, embedded):
        one.put(LATIN)
    yield index, embedded
    embedded.close()


def test_the_first_document_makes_the_index(elastic: Cluster) -> None:
    index = open_index(elastic.url)
    assert index.count() == 0
    index.remove(["nothing"])
    index.put([make_document()])
    assert index.count() == 1
    aliases = elastic.request("GET", f"/{ALIAS}-v{FORMAT}-000001/_alias")[f"{ALIAS}-v{FORMAT}-000001"]["aliases"]
    assert set(aliases) == {ALIAS, f"{ALIAS}-write"}
    index.close()


def test_clearing_leaves_one_index_under_a_new_number(elastic: Cluster, index: ElasticIndex) -> None:
    index.put(LATIN)
    index.clear()
    (held,) = elastic.request("GET", "/_cat/indices?format=json")
    assert held["index"] == f"{ALIAS}-v{FORMAT}-000002"


def test_what_is_indexed_is_declared(elastic: Cluster, index: ElasticIndex) -> None:
    index.put([make_document(text="Toàn văn.", annotation=judged("cao-bang", mentions=("da-nang",)))])
    (mapping,) = elastic.request("GET", f"/{ALIAS}/_mapping").values()
    assert mapping["mappings"]["dynamic"] == "strict"
    hit = elastic.request("GET", f"/{ALIAS}/_search")["hits"]["hits"][0]["_source"]
    assert hit.keys() <= mapping["mappings"]["properties"].keys()
    assert "search" not in hit, "what only this program searches is not given back"


def test_a_document_that_a_server_will_not_take_is_named(index: ElasticIndex) -> None:
    overlong = make_document("long", source_id="x" * 40_000)  # a keyword holds 32,766 bytes at most
    with pytest.raises(IndexUnavailableError) as caught:
        index.put([make_document("fine"), overlong])
    assert caught.value.code == "index.elastic_document"
    assert overlong.id in str(caught.value)
    assert "immense term" in caught.value.text("vi")
    assert names(index) == {"fine"}


def test_nothing_is_asked_before_the_first_use() -> None:
    open_index(NOBODY).close()


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n"])
def test_a_file_without_certificates_is_told_at_once(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"index\.ca_file"):
        connect(ElasticServer(urls=("https://es1.example:9200",), ca_file=path))


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_server_that_is_away_is_told_with_its_address(lang: str) -> None:
    index = open_index(NOBODY)
    for use in (index.count, index.clear, lambda: index.search(SearchRequest()), lambda: index.put([make_document()])):
        with pytest.raises(IndexUnavailableError) as caught:
            use()
        assert caught.value.code == "index.elastic_unreachable"
        assert NOBODY in caught.value.text("vi" if lang == "vi" else "en")
    index.close()


def test_an_index_that_was_never_filled_is_told(elastic: Cluster) -> None:
    index = open_index(elastic.url)
    with pytest.raises(IndexUnavailableError) as caught:
        index.search(SearchRequest())
    assert caught.value.code == "index.elastic_missing"
    assert "diembao index sync" in caught.value.text("vi")
    index.close()


def test_the_standby_answers_and_says_why(tmp_path: Path) -> None:
    away, standby = open_index(NOBODY), EmbeddedIndex(tmp_path / "index.sqlite")
    standby.put(LATIN)
    result = search_with_standby(away, standby, SearchRequest(query="cầu"))
    assert result.total == 2
    assert isinstance(result.standby_because, IndexUnavailableError)
    with pytest.raises(QuerySyntaxError):
        search_with_standby(away, standby, SearchRequest(query="cầu AND"))
    own: SearchResult = search_with_standby(standby, away, SearchRequest(query="cầu"))
    assert own == replace(result, standby_because=None)
    away.close()
    standby.close()


def test_what_is_no_elasticsearch_is_told(tmp_path: Path) -> None:
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        thread = threading.Thread(target=web.serve_forever)
        thread.start()
        index = open_index(f"http://127.0.0.1:{web.server_port}")
        for use in (index.count, lambda: index.search(SearchRequest()), lambda: index.put([make_document()])):
            with pytest.raises(IndexUnavailableError) as caught:
                use()
            assert caught.value.code == "index.elastic_other_product"
        index.close()
        web.shutdown()
        thread.join()
