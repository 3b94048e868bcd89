"""init, crawl, sources: setting up an installation and filling its inbox."""

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from config.errors import UsageError
from crawlers.reasons import describe_reason
from pipeline.app import init_home
from pipeline.cli.main import ExitCode
from pipeline.cli.session import existing_file, leave, print_json, session_of
from pipeline.cli.summaries import say_crawl, say_process
from pipeline.records import Source

commands = typer.Typer()


@commands.command(help="init_help")
def init(
    ctx: typer.Context,
    province: Annotated[str, typer.Option(help="opt_province")],
    contact: Annotated[str, typer.Option(help="opt_contact")] = "",
) -> None:
    session = session_of(ctx)
    path = init_home(session.home, province=province, contact=contact, lang=session.lang)
    session.say("init_done", path=path, home=shlex.quote(str(session.home)))


@commands.command(help="crawl_help")
def crawl(
    ctx: typer.Context,
    force: Annotated[bool, typer.Option("--force", help="opt_force")] = False,
    replay: Annotated[Path | None, typer.Option(help="opt_replay", metavar="FILE.warc.gz")] = None,
) -> None:
    session = session_of(ctx)
    with session.installation().locked() as installation, session.progress("crawl_progress") as advance:
        if replay:
            say_process(session, installation.replay(existing_file(replay), on_progress=advance))
            return
        summary = installation.crawl(force=force, on_progress=advance)
    say_crawl(session, summary)
    if summary.interrupted:
        leave(ExitCode.STOPPED)
    if summary.failed_sources:
        leave(ExitCode.PART_MISSING)


sources = typer.Typer(help="sources_help", no_args_is_help=True)
commands.add_typer(sources, name="sources")


@sources.command("list", help="sources_list_help")
def list_sources(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False) -> None:
    session = session_of(ctx)
    found = session.installation().sources
    if as_json:
        print_json(
            [
                {
                    "id": s.id,
                    "name": s.name,
                    "kind": s.kind,
                    "tier": s.tier,
                    "country": s.country,
                    "language": s.language,
                    "unit": s.unit,
                    "enabled": s.enabled,
                    "verified": s.verified,
                    "endpoints": s.endpoints,
                }
                for s in found
            ]
        )
        return
    table = Table(*(session.text(f"col_{name}") for name in ("id", "name", "kind", "country", "endpoints", "state")))
    for source in found:
        state = "on" if source.verified else "unverified"
        state = session.text(f"source_{state}" if source.enabled else "source_off")
        table.add_row(source.id, source.name, source.kind, source.country, str(len(source.endpoints)), state)
    Console().print(table)


@sources.command("check", help="sources_check_help")
def check(ctx: typer.Context, ids: Annotated[list[str] | None, typer.Argument(help="arg_source_ids")] = None) -> None:
    session = session_of(ctx)
    with session.progress("check_progress") as advance:
        checks = session.installation().check_sources(ids or [], on_progress=advance)
    table = Table(*(session.text(f"col_{name}") for name in ("id", "url", "result", "entries", "newest", "ms")))
    for row in checks:
        outcome = describe_reason(row.outcome, session.lang)
        newest = row.newest_at.strftime("%d/%m/%Y") if row.newest_at else ""
        table.add_row(row.source_id, row.url, outcome, str(row.entries), newest, str(row.took_ms or ""))
    Console().print(table)
    if any(not row.ok for row in checks):
        leave(ExitCode.PART_MISSING)


@sources.command("add", help="sources_add_help")
def add(  # noqa: PLR0913, PLR0917 - one option a field
    ctx: typer.Context,
    source_id: Annotated[str, typer.Argument(help="arg_source_id")],
    name: Annotated[str, typer.Option(help="opt_source_name")],
    feed: Annotated[list[str] | None, typer.Option(metavar="URL", help="opt_feed")] = None,
    sitemap: Annotated[list[str] | None, typer.Option(metavar="URL", help="opt_sitemap")] = None,
    kind: Annotated[Literal["central", "local", "ministry", "foreign"], typer.Option(help="opt_kind")] = "local",
    tier: Annotated[int, typer.Option(min=1, max=3, help="opt_tier")] = 2,
    country: Annotated[str, typer.Option(help="opt_country")] = "VN",
    language: Annotated[str, typer.Option(help="opt_language")] = "vi",
) -> None:
    session = session_of(ctx)
    if not (feed or sitemap):
        raise UsageError("cli.source_without_address", source=source_id)
    source = Source(
        id=source_id,
        name=name,
        kind=kind,
        tier=tier,
        country=country.upper(),
        language=language,
        feeds=tuple(feed or ()),
        sitemaps=tuple(sitemap or ()),
    )
    session.say("source_added", path=session.installation().add_source(source), source=source_id)
