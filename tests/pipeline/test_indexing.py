"""The indexes of one installation, with an Elasticsearch that is away or no longer wanted."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.errors import IndexUnavailableError
from pipeline import indexing
from pipeline.index.elastic import ElasticIndex
from pipeline.index.elastic_client import ElasticServer, connect
from pipeline.index.elastic_document import OwnView
from pipeline.index.embedded import EmbeddedIndex
from pipeline.index.feed import ELASTIC, EMBEDDED
from pipeline.index.protocol import SearchRequest
from pipeline.indexing import Indexes
from pipeline.store import Store, open_store
from pipeline.store.stories import StoryAssignment
from pipeline.story_search import StoryDesk
from tests.pipeline.documents import document_id, judged, make_document

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    opened.put_documents([make_document(str(n), annotation=judged("cao-bang")) for n in range(3)], targets=[EMBEDDED])
    yield opened
    opened.close()


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[EmbeddedIndex]:
    opened = EmbeddedIndex(tmp_path / "index.sqlite")
    yield opened
    opened.close()


def indexes(store: Store, embedded: EmbeddedIndex, elastic: ElasticIndex | None = None) -> Indexes:
    return Indexes(store=store, embedded=embedded, elastic=elastic, index_all=False, now=lambda: datetime.now(UTC))


@pytest.fixture
def away() -> Iterator[ElasticIndex]:
    own = OwnView(judge=lambda _: None, is_sensitive=lambda _: False)
    opened = ElasticIndex(connect(ElasticServer(urls=(NOBODY,))), NOBODY, own=own)
    yield opened
    opened.close()


def test_hits_whose_story_a_person_merged_are_marked(store: Store, embedded: EmbeddedIndex) -> None:
    first, second, third = (document_id(str(number)) for number in range(3))
    alone = [StoryAssignment(document_id=one, story=one) for one in (first, second, third)]
    store.assign_stories(alone, targets=[EMBEDDED])
    desk = StoryDesk(store=store, targets=[EMBEDDED], now=lambda: datetime.now(UTC))
    number = desk.merge(first, second, by="Lan")
    searched = indexes(store, embedded)
    searched.feed()

    def marks() -> dict[str, tuple[str, ...]]:
        return {hit.id: hit.marks for hit in searched.search(SearchRequest()).hits}

    assert marks() == {first: ("regrouped",), second: ("regrouped",), third: ()}
    desk.undo(number, by="Lan")
    assert set(marks().values()) == {()}


def test_a_build_that_was_given_up_is_not_gone_on_with_later(store: Store, embedded: EmbeddedIndex) -> None:
    store.begin_building(ELASTIC, "diembao-articles-v1-000001", index_all=False)
    indexes(store, embedded).feed()
    assert store.index_building(ELASTIC) is None, "what is collected from now on is not queued for it"
    assert store.outbox_size(store.building_target(ELASTIC)) == 0


def test_a_damaged_embedded_index_is_built_anew_while_elasticsearch_is_away(
    store: Store, embedded: EmbeddedIndex, away: ElasticIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "SYNC_PATIENCE_S", 0.1)
    store.begin_building(ELASTIC, "diembao-articles-v1-000001", index_all=False)
    embedded.path.write_bytes(b"damaged" * 1000)
    with pytest.raises(IndexUnavailableError, match=re.escape(NOBODY.removeprefix("http://"))):
        indexes(store, embedded, away).rebuild()
    assert embedded.count() == 3
    assert store.index_building(ELASTIC) == "diembao-articles-v1-000001", "the build goes on when the server is back"
