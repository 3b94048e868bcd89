from datetime import timedelta

from pipeline.store import Store
from pipeline.store.stories import StoryAssignment
from tests.pipeline.documents import NOON, judged, make_document


def test_a_document_keeps_its_story_until_another_is_found(store: Store) -> None:
    original, reprint = (make_document(name, annotation=judged("cao-bang")) for name in "ab")
    store.put_documents([original, reprint], targets=("embedded",))
    rows = store.outbox("embedded", 10)
    store.outbox_done("embedded", [row.seq for row in rows])
    found = [
        StoryAssignment(document_id=original.id, story="s1"),
        StoryAssignment(document_id=reprint.id, story="s1", copy_of=original.id),
    ]
    assert store.assign_stories(found, targets=("embedded",)) == 2
    assert store.assign_stories(found, targets=("embedded",)) == 0
    stored = store.document(reprint.id)
    assert stored
    assert (stored.story, stored.copy_of) == ("s1", original.id)
    assert {row.document_id for row in store.outbox("embedded", 10)} == {original.id, reprint.id}

    store.put_documents([make_document("b", annotation=judged("cao-bang", "ha-noi"))], targets=("embedded",))
    judged_anew = store.document(reprint.id)
    assert judged_anew
    assert judged_anew.story == "s1", "new labels leave the story as it is"


def test_stories_are_read_whole_by_their_id_and_found_by_day_and_unit(store: Store) -> None:
    day = timedelta(days=1)
    first = make_document("a", annotation=judged("cao-bang"))
    later = make_document("b", annotation=judged("ha-noi"), published_at=NOON + day, source_id="khac")
    alone = make_document("c", annotation=judged("cao-bang"))
    store.put_documents([first, later, alone], targets=())
    store.assign_stories(
        [StoryAssignment(document_id=first.id, story="s1"), StoryAssignment(document_id=later.id, story="s1")],
        targets=(),
    )
    (story,) = store.stories(["s1", "none"])
    assert [one.document_id for one in story.reports] == [first.id, later.id]
    assert [tone.unit for tone in story.tones] == ["cao-bang", "ha-noi"]
    assert store.story_ids(NOON + day, NOON + 2 * day) == ["s1"]
    assert store.story_ids(NOON, NOON + day, units=frozenset({"ha-noi"})) == []
    assert store.story_ids(NOON, NOON + day, units=frozenset({"cao-bang"})) == ["s1"]
