"""correct, corrections, history, recheck: what persons say of articles, and how these change."""

from contextlib import closing
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from config.errors import UsageError
from config.localtime import spell_local
from pipeline.app import RECHECK_DAYS
from pipeline.cli.batch_commands import export_rows
from pipeline.cli.correction_words import correction_row, correction_words, judgement_words, mark_words
from pipeline.cli.history_lines import history_row, print_history
from pipeline.cli.main import ExitCode
from pipeline.cli.read_commands import parse_tone
from pipeline.cli.session import leave, print_json, session_of
from pipeline.cli.summaries import reasons_text
from pipeline.correcting import Wish
from pipeline.corrections import CorrectedRelevance

commands = typer.Typer()

UNDO = "undo"
"""In place of an article: take a correction back. No id and no address is spelled so."""


@commands.command(help="correct_help")
def correct(  # noqa: PLR0913, PLR0917 - one option a label
    ctx: typer.Context,
    by: Annotated[str, typer.Option(help="opt_corrected_by", metavar="NAME")],
    reference: Annotated[str, typer.Argument(help="arg_corrected", metavar="ID|URL|undo")],
    number: Annotated[str, typer.Argument(help="arg_correction", metavar="N")] = "",
    unit: Annotated[str, typer.Option(help="opt_correct_unit", metavar="UNIT")] = "",
    relevance: Annotated[CorrectedRelevance | None, typer.Option(help="opt_relevance")] = None,
    tone: Annotated[str, typer.Option(help="opt_correct_tone", metavar="TONE")] = "",
    bad_event: Annotated[bool | None, typer.Option("--bad-event/--no-bad-event", help="opt_bad_event")] = None,
    topic: Annotated[list[str] | None, typer.Option(help="opt_correct_topic", metavar="TOPIC")] = None,
    drop: Annotated[bool, typer.Option("--drop", help="opt_drop")] = False,
    note: Annotated[str, typer.Option(help="opt_correct_note", metavar="TEXT")] = "",
) -> None:
    session = session_of(ctx)
    if reference != UNDO and number:
        raise UsageError("corrections.too_many_words", value=number)
    wish = Wish(
        unit=unit,
        relevance=relevance,
        tone=parse_tone(tone) if tone else None,
        bad_event=bad_event,
        topics=tuple(topic or ()),
        dropped=drop,
        note=note,
    )
    with closing(session.installation()) as installation:
        if reference == UNDO:
            done, about = "correction_undone", _number(number)
            doc = installation.desk.undo(about, by=by)
        else:
            done = "correction_done"
            about, doc = installation.desk.correct(reference, wish, by=by)
        installation.feed_if_free()
    session.say(done, number=about, title=doc.article.title, document=doc.id)
    session.say("correction_holds", judgement=judgement_words(doc.annotation, session.lang))
    if doc.marks:
        session.say("correction_marks", marks=mark_words(doc.marks, session.lang))


corrections = typer.Typer(help="corrections_help", no_args_is_help=True)
commands.add_typer(corrections, name="corrections")


@corrections.command("list", help="corrections_list_help")
def list_corrections(
    ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False
) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        made = installation.desk.corrections()
    if as_json:
        print_json([correction_row(one, doc) for one, doc in made])
        return
    if not made:
        session.say("corrections_none")
        return
    table = Table(*(session.text(f"col_{name}") for name in ("number", "when", "who", "article", "said", "note")))
    for one, doc in made:
        said = correction_words(one, doc.version, session.lang)
        when, article = spell_local(one.made_at), f"{doc.article.title}\n{doc.id}"
        table.add_row(str(one.number), when, one.made_by, article, said, one.note)
    Console(markup=False).print(table)


@corrections.command("export", help="corrections_export_help")
def export(
    ctx: typer.Context,
    output: Annotated[str, typer.Option(help="opt_output_file", metavar="FILE.jsonl|-")],
) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        rows = list(installation.desk.labels())
    export_rows(session, output, rows)


@commands.command(help="history_help")
def history(
    ctx: typer.Context,
    reference: Annotated[str, typer.Argument(help="arg_article", metavar="ID|URL")],
    as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False,
) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        found = installation.desk.history(reference)
    if as_json:
        print_json(history_row(found))
    else:
        print_history(session, found)


@commands.command(help="recheck_help")
def recheck(
    ctx: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=365, help="opt_recheck_days")] = RECHECK_DAYS,
) -> None:
    session = session_of(ctx)
    with session.installation().locked() as installation, session.progress("recheck_progress") as advance:
        report = installation.recheck(days=days, on_progress=advance)
    session.say("recheck_done", asked=report.asked, present=report.present, missing=report.missing)
    session.say("recheck_changed", disappeared=report.disappeared, returned=report.returned)
    if report.unclear:
        session.say("recheck_unclear", reasons=reasons_text(session, report.unclear))
    if report.interrupted:
        leave(ExitCode.STOPPED)
    if report.unasked:
        session.say("recheck_unasked", count=report.unasked)
        leave(ExitCode.PART_MISSING)


def _number(text: str) -> int:
    if not text.isdecimal():
        raise UsageError("corrections.bad_number")
    return int(text)
