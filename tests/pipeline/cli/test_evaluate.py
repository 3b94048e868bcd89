"""How right the models are, from the command line: labelled files, an office's corrections, floors."""

import json
from pathlib import Path

import pytest

from pipeline.cli.evaluate_commands import SHOWN, floors_of
from tests.pipeline.cli.conftest import Diembao
from tests.pipeline.cli.items import write_labelled

FOREIGN = {
    "id": "f1",
    "title": "Da Nang opens its fireworks festival in Vietnam",
    "language": "en",
    "gold": [{"unit": "da-nang", "relevance": "about", "tone": "neutral"}],
}


def test_figures_as_json_need_no_home(diembao: Diembao, home: Path, tmp_path: Path) -> None:
    ran = diembao("evaluate", str(write_labelled(tmp_path / "labels.jsonl", json.dumps(FOREIGN))), "--json")
    assert ran.code == 0
    assert not home.exists()
    answer = json.loads(ran.out)
    (one,) = answer["files"]
    figures = one["figures"]
    assert figures["items"] == 5
    assert figures["homonym"]["f1"] == 1.0
    assert figures["tone"]["n"] == 3
    assert figures["bad_event"]["n"] == 1
    assert figures["units"]["all"]["f1"] == 1.0
    assert figures["language_accuracy"] == 1.0
    assert answer["training"]["tone.macro_f1"] > 0
    assert "corrections" not in one


@pytest.mark.parametrize(("lang", "words"), [("vi", "Chủ đề chính"), ("en", "First topic")])
def test_the_table_speaks_the_language(lang: str, words: str, diembao: Diembao, tmp_path: Path) -> None:
    ran = diembao("evaluate", str(write_labelled(tmp_path / "labels.jsonl")), lang=lang)
    assert ran.code == 0
    assert words in ran.out


def test_corrections_are_told_apart(diembao: Diembao, tmp_path: Path) -> None:
    file = write_labelled(tmp_path / "corrections.jsonl", by="Lan", at="2026-03-06T08:00:00+07:00", note="đã xem")
    ran = diembao("evaluate", str(file))
    assert ran.code == 0
    assert "Corrected by the office: 4 rows" in ran.out
    corrections = json.loads(diembao("evaluate", str(file), "--json").out)["files"][0]["corrections"]
    assert corrections["rows"] == 4
    assert corrections["differs"]["relevance"] == {"labels": 4, "differ": 0}


def test_bad_lines_are_named_and_the_rest_is_scored(diembao: Diembao, tmp_path: Path) -> None:
    unit = json.dumps({"id": "x", "title": "T", "unit": "atlantis"})
    file = write_labelled(tmp_path / "labels.jsonl", "{broken", unit)
    ran = diembao("evaluate", str(file), "--json")
    assert ran.code == 3
    assert "Line 5" in ran.err
    assert "Line 6" in ran.err
    (one,) = json.loads(ran.out)["files"]
    assert (one["bad_lines"], one["figures"]["items"]) == (2, 4)


def test_a_file_without_labelled_lines_is_one_sentence(diembao: Diembao, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n", encoding="utf-8")
    ran = diembao("evaluate", str(empty))
    assert ran.code == 1
    assert "empty.jsonl" in ran.err
    assert diembao("evaluate", str(tmp_path / "none.jsonl")).code == 2


def test_floors_stand_beside_the_figures(diembao: Diembao, tmp_path: Path) -> None:
    floors = tmp_path / "floors.json"
    floors.write_text(json.dumps({"annotate_labels": {"about.macro_f1": 1.01, "homonym.f1": 0.5}}), encoding="utf-8")
    ran = diembao("evaluate", str(write_labelled(tmp_path / "labels.jsonl")), "--floors", str(floors))
    assert ran.code == 0
    assert "Floor" in ran.out
    assert ran.out.count("(below)") == 1
    assert (
        "Floor" not in diembao("evaluate", str(write_labelled(tmp_path / "other.jsonl")), "--floors", str(floors)).out
    )


@pytest.mark.parametrize("content", ["{", "[]"])
def test_floors_that_are_none_name_their_file(content: str, diembao: Diembao, tmp_path: Path) -> None:
    floors = tmp_path / "floors.json"
    floors.write_text(content, encoding="utf-8")
    ran = diembao("evaluate", str(write_labelled(tmp_path / "labels.jsonl")), "--floors", str(floors))
    assert ran.code == 1
    assert "floors.json" in ran.err


def test_floors_of_a_file() -> None:
    pinned = {"annotate_dev": {"tone.macro_f1": 0.8}, "foreign": {"units.all.f1": 0.9}, "bad_event.accuracy": 0.7}
    assert floors_of(pinned, "a/dev.jsonl") == {"tone.macro_f1": 0.8}
    assert floors_of(pinned, "foreign.jsonl") == {"units.all.f1": 0.9}
    assert floors_of(pinned, "corrections.jsonl") == {"bad_event.accuracy": 0.7}
    assert floors_of({}, "-") == {}


NO_LABELS = {"extract", "stories", "alerts", "abroad"}
"""Groups of floors that `evaluate` does not measure."""


def test_every_floor_is_shown_by_its_name() -> None:
    floors = json.loads((Path(__file__).parents[2] / "floors.json").read_text(encoding="utf-8"))
    wanted = {path for group, pinned in floors.items() if group not in NO_LABELS for path in pinned}
    wanted.discard("tone_score.calibration")  # shown as what it lacks to 1, the calibration error
    assert wanted <= SHOWN.keys()
