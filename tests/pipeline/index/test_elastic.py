"""The Elasticsearch index on a real server: the contract, and what only a server can get wrong."""

from collections.abc import Iterator

import pytest

from pipeline.index.elastic import ElasticIndex
from pipeline.index.elastic_client import ElasticServer, connect
from pipeline.index.protocol import ArticleIndex
from tests.elastic.cluster import Cluster
from tests.pipeline.index.contract import ArticleIndexContract


def open_index(url: str) -> ElasticIndex:
    return ElasticIndex(connect(ElasticServer(urls=(url,))), url)


@pytest.fixture
def index(elastic: Cluster) -> Iterator[ElasticIndex]:
    opened = open_index(elastic.url)
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
