"""evaluate: how right the installed models are on labelled items, and on the labels that an office corrected."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from classifiers.batch import BadLine
from classifiers.evaluation import figure_at, score_named, score_units
from classifiers.figures import held_out_figures
from classifiers.labelled import LabelledItem, UnitLabels, read_labelled
from classifiers.vote import load_votes
from config.errors import InputError
from config.messages import message
from pipeline.app import load_annotator, models_version
from pipeline.cli.batch_commands import reading
from pipeline.cli.main import ExitCode
from pipeline.cli.session import Session, existing_file, leave, print_json, session_of
from pipeline.cli.summaries import line_problem
from pipeline.records import Annotation, Item

commands = typer.Typer()

SHOWN: Final[Mapping[str, str]] = {
    "about.macro_f1": "about.n",
    "homonym.f1": "relevance3.support.not_it",
    "tone.macro_f1": "tone.n",
    "tone_certain.macro_f1": "tone_certain.n",
    "negative_sure.precision": "negative_sure.given",
    "negative_sure.recall": "negative_sure.wanted",
    "tone_score.calibration_error": "tone_score.n",
    "bad_event.accuracy": "bad_event.n",
    "topic_first.accuracy": "topic_first.n",
    "topic_macro_f1_of_30": "topic_first.n",
    "units.all.f1": "units.all.n",
    "language_accuracy": "units.all.n",
    "tone_accuracy": "tone_labels",
}
"""Dotted path of each figure in the table to that of the number of labels behind it."""
LESS_IS_BETTER: Final = frozenset({"tone_score.calibration_error"})
TABLE_DIGITS: Final = 3

Floors = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What was measured on one file."""

    file: str
    figures: dict[str, Any]
    """Of the rows that judge one unit, of those that say all units, or of both together."""
    corrections: dict[str, Any]
    """``rows`` and ``differs`` of the rows that a person corrected; empty when there are none."""
    bad_lines: int


@commands.command(help="evaluate_help")
def evaluate(
    ctx: typer.Context,
    files: Annotated[list[str], typer.Argument(help="arg_labelled", metavar="FILE…|-")],
    floors: Annotated[Path | None, typer.Option(help="opt_floors", metavar="FLOORS.json")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False,
) -> None:
    session = session_of(ctx)
    pinned = _read_floors(existing_file(floors)) if floors else {}
    annotate = load_annotator().annotate
    evaluations = [_evaluate_file(session, name, annotate) for name in files]
    if as_json:
        print_json(
            {
                "models": models_version(),
                "training": held_out_figures(),
                "files": [
                    {"file": one.file, "bad_lines": one.bad_lines, "figures": one.figures}
                    | ({"corrections": one.corrections} if one.corrections else {})
                    | ({"floors": dict(floor)} if (floor := floors_of(pinned, one.file)) else {})
                    for one in evaluations
                ],
            }
        )
    else:
        for one in evaluations:
            _print_evaluation(session, one, floors_of(pinned, one.file))
    if any(one.bad_lines for one in evaluations):
        leave(ExitCode.PART_MISSING)


def floors_of(pinned: Mapping[str, Any], file: str) -> Floors:
    """Return the floors meant for a file: those of the group named like it, or those without a group."""
    stem = Path(file).name.partition(".")[0]
    groups = (pinned.get(f"annotate_{stem}"), pinned.get(stem), pinned)
    group = next(each for each in groups if isinstance(each, Mapping))
    return {path: float(value) for path, value in group.items() if isinstance(value, int | float)}


def _read_floors(path: Path) -> Mapping[str, Any]:
    try:
        pinned = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as exc:
        raise InputError("evaluation.bad_floors", path=path, detail=exc) from exc
    if not isinstance(pinned, Mapping):
        raise InputError("evaluation.bad_floors", path=path, detail=type(pinned).__name__)
    return pinned


def _evaluate_file(session: Session, name: str, annotate: Callable[[Item], Annotation]) -> Evaluation:
    """Annotate each item of a file once and score the answers. Raises InputError when no line can be used."""
    judged: list[tuple[UnitLabels, Annotation]] = []
    named: list[tuple[LabelledItem, Annotation]] = []
    known: dict[Item, Annotation] = {}
    bad = 0
    with reading(name) as source, session.progress("evaluate_progress") as advance:
        for number, row in enumerate(read_labelled(source), 1):
            if isinstance(row, BadLine):
                bad += 1
                session.warn("bad_line", path=name, problem=line_problem(session, row.reason, row.number))
                continue
            if row.item not in known:
                known[row.item] = annotate(row.item)
            if row.judged:
                judged.append((row.judged, known[row.item]))
            else:
                named.append((row, known[row.item]))
            advance(number)
    if not judged and not named:
        raise InputError("evaluation.nothing_labelled", path=name)
    corrected = [pair for pair in judged if pair[0].corrected]
    figures = (score_named(named) if named else {}) | (
        score_units(judged, load_votes().sure_negative) if judged else {}
    )
    return Evaluation(
        file=name,
        figures=figures | {"items": len(judged) + len(named)},
        corrections={"rows": len(corrected), "differs": score_units(corrected)["differs"]} if corrected else {},
        bad_lines=bad,
    )


def _print_evaluation(session: Session, one: Evaluation, floor: Floors) -> None:
    measured = {path: value for path in SHOWN if (value := figure_at(one.figures, path)) is not None}
    beside = {"floor": floor, "training": held_out_figures()}
    shown = {name: figures for name, figures in beside.items() if figures.keys() & measured.keys()}
    table = Table(*(message(f"evaluation.col_{name}", session.lang) for name in ("figure", "value", "count", *shown)))
    for path, value in measured.items():
        table.add_row(
            message(f"evaluation.{path.replace('.', '_')}", session.lang),
            _spell(session, value, floor.get(path), less_is_better=path in LESS_IS_BETTER),
            str(int(figure_at(one.figures, SHOWN[path]) or 0)),
            *(_digits(figures[path]) if path in figures else "" for figures in shown.values()),
        )
    title = message("evaluation.title", session.lang, file=one.file, rows=one.figures["items"], models=models_version())
    typer.echo(title)
    Console().print(table)
    if one.corrections:
        parts = (
            message(f"evaluation.differs_{kind}", session.lang, **counts)
            for kind, counts in one.corrections["differs"].items()
        )
        rows = one.corrections["rows"]
        typer.echo(message("evaluation.corrected", session.lang, rows=rows, parts=" · ".join(parts)))


def _spell(session: Session, value: float, floor: float | None, *, less_is_better: bool) -> str:
    """Return a figure in three digits, and that it misses its floor where it does."""
    text = _digits(value)
    missed = floor is not None and (value > floor if less_is_better else value < floor)
    return message("evaluation.below", session.lang, value=text) if missed else text


def _digits(value: float) -> str:
    return f"{value:.{TABLE_DIGITS}f}"
