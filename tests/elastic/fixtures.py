"""Pytest fixtures that start a real Elasticsearch 8.19 on loopback; `tests/conftest.py` makes them known to all tests.

``elastic``
    An empty single node, 512 MB of heap. One process serves all tests of a worker; after each test its indices,
    templates and cluster settings are wiped. A test may kill it (``elastic.kill()``) and start it again
    (``elastic.start()``: same address, same data); the next test finds it running either way.
``elastic_cluster``
    Three fresh nodes, 384 MB of heap each; ``elastic_cluster.nodes[0].kill()`` takes one away.
``start_elastic``
    A function that starts a fresh server with settings of its own:
    ``start_elastic(settings={"thread_pool.write.queue_size": 1})``.

All give a `tests.elastic.cluster.Cluster`: ``url``, ``urls``, ``request("GET", "/_cat/indices?format=json")``,
``count(index)``, ``wait_for("green")``. Tests that use one run on one xdist worker, so that there is one server.

The server has no ``GET /`` (no ``client.info()``), no painless, no ``_delete_by_query``, ``_update_by_query`` or
``_reindex``; of the analysis module it has ``asciifolding`` alone. Without a JDK and Maven these tests skip with one
line, or fail with ``DIEMBAO_REQUIRE_ALL=1``.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack

import pytest

from tests.conftest import skip_or_fail
from tests.elastic.cluster import Cluster
from tests.elastic.software import NoServerError, ServerSoftware, server_software

CLUSTER_SIZE = 3
CLUSTER_HEAP_MB = 384
GROUP = "elastic"

StartElastic = Callable[..., Cluster]


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and "elastic_software" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group(GROUP))


@pytest.fixture(scope="session")
def elastic_software() -> ServerSoftware:
    try:
        return server_software()
    except NoServerError as reason:
        skip_or_fail(str(reason))
        raise


@pytest.fixture(scope="session")
def elastic_server(elastic_software: ServerSoftware) -> Iterator[Cluster]:
    """The node that tests share; they ask for ``elastic``."""
    with Cluster(elastic_software) as server:
        yield server


@pytest.fixture
def elastic(elastic_server: Cluster) -> Iterator[Cluster]:
    """An empty Elasticsearch of one node."""
    yield elastic_server
    elastic_server.start()
    elastic_server.wipe()


@pytest.fixture
def elastic_cluster(elastic_software: ServerSoftware) -> Iterator[Cluster]:
    """An Elasticsearch of three nodes."""
    with Cluster(elastic_software, size=CLUSTER_SIZE, heap_mb=CLUSTER_HEAP_MB) as cluster:
        yield cluster


@pytest.fixture
def start_elastic(elastic_software: ServerSoftware) -> Iterator[StartElastic]:
    """Start an Elasticsearch with settings of its own; it stops with the test."""
    with ExitStack() as stack:

        def start(settings: Mapping[str, object] | None = None, *, size: int = 1, heap_mb: int = 512) -> Cluster:
            return stack.enter_context(Cluster(elastic_software, size=size, heap_mb=heap_mb, settings=settings))

        yield start
