"""index: what analysts search, brought in step with the store and compared with it."""

from contextlib import closing
from typing import Annotated

import typer

from pipeline.cli.main import ExitCode
from pipeline.cli.session import leave, print_json, session_of
from pipeline.cli.summaries import index_lines
from pipeline.status import index_row

commands = typer.Typer()
index = typer.Typer(help="index_help", no_args_is_help=True)
commands.add_typer(index, name="index")


@index.command("sync", help="index_sync_help")
def sync(ctx: typer.Context) -> None:
    session = session_of(ctx)
    with session.installation().locked() as installation, session.progress("index_progress") as advance:
        state = installation.indexes.sync(advance)
    for line in index_lines(session, state):
        typer.echo(line)
    if not state.in_step:
        leave(ExitCode.PART_MISSING)


@index.command("status", help="index_status_help")
def status(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        state = installation.indexes.state()
    if as_json:
        elastic = None if state.elastic is None else index_row(state.elastic)
        print_json({"wanted": state.wanted, "embedded": index_row(state.embedded), "elastic": elastic})
    else:
        for line in index_lines(session, state):
            typer.echo(line)
    if not state.in_step:
        leave(ExitCode.PART_MISSING)
