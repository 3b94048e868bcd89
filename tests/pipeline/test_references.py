"""The ways to name an article."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from config.errors import UsageError
from crawlers.urls import document_id
from pipeline.records import Document
from pipeline.references import find_document, find_story
from pipeline.store import Store, open_store
from pipeline.store.stories import StoryAssignment
from tests.pipeline.documents import make_document


def article(url: str, doc_id: str = "") -> Document:
    doc = make_document()
    return replace(doc, id=doc_id or document_id(url), article=replace(doc.article, url=url))


@pytest.fixture
def store() -> Iterator[Store]:
    opened = open_store("sqlite:///:memory:")
    opened.put_documents(
        [
            article("https://www.bao.example/tin-1.html"),
            article("https://khac.example/a", "abc0" * 5),
            article("https://khac.example/b", "abc1" * 5),
        ],
        targets=(),
    )
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "reference",
    [
        "https://www.bao.example/tin-1.html",
        "http://bao.example/tin-1.html?utm_source=zalo#binh-luan",
        "https://m.bao.example/tin-1.html",
        document_id("https://bao.example/tin-1.html"),
        f" {document_id('https://bao.example/tin-1.html')[:6]} ",
    ],
)
def test_an_address_an_id_and_its_beginning_name_one_article(store: Store, reference: str) -> None:
    assert find_document(store, reference).article.url == "https://www.bao.example/tin-1.html"


def test_what_names_several_or_none_is_refused(store: Store) -> None:
    with pytest.raises(UsageError) as caught:
        find_document(store, "abc")
    assert caught.value.code == "corrections.ambiguous"
    assert "abc1" * 5 in str(caught.value)
    for reference in ("abc2", "https://bao.example/tin-2.html", "ABC_0", "%"):
        with pytest.raises(UsageError) as caught:
            find_document(store, reference)
        assert caught.value.code == "corrections.no_such_document"
    assert find_document(store, "abc1").id == "abc1" * 5


def test_a_story_is_named_by_the_first_characters_of_its_id(store: Store) -> None:
    one, two = "abc0" * 5, "abc1" * 5
    told = [StoryAssignment(document_id=one, story=one), StoryAssignment(document_id=two, story=f"{one}-2")]
    store.assign_stories(told, targets=())
    assert [find_story(store, name) for name in (one, f" {one}- ")] == [one, f"{one}-2"]
    for reference, code in (("abc", "stories.ambiguous"), ("abc1", "stories.unknown"), ("", "stories.unknown")):
        with pytest.raises(UsageError) as caught:
            find_story(store, reference)
        assert caught.value.code == code
    store.assign_stories([], targets=(), merged={f"{one}-2": one})
    assert [find_story(store, name) for name in ("abc", f"{one}-2")] == [one, one]
