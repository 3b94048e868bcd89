"""From the store's outbox into an index."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.errors import IndexUnavailableError
from pipeline.index.embedded import EmbeddedIndex
from pipeline.index.feed import drain_outbox
from pipeline.index.protocol import SearchRequest
from pipeline.store import Store, open_store
from tests.pipeline.documents import judged, make_document

TARGET = "embedded"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[EmbeddedIndex]:
    opened = EmbeddedIndex(tmp_path / "index.sqlite")
    yield opened
    opened.close()


def test_the_index_learns_what_is_new_changed_and_gone(store: Store, index: EmbeddedIndex) -> None:
    docs = [make_document(str(n), annotation=judged("cao-bang")) for n in range(7)]
    store.put_documents(docs, targets=[TARGET])
    told: list[tuple[int, int]] = []
    assert drain_outbox(store, index, TARGET, batch=3, on_progress=lambda *done: told.append(done)) == 7
    assert told == [(3, 7), (6, 7), (7, 7)]
    assert (index.count(), store.outbox_size(TARGET)) == (7, 0)
    gone = replace(docs[0], annotation=judged())
    relabelled = replace(docs[1], annotation=judged("ca-mau"))
    store.put_documents([gone, relabelled], targets=[TARGET])
    assert drain_outbox(store, index, TARGET) == 2
    assert index.count() == 6
    assert index.search(SearchRequest(query="tỉnh:ca-mau")).total == 1
    assert drain_outbox(store, index, TARGET) == 0


def test_nothing_is_confirmed_that_the_index_does_not_have(store: Store, index: EmbeddedIndex) -> None:
    store.put_documents([make_document(annotation=judged("cao-bang"))], targets=[TARGET])
    index.path.write_bytes(b"damaged" * 1000)
    with pytest.raises(IndexUnavailableError):
        drain_outbox(store, index, TARGET)
    assert store.outbox_size(TARGET) == 1
    index.clear()
    drain_outbox(store, index, TARGET)
    assert index.count() == 1


def test_an_index_is_built_anew_from_the_store(store: Store, index: EmbeddedIndex) -> None:
    docs = [make_document("thin"), make_document("about", annotation=judged("cao-bang"))]
    store.put_documents(docs, targets=[TARGET])
    for index_all, expected in ((False, 1), (True, 2)):
        index.clear()
        store.enqueue_all(TARGET, index_all=index_all)
        drain_outbox(store, index, TARGET)
        assert index.count() == expected


def test_a_purged_text_leaves_the_index_too(store: Store, index: EmbeddedIndex) -> None:
    doc = make_document(text="Một câu chỉ có trong toàn văn.", annotation=judged("cao-bang"))
    store.put_documents([doc], targets=[TARGET])
    drain_outbox(store, index, TARGET)
    assert index.search(SearchRequest(query='"toàn văn"')).total == 1
    store.purge_texts(doc.fetched_at.replace(year=2027), targets=[TARGET])
    drain_outbox(store, index, TARGET)
    assert index.search(SearchRequest(query='"toàn văn"')).total == 0
    assert index.search(SearchRequest(query="cầu")).total == 1
