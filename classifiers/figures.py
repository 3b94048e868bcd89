"""The figures that training left beside the models: how encoder and linear models together did on held-out rows."""

import json
from pathlib import Path
from typing import Any, Final

from classifiers.model_files import MODELS
from config.errors import ModelError

FIGURES: Final = "figures.json"
TOGETHER: Final = "vote"


def held_out_figures(folder: Path = MODELS) -> dict[str, float]:
    """Return the figures of the held-out rows under the names that `classifiers.evaluation` gives them.

    Empty when the folder keeps none. Raises ModelError when the file is damaged.
    """
    path = folder / FIGURES
    if not path.is_file():
        return {}
    try:
        tasks = json.loads(path.read_text(encoding="utf-8"))[TOGETHER]
        return {
            "homonym.f1": float(tasks["relevance"]["f1"]["not_it"]),
            "tone.macro_f1": _mean(tasks["tone"]["f1"]),
            "tone_score.calibration_error": float(tasks["tone"]["calibration_error"]),
            "bad_event.accuracy": float(tasks["bad_event"]["accuracy"]),
            "topic_first.accuracy": float(tasks["topics"]["accuracy"]),
        }
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ModelError("models.damaged", path=path, detail=repr(exc)) from exc


def _mean(f1: dict[str, Any]) -> float:
    return sum(map(float, f1.values())) / len(f1)
