"""stories: find them in a file of items, list those of an installation, and correct them by hand."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from classifiers.batch import BadLine, read_items
from config.localtime import LOCAL_ZONE, local_day, spell_local
from pipeline.app import find_item_stories
from pipeline.cli.batch_commands import export_rows, reading, writing
from pipeline.cli.main import ExitCode
from pipeline.cli.process_commands import DAY, check_days
from pipeline.cli.session import Session, leave, print_json, session_of
from pipeline.cli.summaries import line_problem
from pipeline.records import Item, Story, StoryReport
from pipeline.references import find_document, find_story

FIND = "find"


class StoriesGroup(TyperGroup):
    """Commands of their own beside the batch command, ``stories IN.jsonl --output OUT.jsonl``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take what is no command's name and asks for no help for the batch command.

        The library keeps the class of ``ctx`` to itself, hence no type.
        """
        if args and args[0] not in self.commands and args[0] not in self.get_help_option_names(ctx):
            args = [FIND, *args]
        return super().parse_args(ctx, args)


commands = typer.Typer()
stories = typer.Typer(cls=StoriesGroup, help="stories_help", no_args_is_help=True)
commands.add_typer(stories, name="stories")

Who = Annotated[str, typer.Option("--by", help="opt_by", metavar="NAME")]
Note = Annotated[str, typer.Option("--note", help="opt_note")]


@stories.command(FIND, help="stories_find_help")
def find(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(help="arg_annotate", metavar="IN.jsonl|-")],
    output: Annotated[str, typer.Option(help="opt_output_file", metavar="OUT.jsonl|-")],
) -> None:
    session = session_of(ctx)
    bad: list[BadLine] = []

    def good(lines: Iterator[Item | BadLine]) -> Iterator[Item]:
        for line in lines:
            if isinstance(line, Item):
                yield line
            else:
                bad.append(line)
                session.warn("bad_line", path=file, problem=line_problem(session, line.reason, line.number))

    with reading(file) as source, writing(output) as sink, session.progress("stories_progress") as advance:
        for row in find_item_stories(good(read_items(source)), advance):
            sink.write(json.dumps(row, ensure_ascii=False) + "\n")
    if bad:
        leave(ExitCode.PART_MISSING)


@stories.command("list", help="stories_list_help")
def list_stories(
    ctx: typer.Context,
    since: Annotated[datetime | None, typer.Option(formats=DAY, metavar="YYYY-MM-DD", help="opt_since")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAY, metavar="YYYY-MM-DD", help="opt_until")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False,
) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        today = local_day(installation.now())
        last = until.date() if until else today
        first = since.date() if since else last - timedelta(days=1)
        check_days(first, last)
        found = installation.stories_between(first, last)
    if as_json:
        print_json([story_row(story) for story in found])
        return
    session.say("stories_found", count=len(found), since=first.strftime("%d/%m/%Y"), until=last.strftime("%d/%m/%Y"))
    for story in found:
        _say_story(session, story)


@stories.command(help="stories_merge_help")
def merge(
    ctx: typer.Context,
    story: Annotated[str, typer.Argument(help="arg_story", metavar="STORY")],
    other: Annotated[str, typer.Argument(help="arg_other_story", metavar="OTHER")],
    by: Who,
    note: Note = "",
) -> None:
    session = session_of(ctx)
    with session.installation().locked() as installation:
        story, other = (find_story(installation.store, one) for one in (story, other))
        number = installation.story_desk.merge(story, other, by=by, note=note)
        installation.indexes.feed()
    session.say("stories_merged", number=number, story=story, other=other)


@stories.command(help="stories_split_help")
def split(
    ctx: typer.Context,
    story: Annotated[str, typer.Argument(help="arg_story", metavar="STORY")],
    documents: Annotated[list[str], typer.Argument(help="arg_split_documents", metavar="DOCUMENT…")],
    by: Who,
    note: Note = "",
) -> None:
    session = session_of(ctx)
    with session.installation().locked() as installation:
        story = find_story(installation.store, story)
        moved = {find_document(installation.store, one).id: None for one in documents}
        number = installation.story_desk.split(story, list(moved), by=by, note=note)
        installation.indexes.feed()
    session.say("stories_split", number=number, story=story, count=len(moved))


@stories.command(help="stories_undo_help")
def undo(ctx: typer.Context, number: Annotated[int, typer.Argument(help="arg_edit", metavar="N")], by: Who) -> None:
    session = session_of(ctx)
    with session.installation().locked() as installation:
        edit = installation.story_desk.undo(number, by=by)
        installation.indexes.feed()
    session.say("stories_undone", number=number, kind=session.text(f"stories_kind_{edit.kind}"), by=edit.by)


@stories.command(help="stories_edits_help")
def edits(ctx: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        found = installation.store.story_edits()
    if as_json:
        print_json(
            [
                {
                    "number": edit.id,
                    "kind": edit.kind,
                    "story": edit.story,
                    "other": edit.other,
                    "documents": sorted(edit.moved),
                    "by": edit.by,
                    "note": edit.note,
                    "at": _local(edit.at),
                    "undone_by": edit.undone_by,
                    "undone_at": edit.undone_at and _local(edit.undone_at),
                }
                for edit in found
            ]
        )
        return
    for edit in found:
        state = "" if edit.undone_at is None else session.text("stories_edit_undone", by=edit.undone_by)
        session.say(
            "stories_edit",
            number=edit.id,
            kind=session.text(f"stories_kind_{edit.kind}"),
            story=edit.story,
            other=edit.other,
            by=edit.by,
            at=spell_local(edit.at),
            note=edit.note,
            state=state,
        )


@stories.command(help="stories_export_help")
def export(
    ctx: typer.Context,
    output: Annotated[str, typer.Option(help="opt_output_file", metavar="FILE.jsonl|-")],
) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        rows = list(installation.story_desk.pairs())
    export_rows(session, output, rows)


def story_row(story: Story) -> dict[str, Any]:
    """Return a story as plain JSON, times local."""
    return {
        "id": story.id,
        "title": story.title,
        "first": {"outlet": story.first.outlet, "at": _local(story.first.published_at)},
        "last_at": _local(story.last_at),
        "articles": story.articles,
        "outlets": {"domestic": len(story.domestic), "foreign": len(story.foreign), "by_tier": dict(story.tiers)},
        "tones": [
            {
                "unit": tone.unit,
                "current": tone.current,
                "negative": tone.negative,
                "neutral": tone.neutral,
                "positive": tone.positive,
            }
            for tone in story.tones
        ],
        "edited": story.edited,
        "reports": [_report_row(report) for report in story.reports],
    }


def _report_row(report: StoryReport) -> dict[str, Any]:
    return {
        "document": report.document_id,
        "outlet": report.outlet,
        "tier": report.tier,
        "country": report.country,
        "published_at": _local(report.published_at),
        "title": report.title,
        "url": report.url,
        "copy_of": report.copy_of,
        "articles": report.articles,
    }


def _say_story(session: Session, story: Story) -> None:
    typer.echo(f"{story.id}  {story.title}{session.text('stories_by_hand') if story.edited else ''}")
    session.say(
        "stories_line",
        outlet=story.first.outlet,
        at=spell_local(story.first.published_at),
        articles=story.articles,
        domestic=len(story.domestic),
        foreign=len(story.foreign),
    )


def _local(at: datetime) -> str:
    return at.astimezone(LOCAL_ZONE).isoformat()
