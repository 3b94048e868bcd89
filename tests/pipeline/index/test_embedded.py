"""The embedded index: the contract, and what only a file of its own can get wrong."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.errors import IndexUnavailableError
from pipeline.index.embedded import EmbeddedIndex
from pipeline.index.embedded_file import FORMAT
from pipeline.index.protocol import ArticleIndex, SearchRequest
from tests.pipeline.documents import make_document
from tests.pipeline.index.contract import ArticleIndexContract


@pytest.fixture
def index(tmp_path: Path) -> Iterator[EmbeddedIndex]:
    opened = EmbeddedIndex(tmp_path / "index.sqlite")
    yield opened
    opened.close()


class TestEmbedded(ArticleIndexContract):
    """The contract."""

    @pytest.fixture
    def index(self, tmp_path: Path) -> Iterator[ArticleIndex]:
        opened = EmbeddedIndex(tmp_path / "index.sqlite")
        yield opened
        opened.close()


def test_nothing_is_opened_before_the_first_use(tmp_path: Path) -> None:
    EmbeddedIndex(tmp_path / "index.sqlite").close()
    assert list(tmp_path.iterdir()) == []


def test_what_was_put_is_there_in_the_next_process(index: EmbeddedIndex) -> None:
    index.put([make_document()])
    index.close()
    assert EmbeddedIndex(index.path).count() == 1
    assert index.count() == 1, "a closed index opens again"


@pytest.mark.parametrize("content", [b"x" * 4096, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_file_says_how_to_mend_it_and_clearing_mends_it(index: EmbeddedIndex, content: bytes) -> None:
    index.path.write_bytes(content)
    with pytest.raises(IndexUnavailableError) as caught:
        index.search(SearchRequest())
    assert "diembao reindex" in caught.value.text("vi")
    index.clear()
    index.put([make_document()])
    assert index.count() == 1


def test_a_file_of_another_format_is_not_misread(index: EmbeddedIndex) -> None:
    index.put([make_document()])
    index.close()
    with sqlite3.connect(index.path) as connection:
        connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    with pytest.raises(IndexUnavailableError) as caught:
        index.count()
    assert caught.value.code == "index.other_format"
    index.clear()
    assert index.count() == 0


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailableError) as caught:
        EmbeddedIndex(tmp_path / "none" / "index.sqlite").count()
    assert caught.value.code == "index.cannot_open"


def test_a_busy_index_is_not_thrown_away(index: EmbeddedIndex) -> None:
    index.put([make_document()])
    impatient = EmbeddedIndex(index.path, busy_timeout_s=0.1)
    other = sqlite3.connect(index.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for write in (impatient.clear, lambda: impatient.put([make_document("b")])):
        with pytest.raises(IndexUnavailableError) as caught:
            write()
        assert caught.value.code == "index.locked"
    other.close()
    assert index.search(SearchRequest(query="cầu")).total == 1
    impatient.close()


def test_a_failed_batch_leaves_nothing(index: EmbeddedIndex) -> None:
    index.put([make_document("a")])
    with pytest.raises(IndexUnavailableError):
        index.put([make_document("b"), make_document("c", title=None)])  # type: ignore[arg-type]
    assert index.count() == 1


def test_several_threads_and_processes_share_the_file(index: EmbeddedIndex) -> None:
    other = EmbeddedIndex(index.path)

    def work(number: int) -> int:
        (index if number % 2 else other).put([make_document(str(number))])
        return index.search(SearchRequest(query="cầu")).total

    with ThreadPoolExecutor(4) as pool:
        totals = list(pool.map(work, range(20)))
    assert max(totals) <= index.count() == 20
    other.close()
