"""annotate, extract: JSON Lines in and out, without an installation; also how quality is measured."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer

from classifiers.batch import BadLine, annotation_row, read_items
from config.errors import InputError
from config.units import find_unit, members
from pipeline.app import load_annotator, utc_now
from pipeline.cli.main import ExitCode
from pipeline.cli.session import existing_file, leave, session_of
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
    """Open an output that appears under its name once it is whole; an input of the same name is read undisturbed."""
    if name == "-":
        yield sys.stdout
        return
    path = Path(name)
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("w", encoding="utf-8") as stream:
            yield stream
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
