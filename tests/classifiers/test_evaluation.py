import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from classifiers.annotator import Annotator
from classifiers.batch import BadLine, annotation_row
from classifiers.evaluation import FREQUENT, calibration_error, figure_at, per_class, score_named, score_units
from classifiers.labelled import LabelledItem, RelevanceLabel, UnitLabels, read_labelled
from pipeline.records import Annotation, Assessment, Item, Tone, TopicScore


def answer(
    relevance: str | None = "about", tone: Tone | None = None, *, score: float = 0.9, topic: str = "", bad: bool = False
) -> Annotation:
    """An annotation that judges Cao Bằng, or nothing without a relevance."""
    found = Assessment(
        unit="cao-bang",
        current="cao-bang",
        relevance="about" if relevance == "about" else "mention",
        score=0.9,
        tone=tone,
        tone_score=score if tone else None,
    )
    return Annotation(
        language="vi",
        topics=(TopicScore(id=topic, score=0.5),) if topic else (),
        bad_event=bad,
        bad_event_score=float(bad),
        assessments=(found,) if relevance else (),
    )


def labels(relevance: str | None = "about", tone: Tone | None = None, **more: Any) -> UnitLabels:
    return UnitLabels(unit="cao-bang", relevance=cast(RelevanceLabel | None, relevance), tone=tone, **more)


def test_figures_by_class() -> None:
    figures = per_class([("a", "a"), ("a", "b"), ("b", "b"), ("b", "b"), ("a", "c")])
    assert figures == {
        "n": 5,
        "accuracy": 0.6,
        "macro_f1": 0.65,
        "f1": {"a": 0.5, "b": 0.8},
        "support": {"a": 3, "b": 2},
    }


def test_scores_that_are_right_as_often_as_they_say_are_calibrated() -> None:
    assert calibration_error([(0.75, True), (0.75, True), (0.75, True), (0.75, False)]) == 0
    assert calibration_error([(0.95, False), (0.05, True)]) == pytest.approx(0.95)
    assert calibration_error([(1.0, True)]) == 0
    assert calibration_error([]) == 0


def test_a_name_that_is_not_found_is_no_place() -> None:
    figures = score_units([(labels("not_it"), answer(None)), (labels("mention"), answer(None))])
    assert figures["homonym"] == {"precision": 0.5, "recall": 1.0, "f1": 0.6667}
    assert figures["about"]["accuracy"] == 1.0
    assert figures["differs"] == {"relevance": {"labels": 2, "differ": 1}}


def test_an_article_missed_as_a_mention_reads_as_neutral() -> None:
    figures = score_units(
        [(labels("about", "neutral"), answer("mention")), (labels("about", "negative"), answer(None))]
    )
    assert figures["tone"]["accuracy"] == 0.5
    assert "tone_score" not in figures  # no tone was given out


def test_uncertain_labels_are_left_out_of_the_certain() -> None:
    figures = score_units(
        [
            (labels("about", "positive"), answer("about", "positive")),
            (labels("about", "positive", uncertain=True), answer("about", "neutral")),
        ]
    )
    assert (figures["tone"]["n"], figures["tone_certain"]["n"]) == (2, 1)
    assert figures["tone_certain"]["accuracy"] == 1.0


def test_a_sure_negative_of_what_is_only_mentioned_is_wrong() -> None:
    figures = score_units(
        [
            (labels("about", "negative"), answer("about", "negative", score=0.8)),
            (labels("about", "negative"), answer("about", "negative", score=0.4)),
            (labels("mention"), answer("about", "negative", score=0.7)),
            (labels("about", "neutral"), answer("about", "neutral")),
        ],
        sure_negative=0.6,
    )
    assert figures["negative_sure"] == {
        "score": 0.6,
        "given": 2,
        "wanted": 2,
        "precision": 0.5,
        "recall": 0.5,
        "f1": 0.5,
    }


def test_only_what_is_labelled_is_scored() -> None:
    figures = score_units([(labels(None, topics=("society",)), answer("about", "positive", topic="society.education"))])
    assert figures.keys() == {"items", "topic_first", "differs"}  # no topic is frequent enough for a macro F1
    assert figures["topic_first"]["accuracy"] == 1.0
    assert score_units([(labels(None), answer())])["differs"] == {}
    corrected = score_units([(labels(None, "negative"), answer("about", "negative"))])
    assert corrected["tone"]["accuracy"] == 1.0  # who corrects a tone says that the article is about the unit


def test_rare_topics_are_left_out_of_the_macro_figure() -> None:
    frequent = [(labels(topics=("society",)), answer(topic="society"))] * FREQUENT
    rare = [(labels(topics=("culture",)), answer(topic="society"))]
    figures = score_units(frequent + rare)
    assert figures[f"topic_macro_f1_of_{FREQUENT}"] == figures["topic_first"]["f1"]["society"] < 1


def test_a_unit_may_be_labelled_by_its_name_of_today() -> None:
    found = Assessment(
        unit="thua-thien-hue", current="hue", relevance="about", score=0.8, tone="negative", tone_score=0.7
    )
    annotation = Annotation(language="vi", topics=(), bad_event=False, bad_event_score=0.0, assessments=(found,))
    for unit in ("hue", "thua-thien-hue"):
        figures = score_units([(UnitLabels(unit=unit, relevance="about", tone="negative"), annotation)])
        assert figures["tone"]["accuracy"] == 1.0


def test_units_of_foreign_items() -> None:
    labelled = LabelledItem(
        item=Item(id="1", title="岘港"),
        language="zh",
        named=(UnitLabels(unit="da-nang", relevance="about", tone="neutral"), UnitLabels(unit="hue")),
    )
    found = Assessment(unit="da-nang", current="da-nang", relevance="about", score=0.8, tone="neutral", tone_score=0.4)
    annotation = Annotation(language="zh-Hant", topics=(), bad_event=False, bad_event_score=0.0, assessments=(found,))
    figures = score_named([(labelled, annotation)])
    assert figures["units"]["all"] == {"n": 1, "precision": 1.0, "recall": 0.5, "f1": 0.6667}
    assert figures["units"]["zh"] == figures["units"]["all"]
    assert (figures["language_accuracy"], figures["tone_accuracy"], figures["tone_labels"]) == (1.0, 1.0, 1)
    assert score_named([])["items"] == 0


def test_a_figure_by_its_dotted_path() -> None:
    assert figure_at({"units": {"all": {"f1": 0.5}}}, "units.all.f1") == 0.5
    assert figure_at({"units": {"all": {"f1": 0.5}}}, "units.all") is None
    assert figure_at({}, "tone.macro_f1") is None


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "kind"), [("dev.jsonl", "annotate"), ("fulltext.jsonl", "annotate"), ("foreign.jsonl", "foreign")]
)
def test_figures_are_those_of_the_scorer(name: str, kind: str, eval_data: Path, tmp_path: Path) -> None:
    """On the same answers; the scorer of the evaluation data was written apart from this project."""
    gold = eval_data / "data/gold" / name
    with gold.open("rb") as stream:
        rows = [row for row in read_labelled(stream) if not isinstance(row, BadLine)]
    annotator = Annotator.load()
    annotations = {row.item: annotator.annotate(row.item) for row in rows}
    answers = {item.id: annotation_row(item, annotation) for item, annotation in annotations.items()}
    out = tmp_path / "out.jsonl"
    out.write_text("".join(json.dumps(each) + "\n" for each in answers.values()), encoding="utf-8")
    command = [sys.executable, str(eval_data / "tools/score.py"), kind, str(gold), str(out)]
    theirs = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    ours = (
        score_units([(row.judged, annotations[row.item]) for row in rows if row.judged])
        if kind == "annotate"
        else score_named([(row, annotations[row.item]) for row in rows])
    )
    compared = [path for path in numbers(ours) if path in numbers(theirs)]
    assert len(compared) >= (20 if kind == "annotate" else 30)
    assert {path: numbers(ours)[path] for path in compared} == pytest.approx(
        {path: numbers(theirs)[path] for path in compared}, abs=1e-4
    )


def numbers(figures: Mapping[str, Any], above: str = "") -> dict[str, float]:
    """Return every number in nested figures by its dotted path."""
    found: dict[str, float] = {}
    for key, value in figures.items():
        if isinstance(value, Mapping):
            found |= numbers(value, f"{above}{key}.")
        elif isinstance(value, int | float):
            found[f"{above}{key}"] = value
    return found
