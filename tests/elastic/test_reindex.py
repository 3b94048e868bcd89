"""The index is built anew while people search it and the store goes on changing."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.index.elastic import ElasticIndex
from pipeline.index.elastic_feed import BATCH
from pipeline.index.elastic_indices import ALIAS, FORMAT
from pipeline.index.feed import ELASTIC
from pipeline.index.protocol import SearchRequest
from pipeline.store import Store, open_store
from tests.elastic.cluster import Cluster
from tests.elastic.feeding import BackgroundFeed, edited, feed, held, many_documents, open_index, versions

pytestmark = pytest.mark.timeout(600)

TARGETS = (ELASTIC,)
SEARCHERS = 2


@contextmanager
def searching(url: str) -> Iterator[list[int]]:
    """Search on and on from several threads; yields the totals found, and raises what a search raised."""
    totals: list[int] = []
    problems: list[Exception] = []
    over = threading.Event()

    def search() -> None:
        with open_index(url) as index:
            while not over.is_set():
                try:
                    totals.append(index.search(SearchRequest(query="cao bang", facets=("day",))).total)
                except Exception as exc:
                    problems.append(exc)
                    return

    searchers = [threading.Thread(target=search) for _ in range(SEARCHERS)]
    for searcher in searchers:
        searcher.start()
    try:
        yield totals
    finally:
        over.set()
        for searcher in searchers:
            searcher.join()
    assert problems == []


def index_names(server: Cluster) -> list[str]:
    return sorted(row["index"] for row in server.request("GET", "/_cat/indices?format=json"))


def test_no_search_fails_or_sees_less_while_an_index_is_built(elastic: Cluster, store: Store, tmp_path: Path) -> None:
    docs = many_documents(3 * BATCH)
    new = many_documents(60, of=len(docs))
    changed = [edited(doc) for doc in docs[:40]]
    store.put_documents(docs, targets=TARGETS)
    with open_index(elastic.url) as index:
        feed(store, index)
        (old_name,) = index_names(elastic)
        store.forget_target(ELASTIC)
        with searching(elastic.url) as totals:
            _wait_for(totals, SEARCHERS)
            with BackgroundFeed(store, index) as building:
                building.wait_until(BATCH)
                other = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")  # as another process would
                other.put_documents([*new, *changed], targets=TARGETS)
                other.close()
            feed(store, index)
            _wait_for(totals, len(totals) + 2 * SEARCHERS)
    assert min(totals) >= len(docs)
    assert totals[-1] == len(docs) + len(new)
    assert old_name not in index_names(elastic)
    assert len(index_names(elastic)) == 1
    assert held(elastic) == versions([*docs, *new, *changed])


def test_an_interrupted_build_goes_on_where_it_stopped(elastic: Cluster, store: Store) -> None:
    docs = many_documents(3 * BATCH)
    store.put_documents(docs, targets=TARGETS)
    with open_index(elastic.url) as index:
        feed(store, index)
        store.forget_target(ELASTIC)

        def interrupt(done: int, _total: int) -> None:
            if done >= BATCH:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            feed(store, index, on_progress=interrupt)
        building = store.index_building(ELASTIC)
        assert building in index_names(elastic)
        assert _found(index) == len(docs)  # in the old one

        elastic.kill()
        elastic.start()
        report = feed(store, index)
        assert 0 < report.sent <= len(docs) - BATCH
        assert index_names(elastic) == [building]
        assert _found(index) == len(docs)
    assert held(elastic) == versions(docs)


def test_an_index_of_an_earlier_mapping_is_searched_until_its_successor_is_built(
    elastic: Cluster, store: Store
) -> None:
    docs = many_documents(20)
    store.put_documents(docs, targets=TARGETS)
    with open_index(elastic.url) as index:
        feed(store, index)
        (ours,) = index_names(elastic)
        earlier = ours.replace(f"-v{FORMAT}-", f"-v{FORMAT - 1}-")
        _rename(elastic, ours, earlier)
        fed = store.index_fed(ELASTIC)
        uuid = elastic.request("GET", f"/{earlier}/_settings")[earlier]["settings"]["index"]["uuid"]
        store.begin_building(ELASTIC, earlier, index_all=False)  # as a program of that mapping left it
        store.end_building(ELASTIC, uuid)
        assert fed != store.index_fed(ELASTIC) == uuid
        assert _found(index) == len(docs)
        store.put_documents([edited(docs[0])], targets=TARGETS)
        feed(store, index)
        (built,) = index_names(elastic)
        assert built.startswith(f"{ALIAS}-v{FORMAT}-")
        assert _found(index) == len(docs)
    assert held(elastic) == versions([*docs[1:], edited(docs[0])])


def _rename(elastic: Cluster, name: str, other: str) -> None:
    """Move an index, with the aliases that lead to it, to another name."""
    elastic.request("PUT", f"/{name}/_settings", {"index.blocks.write": True})
    elastic.request("POST", f"/{name}/_clone/{other}?wait_for_active_shards=1")
    elastic.request("PUT", f"/{other}/_settings", {"index.blocks.write": False})
    aliases = [{"add": {"index": other, "alias": alias}} for alias in (ALIAS, f"{ALIAS}-write")]
    elastic.request("POST", "/_aliases", {"actions": [{"remove_index": {"index": name}}, *aliases]})


def _found(index: ElasticIndex) -> int:
    return index.search(SearchRequest(query="cao bang")).total


def _wait_for(totals: list[int], number: int) -> None:
    """Wait until so many searches were answered."""
    pause = threading.Event()
    while len(totals) < number:
        pause.wait(0.02)
