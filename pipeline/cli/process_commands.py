"""run, process, import, reindex: from the inbox or a file to stored, searchable documents."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from classifiers.model_files import check_files
from config.errors import UsageError
from pipeline.cli.deliver_commands import say_delivery
from pipeline.cli.main import ExitCode
from pipeline.cli.session import existing_file, leave, session_of
from pipeline.cli.summaries import say_bad_lines, say_check, say_crawl, say_digest, say_process, say_some
from pipeline.digest.period import Period

DAY = ["%Y-%m-%d"]
"""The form of days on the command line."""


commands = typer.Typer()


@commands.command(help="run_help")
def run(ctx: typer.Context, force: Annotated[bool, typer.Option("--force", help="opt_force")] = False) -> None:
    session = session_of(ctx)
    check_files()  # before anything is fetched that could not be judged
    with session.installation().locked() as installation:
        with session.progress("crawl_progress") as advance:
            crawled = installation.crawl(force=force, on_progress=advance)
        say_crawl(session, crawled)
        if crawled.interrupted:
            leave(ExitCode.STOPPED)
        with session.progress("process_progress") as advance:
            say_process(session, installation.process(on_progress=advance))
        say_check(session, installation.alerts.check())
        issued = installation.editions.issue(Period.daily(installation.editions.due_day()))
        paths = installation.editions.write(issued.digest)
        say_digest(session, issued, paths)
        sending = installation.deliver()
        if sending.sent or sending.troubled:
            say_delivery(session, sending, installation.store)
        installation.purge()
    if crawled.failed_sources or sending.troubled:
        leave(ExitCode.PART_MISSING)


@commands.command(help="process_help")
def process(ctx: typer.Context) -> None:
    session = session_of(ctx)
    with session.installation().locked() as installation, session.progress("process_progress") as advance:
        report = installation.process(on_progress=advance)
    say_process(session, report)


@commands.command(help="reindex_help")
def reindex(ctx: typer.Context) -> None:
    session = session_of(ctx)
    with session.installation().locked() as installation, session.progress("index_progress") as advance:
        count = installation.indexes.rebuild(advance)
    session.say("reindex_done", count=count)


@commands.command("import", help="import_help")
def import_items(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="arg_items", metavar="ITEMS.jsonl[.gz|.xz]")],
    since: Annotated[datetime | None, typer.Option(formats=DAY, metavar="YYYY-MM-DD", help="opt_since")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAY, metavar="YYYY-MM-DD", help="opt_until")] = None,
) -> None:
    session = session_of(ctx)
    days = (since.date() if since else None, until.date() if until else None)
    check_days(*days)
    with session.installation().locked() as installation, session.progress("import_progress") as advance:
        report, items = installation.import_items(existing_file(file), days, on_progress=advance)
    say_process(session, report)
    if items.outside:
        session.say("import_outside", count=items.outside)
    if report.outdated:
        session.say("import_outdated", count=len(report.outdated))
        say_some(session, [f"  {address}" for address in report.outdated])
    if items.bad:
        say_bad_lines(session, file, items.bad)
        leave(ExitCode.PART_MISSING)


def check_days(since: date | None, until: date | None) -> None:
    """Raise UsageError for a range that ends before it begins."""
    if since and until and until < since:
        raise UsageError("cli.days_reversed", since=since, until=until)
