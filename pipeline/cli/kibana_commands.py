"""kibana: what analysts open in Kibana, written to a file or handed to a server."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.main import ExitCode
from pipeline.cli.session import leave, session_of

# ruff: noqa: PLC0415 - the saved objects are built by these commands only

SHOWN_FAILURES = 20

commands = typer.Typer()
kibana = typer.Typer(help="kibana_help", no_args_is_help=True)
commands.add_typer(kibana, name="kibana")


@kibana.command("export", help="kibana_export_help")
def export(ctx: typer.Context, output: Annotated[Path, typer.Option(help="opt_ndjson", metavar="FILE.ndjson")]) -> None:
    from pipeline.kibana import export_kibana

    session = session_of(ctx)
    count = export_kibana(output, session.lang)
    session.say("kibana_exported", path=output, count=count)


@kibana.command("install", help="kibana_install_help")
def install(
    ctx: typer.Context,
    url: Annotated[str, typer.Option(metavar="URL", help="opt_kibana_url")] = "",
    api_key_file: Annotated[Path | None, typer.Option(metavar="FILE", help="opt_api_key_file")] = None,
    user: Annotated[str, typer.Option(help="opt_kibana_user")] = "",
    password_file: Annotated[Path | None, typer.Option(metavar="FILE", help="opt_password_file")] = None,
    ca_file: Annotated[Path | None, typer.Option(metavar="FILE", help="opt_ca_file")] = None,
    time_zone: Annotated[bool, typer.Option(help="opt_time_zone")] = True,
) -> None:
    from pipeline.kibana import install_kibana, kibana_access

    session = session_of(ctx)
    given = {
        "url": url,
        "api_key_file": api_key_file,
        "user": user,
        "password_file": password_file,
        "ca_file": ca_file,
    }
    access = kibana_access(session.home, {name: value for name, value in given.items() if value})
    report = install_kibana(access, session.lang, set_zone=time_zone)
    session.say("kibana_installed", count=report.installed, url=access.url.rstrip("/"))
    session.say(f"kibana_zone_{report.zone}")
    for failure in report.failures[:SHOWN_FAILURES]:
        session.warn("kibana_failure", type=failure.type, id=failure.id, reason=failure.reason)
    if report.renamed:
        session.warn("kibana_renamed", ids=", ".join(report.renamed))
    if report.failures or report.renamed:
        leave(ExitCode.PART_MISSING if report.installed else ExitCode.FAILED)
