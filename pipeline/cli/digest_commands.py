"""digest: an edition of one day, of a week of the foreign press, or of any days; and the draft its editor changes."""

import os
import shlex
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from config.errors import DraftError, UsageError
from pipeline.app import Installation
from pipeline.cli.process_commands import DAY, check_days
from pipeline.cli.session import Session, session_of
from pipeline.cli.summaries import say_digest
from pipeline.digest.period import Period
from pipeline.editions import DIGEST_FORMATS, DigestFormat

NamedEdition = Literal["daily", "foreign-weekly"]

commands = typer.Typer()


@commands.command(help="digest_help")
def digest(  # noqa: PLR0913, PLR0917 - which edition, where to, and how
    ctx: typer.Context,
    day: Annotated[datetime | None, typer.Option("--date", formats=DAY, metavar="YYYY-MM-DD", help="opt_date")] = None,
    edition: Annotated[NamedEdition, typer.Option(help="opt_edition")] = "daily",
    since: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, metavar="YYYY-MM-DD", help="opt_from")
    ] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=DAY, metavar="YYYY-MM-DD", help="opt_to")] = None,
    output: Annotated[Path | None, typer.Option(help="opt_output_dir", metavar="DIR")] = None,
    formats: Annotated[str, typer.Option("--format", help="opt_format")] = ",".join(DIGEST_FORMATS),
    revise: Annotated[bool, typer.Option("--revise", help="opt_revise")] = False,
    draft: Annotated[bool, typer.Option("--draft", help="opt_draft")] = False,
    by: Annotated[str, typer.Option(help="opt_draft_by", metavar="NAME")] = "",
) -> None:
    session = session_of(ctx)
    wanted = parse_formats(formats)
    with session.installation().locked() as installation:
        period = chosen_period(installation, edition, day, since, until)
        if not draft:
            issued = installation.editions.issue(period, revise=revise)
            paths = installation.editions.write(issued.digest, folder=output, formats=wanted)
    if draft:
        write_draft(session, period, by)
    else:
        say_digest(session, issued, paths)


def write_draft(session: Session, period: Period, by: str) -> None:
    """Write the draft, let the person edit it where there is a terminal, and check what was written.

    The installation is free meanwhile: collecting goes on.
    """
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    opens = bool(editor) and sys.stdin.isatty() and sys.stdout.isatty()
    with session.installation().locked() as installation:
        command, path = issuing_command(installation, period), installation.editions.draft_path(period)
        try:
            written = installation.editions.draft(period, command=command, by=by)
        except DraftError as problem:  # a mistake of last time: to be mended in the editor
            if not opens:
                raise
            session.warn("error", text=problem)
        else:
            key = "draft_new" if written.new_items is None else "draft_more" if written.new_items else "draft_kept"
            session.say(key, path=path, count=written.new_items)
            if installation.editions.is_sealed(period):
                session.say("draft_sealed", command=command)
    if opens:
        subprocess.run([*shlex.split(editor or ""), str(path)], check=False)  # noqa: S603 - the person's own editor
        with session.installation().locked() as installation:
            command = issuing_command(installation, period)  # it may have been sealed meanwhile
            installation.editions.draft(period, command=command)
        session.say("draft_fine", command=command)


def issuing_command(installation: Installation, period: Period) -> str:
    """Return the command that issues an edition, or its next revision when it is sealed."""
    if period.kind == "range":
        chosen = f"--from {period.first} --to {period.last}"
    else:
        chosen = f"--date {period.last}" + ("" if period.kind == "daily" else f" --edition {period.kind}")
    return f"diembao digest {chosen}" + (" --revise" if installation.editions.is_sealed(period) else "")


def chosen_period(
    installation: Installation,
    edition: NamedEdition,
    day: datetime | None,
    since: datetime | None,
    until: datetime | None,
) -> Period:
    """Return the days that the options name; without any, the edition whose window closed last.

    Raises UsageError for options that do not go together.
    """
    if since or until:
        if day or edition != "daily" or not (since and until):
            raise UsageError("cli.range_alone")
        check_days(since.date(), until.date())
        return Period.of_days(since.date(), until.date())
    last: date = day.date() if day else installation.editions.due_day()
    return Period.foreign_week(last) if edition == "foreign-weekly" else Period.daily(last)


def parse_formats(text: str) -> tuple[DigestFormat, ...]:
    """Return the formats named in ``html,text``. Raises UsageError for an unknown one."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if name not in DIGEST_FORMATS]
    if wrong or not names:
        raise UsageError("cli.unknown_format", value=", ".join(wrong) or text, known=", ".join(DIGEST_FORMATS))
    return tuple(cast(DigestFormat, name) for name in dict.fromkeys(names))
