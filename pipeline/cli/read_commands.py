"""search, status, doctor: reading what the installation holds."""

import re
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from config.errors import UsageError
from config.localtime import spell_local
from config.units import find_unit, members, unit_names
from pipeline.app import Installation
from pipeline.cli.correction_words import mark_words
from pipeline.cli.main import ExitCode
from pipeline.cli.process_commands import DAY, check_days
from pipeline.cli.session import Session, leave, print_json, session_of
from pipeline.cli.summaries import hit_row, status_lines
from pipeline.index.protocol import Filters, Hit, SearchRequest
from pipeline.index.query import find_tone, outlet_key
from pipeline.index.topic_names import find_topic, near_topics
from pipeline.records import Mark, Tone

DASHED_WORDS = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""A query may begin with a word to leave out: ``search -bóng``."""

MARKS: Mapping[str, tuple[Mark, ...]] = {
    "corrected": ("corrected", "corrected_before_edit"),
    "dropped": ("dropped",),
    "removed": ("removed",),
}
"""What a person asks for, to the marks that documents bear."""

commands = typer.Typer()


@commands.command(help="search_help", context_settings=DASHED_WORDS)
def search(  # noqa: PLR0913, PLR0917 - one option a filter
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(help="arg_query", metavar="QUERY")],
    since: Annotated[datetime | None, typer.Option(formats=DAY, metavar="YYYY-MM-DD", help="opt_since")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAY, metavar="YYYY-MM-DD", help="opt_until")] = None,
    tone: Annotated[list[str] | None, typer.Option(metavar="TONE", help="opt_tone")] = None,
    topic: Annotated[list[str] | None, typer.Option(metavar="TOPIC", help="opt_topic")] = None,
    outlet: Annotated[list[str] | None, typer.Option(metavar="OUTLET", help="opt_outlet")] = None,
    unit: Annotated[list[str] | None, typer.Option(metavar="UNIT", help="opt_unit")] = None,
    mark: Annotated[Literal["corrected", "dropped", "removed"] | None, typer.Option(help="opt_mark")] = None,
    size: Annotated[int, typer.Option(min=1, max=1000, help="opt_size")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False,
) -> None:
    session = session_of(ctx)
    check_days(since.date() if since else None, until.date() if until else None)
    filters = Filters(
        since=since.date() if since else None,
        until=until.date() if until else None,
        tones=tuple(parse_tone(value) for value in tone or ()),
        topics=tuple(parse_topic(value) for value in topic or ()),
        outlets=tuple(outlet or ()),
        units=tuple(find_unit(value) for value in unit or ()),
        marks=MARKS[mark] if mark else (),
    )
    request = SearchRequest(query=query, filters=filters, size=size, facets=("day", "tone", "topic", "outlet"))
    with closing(session.installation()) as installation:
        if filters.outlets:  # nothing else in a search reads the catalogue
            check_outlets(installation, filters.outlets)
        for one in filters.units:
            if not members(one) & installation.settings.units:
                session.warn("search_unwatched", unit=unit_names()[one], slug=one)
        result = installation.indexes.search(request)
    if as_json:
        because = result.standby_because
        found = {"total": result.total, "hits": [hit_row(hit) for hit in result.hits], "facets": result.facets}
        print_json(found | {"standby_because": None if because is None else because.text(session.lang)})
        return
    if result.standby_because:
        session.warn("search_on_standby", problem=result.standby_because)
    session.say("search_total", total=result.total, shown=len(result.hits))
    _print_hits(session, result.hits)


@commands.command(help="status_help")
def status(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        state = installation.status()
    if as_json:
        print_json(state)
        return
    for line in status_lines(session, state):
        typer.echo(line)


@commands.command(help="doctor_help")
def doctor(ctx: typer.Context) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        findings = installation.doctor()
    for finding in findings:
        mark = "undone" if finding.undone else "ok" if finding.ok else "bad"
        typer.echo(f"{session.text(f'doctor_{mark}')} {finding.text(session.lang)}")
    if not all(finding.ok for finding in findings):
        leave(ExitCode.FAILED)


def parse_tone(text: str) -> Tone:
    """Return the tone a person named in Vietnamese or English. Raises UsageError for anything else."""
    tone = find_tone(text)
    if tone is None:
        raise UsageError("cli.unknown_tone", value=text)
    return tone


def parse_topic(text: str) -> str:
    """Return the id of the topic that a person named. Raises UsageError saying what may have been meant."""
    topic = find_topic(text)
    if topic is None:
        raise UsageError("corrections.bad_topic", value=text, meant=", ".join(near_topics(text)))
    return topic


def check_outlets(installation: Installation, outlets: Iterable[str]) -> None:
    """Raise UsageError for an outlet that neither the catalogue nor an article that can be found names."""
    ids = {outlet_key(name): source.id for source in installation.sources for name in (source.name, source.id)}
    for outlet in outlets:
        key = outlet_key(outlet)
        searches = (Filters(outlets=(outlet,), marks=marks) for marks in ((), MARKS["dropped"]))
        if key in ids or any(installation.indexes.search(SearchRequest(filters=one)).total for one in searches):
            continue
        if near := get_close_matches(key, ids, n=3, cutoff=0.6):
            meant = ", ".join(dict.fromkeys(ids[one] for one in near))
            raise UsageError("cli.unknown_outlet_near", value=outlet, meant=meant)
        raise UsageError("cli.unknown_outlet", value=outlet)


def _highlighted(fragment: str) -> str:
    """Return a fragment with its matched words in bold; brackets of its own are no markup."""
    marked = ((part, bool(number % 2)) for number, part in enumerate(re.split(r"\[\[(.*?)\]\]", fragment)))
    return "".join(f"[bold]{escape(part)}[/bold]" if found else escape(part) for part, found in marked)


def _print_hits(session: Session, hits: tuple[Hit, ...]) -> None:
    table = Table(show_header=False, box=None, padding=(0, 1, 1, 0))
    for hit in hits:
        tones = ", ".join(f"{unit}: {session.text(f'tone_{tone}')}" for unit, tone in hit.tones.items())
        found = _highlighted(hit.highlights[0]) if hit.highlights else escape(hit.lead)
        when = spell_local(hit.published_at)
        about = " · ".join(part for part in (escape(hit.outlet), tones, mark_words(hit.marks, session.lang)) if part)
        table.add_row(when, f"[bold]{escape(hit.title)}[/bold]\n{about}\n{found}\n{escape(hit.url)}")
    Console().print(table)
