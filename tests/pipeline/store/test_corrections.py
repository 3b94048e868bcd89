"""Corrections in the store: they hold whatever judges, fetches or edits anew, and give way when they are undone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.corrections import Correction, apply_corrections, kinds_of
from pipeline.records import Annotation, Document
from pipeline.store import Store, open_store
from pipeline.store.rows import AnnotatedBy
from tests.pipeline.documents import NOON, document_id, judged, make_document

TARGETS = ("embedded",)
UNITS = frozenset({"cao-bang", "ha-noi"})
DAY = timedelta(days=1)


def said(doc: Document, **values: Any) -> Correction:
    return Correction(document_id=doc.id, version=doc.version, made_by="Lan", made_at=NOON, **values)


def stored(store: Store, name: str = "a") -> Document:
    found = store.document(document_id(name))
    assert found
    return found


def counted(store: Store) -> list[str]:
    return [doc.id for doc in store.documents(NOON - DAY, NOON + DAY, units=UNITS)]


def test_a_correction_is_kept_with_who_and_when(store: Store) -> None:
    doc = make_document(annotation=judged("cao-bang"))
    store.put_documents([doc], targets=TARGETS)
    whole = said(
        doc, unit="cao-bang", relevance="about", tone="neutral", topics=("economy", "society"), note="“Ý kiến” \x00"
    )
    number = store.correct(whole, targets=TARGETS)
    other = store.correct(said(doc, bad_event=False), targets=TARGETS)
    whole = replace(whole, number=number, note="“Ý kiến” ")
    assert store.corrections() == (whole, replace(said(doc, bad_event=False), number=other))
    assert store.correction(number) == whole
    assert store.undo_correction(number, by="Hoa", at=NOON + DAY, targets=TARGETS)
    assert not store.undo_correction(number, by="Hoa", at=NOON + DAY, targets=TARGETS)
    undone = store.correction(number)
    assert undone
    assert (undone.undone_by, undone.undone_at) == ("Hoa", NOON + DAY)


def test_it_holds_when_the_machine_judges_anew(store: Store) -> None:
    doc = make_document(annotation=judged("cao-bang", tone="negative"))
    store.put_documents([doc], targets=TARGETS)
    number = store.correct(said(doc, unit="cao-bang", relevance="about", tone="positive"), targets=TARGETS)
    again = replace(doc, annotation=judged("cao-bang", "ha-noi", tone="neutral"))
    store.put_documents([again], targets=TARGETS, annotated_by=AnnotatedBy(units=UNITS, version="2"))
    held = stored(store)
    assert held.annotation
    assert [(one.unit, one.tone) for one in held.annotation.assessments] == [
        ("cao-bang", "positive"),
        ("ha-noi", "neutral"),
    ]
    assert store.machine_annotation(doc.id) == again.annotation
    assert not list(store.documents_to_reassess(UNITS, "2"))
    store.undo_correction(number, by="Lan", at=NOON, targets=TARGETS)
    assert stored(store).annotation == again.annotation
    assert stored(store).corrected == ()


def test_an_edit_keeps_it_and_says_that_it_came_before(store: Store) -> None:
    doc = make_document(text="Cầu sập.", annotation=judged("cao-bang"))
    store.put_documents([doc], targets=TARGETS)
    store.correct(said(doc, bad_event=False), targets=TARGETS)
    edited = make_document(text="Cầu đã sửa.", annotation=judged("cao-bang"), fetched_at=NOON + DAY)
    store.put_documents([edited], targets=TARGETS)
    held = stored(store)
    assert (held.version, held.marks) == (2, ("corrected_before_edit",))
    assert held.annotation
    assert not held.annotation.bad_event
    (older,) = store.versions(doc.id)
    assert older.corrected == ("bad_event",)
    assert older.annotation == apply_corrections(doc.annotation, store.corrections())


def test_a_dropped_article_stays_and_counts_nowhere(store: Store) -> None:
    doc, other = (make_document(name, annotation=judged("cao-bang")) for name in "ab")
    store.put_documents([doc, other], targets=TARGETS)
    number = store.correct(said(doc, dropped=True), targets=TARGETS)
    assert counted(store) == [other.id]
    store.put_documents([replace(doc, annotation=judged("cao-bang", tone="neutral"))], targets=TARGETS)
    assert counted(store) == [other.id]
    assert stored(store).marks == ("dropped",)
    assert {row.op for row in store.outbox("embedded", 9)} == {"put"}, "it can still be asked for"
    store.undo_correction(number, by="Lan", at=NOON, targets=TARGETS)
    assert sorted(counted(store)) == sorted([doc.id, other.id])


def test_the_last_unit_denied_leaves_the_index(store: Store) -> None:
    doc = make_document(annotation=judged("cao-bang"))
    store.put_documents([doc], targets=TARGETS)
    number = store.correct(said(doc, unit="cao-bang", relevance="none"), targets=TARGETS)
    assert [row.op for row in store.outbox("embedded", 9)] == ["remove"]
    assert (counted(store), store.counts().assessed) == ([], 0)
    store.undo_correction(number, by="Lan", at=NOON, targets=TARGETS)
    assert [row.op for row in store.outbox("embedded", 9)] == ["put"]


def test_a_thin_article_is_read_once_a_person_says_whom_it_is_about(store: Store) -> None:
    thin = make_document()
    store.put_documents([thin], targets=TARGETS)
    store.correct(said(thin, unit="cao-bang", relevance="about", tone="negative"), targets=TARGETS)
    assert counted(store) == [thin.id]
    by = AnnotatedBy(units=UNITS, version="1")
    assert [doc.id for doc in store.documents_to_reassess(UNITS, "1")] == [thin.id]
    machine = Annotation(language="vi", bad_event=True, bad_event_score=0.7)
    store.put_documents([replace(thin, annotation=machine)], targets=TARGETS, annotated_by=by)
    assert not list(store.documents_to_reassess(UNITS, "1"))
    held = stored(store)
    assert held.annotation
    assert (held.annotation.bad_event, [one.tone for one in held.annotation.assessments]) == (True, ["negative"])


# ---- whatever happens, in any order ---------------------------------------------------------------------------------

JUDGEMENTS: tuple[Annotation | None, ...] = (
    None,
    judged("cao-bang", tone="negative"),
    judged("ha-noi", tone="positive", mentions=("cao-bang",)),
    Annotation(language="vi"),
)
TEXTS = ("", "Cầu sập.", "Cầu đã sửa.")
TITLES = ("Cầu sập ở Cao Bằng", "Cầu sập ở Cao Bằng, đã sửa")
UNIT = st.sampled_from(sorted(UNITS))
ABOUT_A_UNIT = st.fixed_dictionaries(
    {"unit": UNIT, "relevance": st.sampled_from(("about", "mention", "none"))}
) | st.fixed_dictionaries(
    {"unit": UNIT, "relevance": st.just("about"), "tone": st.sampled_from(("negative", "neutral", "positive"))}
)
ABOUT_ALL = st.fixed_dictionaries({"bad_event": st.booleans()}) | st.fixed_dictionaries({"dropped": st.just(True)})
STEP = st.one_of(
    st.tuples(
        st.just("put"),
        st.tuples(st.sampled_from(JUDGEMENTS), st.sampled_from(TEXTS), st.sampled_from(TITLES), st.integers(0, 3)),
    ),
    st.tuples(st.just("correct"), ABOUT_A_UNIT | ABOUT_ALL),
    st.tuples(st.just("undo"), st.integers(1, 6)),
    st.tuples(st.just("purge"), st.integers(0, 3)),
)


@pytest.fixture(scope="module")
def twins() -> Iterator[tuple[Store, Store]]:
    """Two stores in memory that live through the same, but nobody corrects the second."""
    one, two = (open_store("sqlite:///:memory:") for _ in range(2))
    yield one, two
    one.close()
    two.close()


names = count()
"""Each example has an article of its own."""


@settings(max_examples=100, deadline=None)
@given(steps=st.lists(STEP, max_size=10))
def test_what_holds_is_the_machines_word_under_the_corrections_in_force(
    twins: tuple[Store, Store], steps: list[Any]
) -> None:
    """However often and in whatever order the article is judged, fetched, edited, purged, corrected and uncorrected."""
    store, machine = twins
    name = f"article-{next(names)}"
    index: dict[str, Document] = {}
    for one in twins:
        one.put_documents([make_document(name, annotation=judged("cao-bang"))], targets=TARGETS)
    _feed(store, index)
    for kind, value in steps:
        made = store.corrections(document_id(name))
        if kind == "put":
            annotation, text, title, days = value
            doc = make_document(name, title=title, text=text, annotation=annotation, fetched_at=NOON + days * DAY)
            for one in twins:
                one.put_documents([doc], targets=TARGETS)
        elif kind == "purge":
            for one in twins:
                one.purge_texts(NOON + value * DAY, targets=TARGETS)
        elif kind == "correct":
            store.correct(said(stored(store, name), **value), targets=TARGETS)
        elif made:
            store.undo_correction(made[value % len(made)].number, by="Hoa", at=NOON, targets=TARGETS)
        _feed(store, index)
    held, word, made = stored(store, name), stored(machine, name), store.corrections(document_id(name))
    holds = apply_corrections(word.annotation, made, language=word.language)
    assert held == replace(word, annotation=holds, corrected=kinds_of(made, word.version))
    assert store.machine_annotation(held.id) == word.annotation
    assessed = holds is not None and bool(holds.assessments)
    assert (_shown(index[held.id]) if held.id in index else None) == (_shown(held) if assessed else None)
    assert (held.id in counted(store)) == (assessed and not held.dropped)


def _shown(doc: Document) -> tuple[object, ...]:
    return doc.article.title, doc.article.text, doc.annotation, doc.marks


def _feed(store: Store, index: dict[str, Document]) -> None:
    """Let a model of a search index learn what waits."""
    rows = store.outbox("embedded", 999)
    for row in rows:
        if row.op == "put":
            index[row.document_id] = store.documents_by_id([row.document_id])[0]
        else:
            index.pop(row.document_id, None)
    store.outbox_done("embedded", [row.seq for row in rows])
