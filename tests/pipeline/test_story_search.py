"""Stories of stored documents: found day by day, the same however the articles came, and corrected by hand."""

import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from config.errors import UsageError
from pipeline.records import Document
from pipeline.store import STORIES, Store, open_store
from pipeline.store.stories import StoryAssignment
from pipeline.story_search import StoryDesk, StorySearch
from tests.pipeline.documents import NOON, document_id, judged, make_document

TARGET = "embedded"

BRIDGE = [
    (
        "Sập cầu treo Nà Thử ở Cao Bằng, hai người bị thương",
        "Sáng 1/3, cầu treo Nà Thử bắc qua sông Mẫu ở Cao Bằng đổ sập khi hai người đi qua.",
    ),
    (
        "Cao Bằng: cầu treo Nà Thử bất ngờ sập, 2 người nhập viện",
        "Cầu treo Nà Thử qua sông Mẫu bị sập sáng 1/3 làm hai người bị thương, phải vào viện.",
    ),
    (
        "Vụ sập cầu treo Nà Thử: Cao Bằng kiểm tra toàn bộ cầu treo",
        "Sau vụ cầu treo Nà Thử qua sông Mẫu sập làm hai người bị thương, tỉnh Cao Bằng yêu cầu rà soát.",
    ),
]
FESTIVAL = [
    (
        "Cao Bằng khai hội Thác Mẫu, đón hàng nghìn du khách",
        "Tối 1/3, lễ hội Thác Mẫu năm 2026 khai mạc tại huyện Trùng Thử với màn trình diễn hát then.",
    ),
    (
        "Khai mạc lễ hội Thác Mẫu 2026 ở Trùng Thử",
        "Hàng nghìn du khách về huyện Trùng Thử dự lễ hội Thác Mẫu, xem trình diễn hát then tối 1/3.",
    ),
]


def article(name: str, text: tuple[str, str], *, hours: float = 0.0) -> Document:
    return make_document(
        name,
        title=text[0],
        lead=text[1],
        published_at=NOON + timedelta(hours=hours),
        source_id=f"báo-{name}",
        annotation=judged("cao-bang"),
    )


def press() -> list[Document]:
    return [
        article("bridge1", BRIDGE[0]),
        article("bridge2", BRIDGE[1], hours=2),
        article("bridge3", BRIDGE[2], hours=30),
        article("festival1", FESTIVAL[0], hours=9),
        article("festival2", FESTIVAL[1], hours=10),
    ]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")


def put(store: Store, docs: Sequence[Document]) -> None:
    store.put_documents(docs, targets=(TARGET, STORIES))


def search(store: Store) -> int:
    return StorySearch(store=store, targets=(TARGET,)).run()


def told(store: Store) -> set[frozenset[str]]:
    """Return the groups of names that tell one story."""
    names = {document_id(name): name for name in ("bridge1", "bridge2", "bridge3", "festival1", "festival2", "late")}
    groups: dict[str, set[str]] = {}
    for doc in store.all_documents():
        groups.setdefault(doc.story or "none", set()).add(names[doc.id])
    return {frozenset(group) for group in groups.values()}


EVENTS = {frozenset({"bridge1", "bridge2", "bridge3"}), frozenset({"festival1", "festival2"})}


def test_articles_of_one_event_tell_one_story_and_searching_again_changes_nothing(store: Store) -> None:
    put(store, press())
    assert search(store) == 5
    assert told(store) == EVENTS
    assert store.document(document_id("bridge3")).story == document_id("bridge1")  # type: ignore[union-attr]
    assert store.outbox_size(STORIES) == 0
    assert search(store) == 0
    store.put_documents([], targets=())
    put(store, [article("bridge2", (BRIDGE[1][0], BRIDGE[1][1] + " Công an đang làm rõ."), hours=2)])
    search(store)
    assert told(store) == EVENTS, "an edited article tells what it told"


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_arrival_changes_nothing(store: Store, seed: int) -> None:
    docs = press()
    random.Random(seed).shuffle(docs)
    for doc in docs:
        put(store, [doc])
        search(store)
    assert told(store) == EVENTS


def test_a_story_closes_after_three_quiet_days(store: Store) -> None:
    put(store, press())
    put(store, [article("late", BRIDGE[1], hours=30 + 24 * 4)])
    search(store)
    assert frozenset({"late"}) in told(store)


def test_a_search_that_is_stopped_goes_on_with_the_next_day(store: Store) -> None:
    class StoppedError(Exception):
        pass

    def stop(_days: int) -> None:
        raise StoppedError

    put(store, press())
    with pytest.raises(StoppedError):
        StorySearch(store=store, targets=(TARGET,)).run(stop)
    assert store.outbox_size(STORIES) == 1
    search(store)
    assert store.outbox_size(STORIES) == 0
    assert told(store) == EVENTS


def test_only_documents_about_a_watched_unit_are_looked_at(store: Store) -> None:
    put(store, [*press(), make_document("thin", title=BRIDGE[0][0])])
    store.put_documents([make_document("thin2", title=BRIDGE[0][0])], targets=(STORIES,), index_all=True)
    search(store)
    assert store.document(document_id("thin")).story is None  # type: ignore[union-attr]
    assert store.outbox_size(STORIES) == 0


def test_a_reprint_knows_its_original_and_the_original_its_copies(store: Store) -> None:
    late = article("late", BRIDGE[0], hours=1)
    put(store, [*press(), late])
    search(store)
    original, copy = store.document(document_id("bridge1")), store.document(late.id)
    assert original
    assert copy
    assert (copy.copy_of, copy.story, original.copies) == (original.id, original.story, 1)
    queued = {row.document_id for row in store.outbox(TARGET, 100)}
    assert {original.id, copy.id} <= queued


def desk(store: Store) -> StoryDesk:
    return StoryDesk(store=store, targets=(TARGET,), now=lambda: NOON)


def again(store: Store) -> None:
    """Have every story looked for anew."""
    store.enqueue_all(STORIES, index_all=False)
    search(store)


def test_a_merge_by_hand_survives_another_search_and_can_be_undone(store: Store) -> None:
    put(store, press())
    search(store)
    bridge, festival = document_id("bridge1"), document_id("festival1")
    number = desk(store).merge(bridge, festival, by="Lan", note="cùng một chuyến đi")
    assert told(store) == {frozenset().union(*EVENTS)}
    again(store)
    assert told(store) == {frozenset().union(*EVENTS)}
    (story,) = store.stories([festival])
    assert (story.id, story.edited) == (bridge, True)
    assert desk(store).undo(number, by="Minh").by == "Lan"
    assert told(store) == EVENTS
    again(store)
    assert told(store) == EVENTS
    (edit,) = store.story_edits()
    assert (edit.undone_by, edit.note) == ("Minh", "cùng một chuyến đi")
    assert {one.id for one in store.stories([bridge, festival])} == {bridge, festival}


def test_a_split_by_hand_survives_another_search_and_can_be_undone(store: Store) -> None:
    put(store, press())
    search(store)
    bridge, third = document_id("bridge1"), document_id("bridge3")
    number = desk(store).split(bridge, [third], by="Lan")
    parted = {frozenset({"bridge1", "bridge2"}), frozenset({"bridge3"}), frozenset({"festival1", "festival2"})}
    assert told(store) == parted
    again(store)
    assert told(store) == parted
    desk(store).undo(number, by="Lan")
    assert told(store) == EVENTS


def test_what_joined_a_split_off_story_comes_back_with_it(store: Store) -> None:
    put(store, press())
    search(store)
    bridge, third, late = (document_id(name) for name in ("bridge1", "bridge3", "late"))
    number = desk(store).split(bridge, [third], by="Lan")
    put(store, [article("late", BRIDGE[2], hours=31)])
    store.assign_stories([StoryAssignment(document_id=late, story=third)], targets=())
    store.outbox_done(TARGET, [row.seq for row in store.outbox(TARGET, 100)])
    desk(store).undo(number, by="Lan")
    assert told(store) == {frozenset({"bridge1", "bridge2", "bridge3", "late"}), frozenset({"festival1", "festival2"})}
    assert {row.document_id for row in store.outbox(TARGET, 100)} == {third, late}


def test_edits_of_the_same_articles_are_undone_from_the_latest_on(store: Store) -> None:
    put(store, press())
    search(store)
    bridge, festival = document_id("bridge1"), document_id("festival1")
    merged = desk(store).merge(bridge, festival, by="Lan")
    split = desk(store).split(bridge, [document_id("festival2")], by="Lan")
    with pytest.raises(UsageError, match=str(split)):
        desk(store).undo(merged, by="Lan")
    desk(store).undo(split, by="Lan")
    desk(store).undo(merged, by="Lan")
    assert told(store) == EVENTS
    again(store)
    assert told(store) == EVENTS


def test_edits_that_cannot_be_made_say_why(store: Store) -> None:
    put(store, press())
    search(store)
    bridge, festival = document_id("bridge1"), document_id("festival1")
    hand = desk(store)
    number = hand.merge(bridge, festival, by="Lan")
    hand.undo(number, by="Lan")
    for code, act in (
        ("stories.unknown", lambda: hand.merge(bridge, "none", by="Lan")),
        ("stories.same", lambda: hand.merge(bridge, bridge, by="Lan")),
        ("stories.not_in_story", lambda: hand.split(bridge, [festival], by="Lan")),
        ("stories.nothing_left", lambda: hand.split(festival, [festival, document_id("festival2")], by="Lan")),
        ("stories.no_edit", lambda: hand.undo(99, by="Lan")),
        ("stories.undone", lambda: hand.undo(number, by="Lan")),
    ):
        with pytest.raises(UsageError) as caught:
            act()
        assert caught.value.code == code
        assert caught.value.text("vi") != caught.value.text("en")
