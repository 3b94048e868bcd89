"""backup, restore, purge: looking after what must not be lost and what must not be kept."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.app import restore_home
from pipeline.cli.session import existing_file, session_of

commands = typer.Typer()


@commands.command(help="backup_help")
def backup(
    ctx: typer.Context,
    output: Annotated[Path, typer.Option(help="opt_backup_dir", metavar="DIR")],
) -> None:
    session = session_of(ctx)
    with session.installation().locked() as installation:
        session.say("backup_done", path=installation.backup(output))


@commands.command(help="restore_help")
def restore(ctx: typer.Context, archive: Annotated[Path, typer.Argument(help="arg_archive")]) -> None:
    session = session_of(ctx)
    count = restore_home(existing_file(archive), session.home)
    session.say("restore_done", path=session.home, count=count)


@commands.command(help="purge_help")
def purge(ctx: typer.Context) -> None:
    session = session_of(ctx)
    with session.installation().locked() as installation:
        report = installation.purge()
    session.say("purge_done", segments=report.segments, texts=report.texts)
