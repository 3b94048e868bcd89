"""A cluster of three nodes that loses one while it is fed: nothing is lost, nothing doubled, in no copy."""

import pytest

from pipeline.index.elastic_feed import BATCH
from pipeline.index.elastic_indices import ALIAS
from pipeline.index.feed import ELASTIC
from pipeline.index.protocol import SearchRequest
from pipeline.store import Store
from tests.elastic.cluster import Cluster
from tests.elastic.feeding import BackgroundFeed, feed, held, many_documents, open_index, versions
from tests.elastic.node import Node

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


def test_a_data_node_killed_during_feeding_loses_and_doubles_nothing(elastic_cluster: Cluster, store: Store) -> None:
    docs = many_documents(10 * BATCH)
    with open_index(*elastic_cluster.urls) as index:
        feed(store, index)
        elastic_cluster.wait_for("green")
        store.put_documents(docs, targets=(ELASTIC,))
        with BackgroundFeed(store, index) as feeding:
            feeding.wait_until(2 * BATCH)
            lost = _primary(elastic_cluster)
            lost.kill()
            assert feeding.running
        assert feeding.report is not None
        assert (feeding.report.sent, feeding.report.refused) == (len(docs), 0)
        assert store.outbox_size(ELASTIC) == 0

        elastic_cluster.wait_for("green")  # the two nodes left have made a second copy
        assert held(elastic_cluster) == versions(docs)
        assert index.search(SearchRequest(query='"tin số 4999"')).total == 1

        elastic_cluster.start()
        elastic_cluster.wait_for("green")
        _primary(elastic_cluster).kill()
        elastic_cluster.wait_for("yellow")  # the other copy is alone now
        assert held(elastic_cluster) == versions(docs)
        assert index.count() == len(docs)


def _primary(cluster: Cluster) -> Node:
    """Return the node that holds the primary shard of the articles."""
    shards = cluster.request("GET", f"/_cat/shards/{ALIAS}?format=json")
    (name,) = [shard["node"] for shard in shards if shard["prirep"] == "p"]
    return next(node for node in cluster.nodes if node.name == name)
