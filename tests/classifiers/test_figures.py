import json
from pathlib import Path

import pytest

from classifiers.figures import FIGURES, held_out_figures
from config.errors import ModelError


def test_the_figures_of_the_installed_models() -> None:
    figures = held_out_figures()
    assert {"tone.macro_f1", "bad_event.accuracy", "topic_first.accuracy"} <= figures.keys()
    assert all(0 <= value <= 1 for value in figures.values())


def test_a_folder_without_figures_has_none(tmp_path: Path) -> None:
    assert held_out_figures(tmp_path) == {}


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"tone": {"natural": {}}})])
def test_damaged_figures_name_their_file(content: str, tmp_path: Path) -> None:
    (tmp_path / FIGURES).write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=FIGURES):
        held_out_figures(tmp_path)
