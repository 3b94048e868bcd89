"""Quality figures as the scorer of the evaluation data computes them, and the floors they must not fall below.

python -m tests.quality.scoring            print every figure beside its floor
python -m tests.quality.scoring --raise    write figures that rose into tests/floors.json; a floor never falls
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from math import floor
from pathlib import Path
from typing import IO, Any

from classifiers.encoder import Encoder
from classifiers.evaluation import per_class
from classifiers.gazetteer import read_table
from classifiers.training.rows import sentiment_rows
from classifiers.vote import load_votes

ABROAD_FILE = Path(__file__).with_name("abroad.tsv")
"""Items in twelve languages, invented for measuring, with labels; see `classifiers.training.abroad` for the columns."""
FLOORS_FILE = Path(__file__).parent.parent / "floors.json"
DIGITS = 3

Figures = Mapping[str, float]


def floors() -> dict[str, dict[str, float]]:
    """Return the pinned figures: group, figure (dotted path in the scorer's answer), floor."""
    loaded: dict[str, dict[str, float]] = json.loads(FLOORS_FILE.read_text(encoding="utf-8"))
    return loaded


def measure(group: str, data: Path) -> dict[str, float]:
    """Run the batch command of a group over its labelled set and return the pinned figures as measured."""
    with tempfile.TemporaryDirectory() as folder:
        answer = GROUPS[group](data, Path(folder))
    return {figure: _figure(answer, figure) for figure in floors()[group]}


def _figure(answer: Mapping[str, Any], path: str) -> float:
    value: Any = answer
    for key in path.split("."):
        value = value[key]
    return float(value)


def _extract(data: Path, work: Path) -> dict[str, Any]:
    pages = sorted((data / "data/pages").glob("*.html.gz"))
    _diembao("extract", *map(str, pages), "--output", str(work / "out.jsonl"))
    return _score(data, "extract", data / "data/pages/truth.jsonl", work / "out.jsonl")


def _annotate(name: str, scored_as: str) -> Callable[[Path, Path], dict[str, Any]]:
    def run(data: Path, work: Path) -> dict[str, Any]:
        gold = data / "data/gold" / name
        items = subprocess.run(
            [sys.executable, str(data / "tools/score.py"), "items", str(gold)], capture_output=True, check=True
        )
        (work / "in.jsonl").write_bytes(items.stdout)
        _diembao("annotate", str(work / "in.jsonl"), "--output", str(work / "out.jsonl"))
        return _score(data, scored_as, gold, work / "out.jsonl")

    return run


def _stories(data: Path, work: Path) -> dict[str, Any]:
    """Return figures of the pairs with odd numbers, which training never saw; all items are in one file."""
    gold = data / "data/gold/story_pairs.jsonl"
    items = subprocess.run(
        [sys.executable, str(data / "tools/score.py"), "items", str(gold)], capture_output=True, check=True
    )
    (work / "in.jsonl").write_bytes(items.stdout)
    lines = gold.read_text(encoding="utf-8").splitlines(keepends=True)
    (work / "odd.jsonl").write_text(
        "".join(line for line in lines if _is_odd(json.loads(line)["id"])), encoding="utf-8"
    )
    _diembao("stories", str(work / "in.jsonl"), "--output", str(work / "out.jsonl"))
    figures = _score(data, "stories", work / "odd.jsonl", work / "out.jsonl")
    figures["certain"]["parted"] = 1 - figures["certain"]["false_merge"]  # a floor rises
    return figures


def _is_odd(pair_id: str) -> bool:
    """Tell whether a labelled pair (``p0216``, ``n0007``) was kept from training."""
    return int(pair_id[1:]) % 2 == 1


def _evaluate(data: Path, work: Path) -> dict[str, Any]:
    """Return what the scorer does not tell: sure negatives, and how far a score is from being right so often."""
    out = work / "figures.json"
    with out.open("wb") as stream:
        _diembao("evaluate", str(data / "data/gold/dev.jsonl"), "--json", stdout=stream)
    (one,) = json.loads(out.read_bytes())["files"]
    figures: dict[str, Any] = one["figures"]
    figures["tone_score"]["calibration"] = 1 - figures["tone_score"]["calibration_error"]  # a floor rises
    return figures


def _english_tone(data: Path, _work: Path) -> dict[str, Any]:
    """Return the tone of the encoder alone toward the targets of English sentences (NewsMTSC, its test part)."""
    encoder, vote = Encoder.load(), load_votes().tasks["tone"]
    rows = sentiment_rows(data / "data/newsmtsc/rw-test.jsonl.xz")
    scores = vote.probabilities(encoder.read([row.window for row in rows])["tone"], None)
    return {
        "tone": per_class(
            [(row.labels["tone"][0], vote.classes[vote.choose(one)]) for row, one in zip(rows, scores, strict=True)]
        )
    }


def _abroad(_data: Path, work: Path) -> dict[str, Any]:
    """Return how the items of `ABROAD_FILE` are judged; a unit that is not found counts as judged wrong.

    The labels are those of the language model that invented the items, as it did those that the encoder learns from, in
    other runs; some tell of like events, so the figures flatter.
    """
    items = read_table(ABROAD_FILE)
    given = "".join(
        json.dumps({"id": str(at), "title": item["title"], "summary": item["summary"]}) + "\n"
        for at, item in enumerate(items)
    )
    (work / "in.jsonl").write_text(given, encoding="utf-8")
    _diembao("annotate", str(work / "in.jsonl"), "--output", str(work / "out.jsonl"))
    judged = [json.loads(line) for line in (work / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    pairs: dict[str, list[tuple[str, str]]] = {"relevance": [], "tone": [], "bad_event": [], "topic": []}
    for item, found in zip(items, judged, strict=True):
        unit: dict[str, Any] = next((unit for unit in found["units"] if unit["unit"] == item["unit"]), {})
        pairs["relevance"].append((item["relevance"], unit.get("relevance") or ""))
        if item["tone"]:
            pairs["tone"].append((item["tone"], unit.get("tone") or ""))
        pairs["bad_event"].append((item["bad_event"], str(found["bad_event"])))
        pairs["topic"].append((item["topics"], found["topics"][0]["id"].partition(".")[0] if found["topics"] else ""))
    return {name: per_class(each) for name, each in pairs.items()}


SPIKE_SEEDS = (11, 12, 13)
"""Of the series that alerts are judged on: 60 units and 400 days each."""
SIZES = ("small", "medium", "large")


def _alerts(data: Path, work: Path) -> dict[str, Any]:
    """Return the worst of some seeds, as figures that rise: alarms are told as days without one."""
    answers = []
    for seed in SPIKE_SEEDS:
        series, truth, alerts = (str(work / f"{seed}.{name}") for name in ("csv", "json", "alerts.csv"))
        tool = [sys.executable, str(data / "tools/spikes.py")]
        subprocess.run([*tool, "make", str(seed), series, truth], check=True, stdout=subprocess.DEVNULL)
        _diembao("backtest", series, "--output", alerts)
        scored = subprocess.run([*tool, "score", series, truth, alerts], capture_output=True, check=True)
        answers.append(json.loads(scored.stdout))
    oracle = "oracle at the product's false alarms"
    figures: dict[str, Any] = {
        size: {
            "false_alarms_below_one": 1 - max(one["product"][size]["false_alarms_30d"] for one in answers),
            "detection": min(one["product"][size]["detection"] for one in answers),
            "detection_over_oracle": min(
                one["product"][size]["detection"] - one[oracle][size]["detection"] for one in answers
            ),
        }
        for size in SIZES
    }
    outages = [one["outage_days"] for one in answers]
    figures["outage_days_quiet"] = 1 - max(one["alarms"] for one in outages)
    figures["outage_days_told"] = min(one["insufficient_data"] / one["n"] for one in outages)
    figures["rows_whole"] = 1 - max(one["rows_missing"] for one in answers)
    return figures


GROUPS: Mapping[str, Callable[[Path, Path], dict[str, Any]]] = {
    "extract": _extract,
    "annotate_dev": _annotate("dev.jsonl", "annotate"),
    "annotate_fulltext": _annotate("fulltext.jsonl", "annotate"),
    "foreign": _annotate("foreign.jsonl", "foreign"),
    "evaluate_dev": _evaluate,
    "newsmtsc": _english_tone,
    "abroad": _abroad,
    "alerts": _alerts,
    "stories": _stories,
}
"""Group of `floors.json` to what measures it."""


def _diembao(*args: str, stdout: IO[bytes] | None = None) -> None:
    subprocess.run([sys.executable, "-m", "pipeline.cli", *args], check=True, stdout=stdout, stderr=subprocess.DEVNULL)


def _score(data: Path, kind: str, truth: Path, out: Path) -> dict[str, Any]:
    command = [sys.executable, str(data / "tools/score.py"), kind, str(truth), str(out)]
    answer: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return answer


def main() -> None:
    """Print the figures; with ``--raise`` pin those that rose."""
    data = Path(os.environ["DIEMBAO_EVAL_DATA"])
    pinned = floors()
    for group, wanted in pinned.items():
        for figure, measured in measure(group, data).items():
            risen = measured > wanted[figure]
            print(f"{group:18} {figure:24} {measured:.4f}  floor {wanted[figure]:.3f}{'  risen' if risen else ''}")
            if risen:
                wanted[figure] = max(wanted[figure], floor(measured * 10**DIGITS) / 10**DIGITS)
    if "--raise" in sys.argv:
        FLOORS_FILE.write_text(json.dumps(pinned, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
