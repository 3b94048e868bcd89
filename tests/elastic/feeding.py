"""What the tests of feeding share: documents, a feeding in the background, and what the server holds at the end."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pipeline.index.elastic import ElasticIndex
from pipeline.index.elastic_client import ElasticServer, connect
from pipeline.index.elastic_feed import FeedReport, Pace
from pipeline.index.elastic_indices import ALIAS
from pipeline.index.elastic_rebuild import keep_in_step
from pipeline.index.feed import ELASTIC
from pipeline.records import Document
from pipeline.store import Store
from tests.elastic.cluster import Cluster
from tests.pipeline.documents import NOON, judged, make_document

TEXT = "Chính quyền địa phương đã đến hiện trường, nắm tình hình và hỗ trợ người dân. " * 12
LONG_PATIENCE_S = 500.0
MOST_DOCUMENTS = 100_000


def many_documents(number: int, *, of: int = 0) -> list[Document]:
    """Return ``number`` documents called by the numbers from ``of``, an article of some hundred words each."""
    return [
        make_document(
            str(place),
            title=f"Cao Bằng: tin số {place}",
            text=TEXT,
            published_at=NOON + timedelta(minutes=place),
            annotation=judged("cao-bang"),
        )
        for place in range(of, of + number)
    ]


def edited(doc: Document) -> Document:
    """Return what the store makes of a document that is fetched again an hour later with another headline."""
    article = replace(doc.article, title=f"{doc.article.title} đã sửa", fetched_at=doc.fetched_at + timedelta(hours=1))
    return replace(doc, article=article, version=doc.version + 1)


@contextmanager
def open_index(*urls: str, timeout_s: float | None = None) -> Iterator[ElasticIndex]:
    client = connect(ElasticServer(urls=urls))
    if timeout_s is not None:
        client = client.options(request_timeout=timeout_s)
    index = ElasticIndex(client, ", ".join(urls))
    yield index
    index.close()


def feed(
    store: Store,
    index: ElasticIndex,
    *,
    patience_s: float = LONG_PATIENCE_S,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> FeedReport:
    """Bring the index in step with the store, with short pauses so that a test does not wait long."""
    return keep_in_step(
        store,
        index,
        ELASTIC,
        index_all=True,
        pace=Pace(patience_s=patience_s, first_delay_s=0.1, longest_delay_s=1.0),
        now=lambda: datetime.now(UTC),
        on_progress=on_progress,
    )


class BackgroundFeed:
    """A feeding in a thread of its own; leaving the ``with`` block waits for its end and raises what it raised."""

    def __init__(self, store: Store, index: ElasticIndex) -> None:
        self.report: FeedReport | None = None
        self.settled = 0
        self._moved = threading.Condition()
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(store, index))

    def __enter__(self) -> "BackgroundFeed":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._thread.join()
        if self._problem and kind is None:
            raise self._problem

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def wait_until(self, settled: int, timeout_s: float = 300.0) -> None:
        """Wait until so many documents are settled."""
        with self._moved:
            reached = self._moved.wait_for(lambda: self.settled >= settled or not self.running, timeout_s)
        assert reached, f"only {self.settled} documents settled"

    def _run(self, store: Store, index: ElasticIndex) -> None:
        try:
            self.report = feed(store, index, on_progress=self._progress)
        except BaseException as exc:
            self._problem = exc
        finally:
            with self._moved:
                self._moved.notify_all()

    def _progress(self, done: int, _total: int) -> None:
        with self._moved:
            self.settled = done
            self._moved.notify_all()


def held(cluster: Cluster, alias: str = ALIAS) -> dict[str, int]:
    """Return the documents that people find, id to the document's version; fails when one is there twice."""
    cluster.request("POST", f"/{alias}/_refresh")
    body = {"size": MOST_DOCUMENTS, "_source": ["id", "version"], "track_total_hits": True}
    found = cluster.request("POST", f"/{alias}/_search", body)
    assert found["_shards"]["failed"] == 0
    sources = [hit["_source"] for hit in found["hits"]["hits"]]
    versions = {source["id"]: source["version"] for source in sources}
    assert len(versions) == len(sources) == found["hits"]["total"]["value"]
    return versions


def versions(docs: list[Document]) -> dict[str, int]:
    """Return what `held` must return when exactly these are searchable."""
    return {doc.id: doc.version for doc in docs}
