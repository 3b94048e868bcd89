"""Any order and any repetition of the same fetches ends in the same store."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.records import Document
from pipeline.store import open_store
from tests.pipeline.documents import NOON, make_document

TITLES = ("Một", "Hai", "Ba")


def fetched(hour: int, title: str, text: str = "") -> Document:
    return make_document(title=title, text=text, fetched_at=NOON + timedelta(hours=hour))


def held_after(fetches: list[Document], folder: Path) -> Document:
    store = open_store(f"sqlite:///{folder / 'store.sqlite'}")
    for doc in fetches:
        store.put_documents([doc], targets=())
    held = store.document(fetches[0].id)
    store.close()
    assert held is not None
    return held


@settings(max_examples=25, deadline=None)
@given(
    hours=st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True),
    titles=st.lists(st.sampled_from(TITLES), min_size=4, max_size=4),
    order=st.randoms(use_true_random=False),
)
def test_the_latest_fetch_wins_in_whatever_order(hours: list[int], titles: list[str], order: object) -> None:
    fetches = [fetched(hour, title) for hour, title in zip(hours, titles, strict=False)]
    latest = max(fetches, key=lambda doc: doc.article.fetched_at)
    shuffled = fetches * 2
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    with TemporaryDirectory() as folder:
        held = held_after(shuffled, Path(folder))
    assert held.article == latest.article
    assert held.fetched_at == min(doc.fetched_at for doc in fetches)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_text_once_seen_is_never_blank_again(order: tuple[int, ...], tmp_path: Path) -> None:
    fetches = [fetched(1, "Một"), fetched(2, "Một", "Toàn văn."), fetched(3, "Một")]
    held = held_after([fetches[place] for place in order], tmp_path)
    assert held.article.text == "Toàn văn."
    assert replace(held.article, text="") == fetches[2].article
    assert held.version == 1
