"""What corrections make of the machine's judgement; no store."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.corrections import Correction, apply_corrections, kinds_of
from pipeline.records import Annotation, Document
from tests.pipeline.documents import judged, make_document

AT = datetime(2026, 3, 5, 2, tzinfo=UTC)


def correction(number: int = 1, **said: Any) -> Correction:
    values: dict[str, Any] = {"document_id": "a", "version": 1, "made_by": "Lan", "made_at": AT}
    return Correction(number=number, **(values | said))


def tones(annotation: Annotation | None) -> dict[str, str | None]:
    return {one.unit: one.tone for one in annotation.assessments} if annotation else {}


def test_a_tone_takes_the_place_of_the_machines_and_is_certain() -> None:
    machine = judged("cao-bang", "ha-noi", tone="negative")
    found = apply_corrections(machine, [correction(unit="cao-bang", relevance="about", tone="positive")])
    assert found
    own, other = found.assessments
    assert (own.tone, own.tone_score, own.score, own.evidence) == ("positive", 1.0, 1.0, ())
    assert own.why[0] != machine.assessments[0].why[0]
    assert other == machine.assessments[1]
    assert (found.topics, found.bad_event) == (machine.topics, machine.bad_event)


def test_who_agrees_with_the_machine_leaves_its_evidence() -> None:
    machine = judged("cao-bang", tone="negative")
    found = apply_corrections(machine, [correction(unit="cao-bang", relevance="about", tone="negative")])
    assert found
    assert found.assessments[0].evidence == machine.assessments[0].evidence


@pytest.mark.parametrize(
    ("relevance", "expected"), [("none", {}), ("mention", {"cao-bang": None}), ("about", {"cao-bang": "negative"})]
)
def test_relevance(relevance: Any, expected: dict[str, str | None]) -> None:
    machine = judged("cao-bang", tone="negative")
    assert tones(apply_corrections(machine, [correction(unit="cao-bang", relevance=relevance)])) == expected


def test_a_unit_that_the_machine_did_not_see() -> None:
    said = [correction(unit="hoa-binh", relevance="about", tone="negative")]
    found = apply_corrections(judged("cao-bang"), said)
    assert found
    assert [(one.unit, one.current, one.tone) for one in found.assessments][1:] == [("hoa-binh", "phu-tho", "negative")]
    thin = apply_corrections(None, said, language="vi")
    assert thin
    assert (thin.language, tones(thin)) == ("vi", {"hoa-binh": "negative"})
    assert apply_corrections(None, [correction(bad_event=True, dropped=True)]) is None


def test_what_is_of_the_whole_document() -> None:
    found = apply_corrections(judged("cao-bang"), [correction(bad_event=False, topics=("economy", "society"))])
    assert found
    assert (found.bad_event, found.bad_event_score) == (False, 0.0)
    assert [(one.id, one.score) for one in found.topics] == [("economy", 1.0), ("society", 1.0)]


def test_the_last_word_holds_until_it_is_undone() -> None:
    machine = judged("cao-bang", tone="negative")
    first = correction(1, unit="cao-bang", relevance="about", tone="positive")
    second = correction(2, unit="cao-bang", relevance="mention")
    third = correction(3, unit="cao-bang", relevance="about")
    assert tones(apply_corrections(machine, [first, second])) == {"cao-bang": None}
    assert tones(apply_corrections(machine, [first, replace(second, undone_at=AT)])) == {"cao-bang": "positive"}
    back = apply_corrections(machine, [first, second, third])
    assert tones(back) == {"cao-bang": "negative"}, "the mention took the first tone back, so the machine's holds"


KINDS = st.fixed_dictionaries(
    {},
    optional={
        "tone": st.sampled_from(("negative", "neutral", "positive")),
        "bad_event": st.booleans(),
        "topics": st.sampled_from((("economy",), ("society", "security"))),
        "dropped": st.booleans(),
        "undone_at": st.just(AT),
    },
)


@given(said=st.lists(KINDS, max_size=6), seed=st.randoms())
def test_the_order_in_which_they_are_given_does_not_matter(said: list[dict[str, Any]], seed: Any) -> None:
    made = [correction(number, unit="cao-bang" if "tone" in one else None, **one) for number, one in enumerate(said, 1)]
    shuffled = list(made)
    seed.shuffle(shuffled)
    machine = judged("cao-bang", "ha-noi")
    assert apply_corrections(machine, shuffled) == apply_corrections(machine, made)
    assert kinds_of(shuffled, 2) == kinds_of(made, 2)
    undone = [one for one in made if not one.undone_at]
    assert apply_corrections(machine, made) == apply_corrections(machine, undone)


def test_without_corrections_the_machines_word_holds() -> None:
    machine = judged("cao-bang")
    assert apply_corrections(machine, []) is machine
    assert kinds_of([], 1) == ()


def marks(*corrected: Any, **more: Any) -> Document:
    return replace(make_document(), corrected=corrected, **more)


def test_marks_say_who_judged_last_and_whether_it_is_there() -> None:
    said = [correction(1, bad_event=True), correction(2, version=2, dropped=True)]
    assert kinds_of(said, 2) == ("bad_event", "dropped", "before_edit")
    assert marks().marks == ()
    assert marks("tone").marks == ("corrected",)
    assert marks("tone", "before_edit").marks == ("corrected_before_edit",)
    assert marks("dropped", disappeared_at=AT).marks == ("dropped", "removed")
