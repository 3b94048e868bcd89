"""annotate, extract, backtest: lines in and out, without an installation; also how quality is measured."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer

from classifiers.batch import BadLine, annotation_row, read_items
from config.alert_rules import load_alert_rules
from config.calendar import load_calendar
from config.errors import InputError
from config.messages import message
from config.units import find_unit, members
from pipeline.alerts.backtest import OUTPUT_COLUMNS, BadRow, judge_series, read_series, verdict_row
from pipeline.alerts.days import DayRecord
from pipeline.app import load_annotator, utc_now
from pipeline.cli.main import ExitCode
from pipeline.cli.session import Session, existing_file, leave, session_of
from pipeline.cli.summaries import line_problem

commands = typer.Typer()


@commands.command(help="annotate_help")
def annotate(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="arg_annotate", metavar="IN.jsonl|-")],
    output: Annotated[str, typer.Option(help="opt_output_file", metavar="OUT.jsonl|-")],
    units: Annotated[str, typer.Option(help="opt_units")] = "all",
) -> None:
    session = session_of(ctx)
    chosen = None if units == "all" else frozenset().union(*(members(find_unit(u)) for u in units.split(",")))
    annotator = load_annotator()
    bad = 0
    with reading(file) as source, writing(output) as sink, session.progress("annotate_progress") as advance:
        for number, item in enumerate(read_items(source), 1):
            if isinstance(item, BadLine):
                bad += 1
                session.warn("bad_line", path=file, problem=line_problem(session, item.reason, item.number))
                continue
            row = annotation_row(item, annotator.annotate(item, chosen))
            sink.write(json.dumps(row, ensure_ascii=False) + "\n")
            advance(number)
    if bad:
        leave(ExitCode.PART_MISSING)


@commands.command(help="extract_help")
def extract(
    ctx: typer.Context,
    pages: Annotated[list[Path], typer.Argument(help="arg_pages", metavar="PAGE…")],
    output: Annotated[str, typer.Option(help="opt_output_file", metavar="OUT.jsonl|-")],
    url: Annotated[str, typer.Option(help="opt_url")] = "",
) -> None:
    # Imported here, as in `pipeline.app`: other commands start without the extractor.
    from classifiers.language import detect_language  # noqa: PLC0415
    from pipeline.extract.batch import extract_files  # noqa: PLC0415

    session = session_of(ctx)
    bad = 0
    with writing(output) as sink, session.progress("extract_progress") as advance:
        for number, row in enumerate(extract_files(pages, url=url or None, now=utc_now()), 1):
            if isinstance(row, InputError):
                bad += 1
                session.warn("error", text=row.text(session.lang))
                continue
            row["language"] = detect_language(f"{row['title']}\n{row['text']}")[0]
            sink.write(json.dumps(row, ensure_ascii=False) + "\n")
            advance(number, len(pages))
    if bad:
        leave(ExitCode.PART_MISSING)


@commands.command(help="backtest_help")
def backtest(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="arg_series", metavar="SERIES.csv|-")],
    output: Annotated[str, typer.Option(help="opt_output_file", metavar="ALERTS.csv|-")],
    rules: Annotated[Path | None, typer.Option(metavar="DIR", help="opt_rules")] = None,
) -> None:
    session = session_of(ctx)
    series: list[tuple[str, DayRecord]] = []
    bad = 0
    with reading(file) as source:
        for row in read_series(map(bytes.decode, source), path=file):
            if isinstance(row, BadRow):
                bad += 1
                session.warn(
                    "bad_line", path=file, problem=message(f"alerts.{row.reason}", session.lang, number=row.number)
                )
            else:
                series.append(row)
    calendar, chosen = load_calendar(rules), load_alert_rules(rules)
    with writing(output) as sink, session.progress("backtest_progress") as advance:
        writer = csv.DictWriter(sink, OUTPUT_COLUMNS, lineterminator="\n")
        writer.writeheader()
        for number, (unit, verdict) in enumerate(judge_series(series, calendar, chosen), 1):
            writer.writerow(verdict_row(unit, verdict))
            advance(number, len(series))
    if bad:
        leave(ExitCode.PART_MISSING)


@contextmanager
def reading(name: str) -> Iterator[IO[bytes]]:
    """Open an input; ``-`` is standard input. Raises UsageError when there is no such file."""
    if name == "-":
        yield sys.stdin.buffer
    else:
        with existing_file(Path(name)).open("rb") as stream:
            yield stream


@contextmanager
def writing(name: str) -> Iterator[IO[str]]:
    """Open an output that appears under its name once it is whole; an input of the same name is read undisturbed.

    A link stays a link; a pipe or a device is written to as it stands.
    """
    if name == "-":
        yield sys.stdout
        return
    path = Path(name).resolve()
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8") as stream:
            yield stream
        return
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("w", encoding="utf-8") as stream:
            yield stream
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def export_rows(session: Session, output: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows as JSON Lines, and say how many where the output is a file."""
    with writing(output) as sink:
        sink.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if output != "-":
        session.say("rows_exported", count=len(rows), path=output)
