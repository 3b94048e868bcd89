from pipeline.store import Store
from pipeline.store.stories import StoryAssignment
from tests.pipeline.documents import judged, make_document


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
