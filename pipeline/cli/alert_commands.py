"""alerts: what was unusual, who has taken it on, and what rules would have found in the past."""

from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from config.localtime import local_day, spell_local
from config.units import find_unit, unit_names
from pipeline.alerts.facts import alert_facts, event_facts
from pipeline.cli.deliver_commands import say_delivery
from pipeline.cli.main import ExitCode
from pipeline.cli.process_commands import DAY, check_days
from pipeline.cli.session import Session, leave, print_json, session_of
from pipeline.cli.summaries import say_check
from pipeline.records import Alert

commands = typer.Typer()
alerts = typer.Typer(help="alerts_help", no_args_is_help=True)
commands.add_typer(alerts, name="alerts")

LISTED_DAYS = 28
"""Closed alerts that are older are listed with ``--since`` only."""


@alerts.command("check", help="alerts_check_help")
def check(
    ctx: typer.Context,
    assume_complete: Annotated[bool, typer.Option("--assume-complete", help="opt_assume_complete")] = False,
) -> None:
    session = session_of(ctx)
    with session.installation().locked() as installation:
        report = installation.alerts.check(assume_complete=assume_complete)
        say_check(session, report)
        if not report.events or not installation.office.reachable:
            return
        sending = installation.office.deliver(kind="alert")
        say_delivery(session, sending, installation.store)
    if sending.troubled:
        leave(ExitCode.PART_MISSING)


@alerts.command("list", help="alerts_list_help")
def list_alerts(
    ctx: typer.Context,
    unit: Annotated[list[str] | None, typer.Option(metavar="UNIT", help="opt_unit")] = None,
    since: Annotated[datetime | None, typer.Option(formats=DAY, metavar="YYYY-MM-DD", help="opt_since")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False,
) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        today = local_day(installation.now())
        first = since.date() if since else today - timedelta(days=LISTED_DAYS)
        found = installation.alerts.alerts(units=[find_unit(one) for one in unit or ()], since=first)
        days = installation.alerts.last_days(today)
    if as_json:
        judged = [{"unit": one.unit, "date": one.day.isoformat(), "state": one.state} for one in days]
        print_json({"alerts": [alert_facts(one) for one in found], "today": judged})
        return
    if not found:
        session.say("alerts_none")
    for one in found:
        typer.echo(alert_line(session, one))
    for day in days:
        if day.state in ("insufficient_data", "learning"):
            session.say(f"alerts_{day.state}", unit=unit_names()[day.unit])


@alerts.command("show", help="alerts_show_help")
def show(
    ctx: typer.Context,
    alert_id: Annotated[str, typer.Argument(metavar="ID", help="arg_alert")],
    as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False,
    html: Annotated[Path | None, typer.Option(metavar="FILE.html", help="opt_alert_html")] = None,
) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        desk = installation.alerts
        alert, events = desk.alert(alert_id), desk.events(alert_id)
        if html:
            html.write_text(desk.render(alert, session.lang, "html"), encoding="utf-8")
        elif as_json:
            print_json(alert_facts(alert) | {"history": [event_facts(event) for event in events]})
        else:
            typer.echo(desk.render(alert, session.lang, "text"))
            for event in events:
                what = session.text(f"alert_event_{event.kind}", level=event.level)
                by = f" · {event.by}" if event.by else ""
                note = f": {event.note}" if event.note else ""
                typer.echo(f"  {spell_local(event.at)}  {what}{by}{note}")


@alerts.command("ack", help="alerts_ack_help")
def ack(
    ctx: typer.Context,
    alert_id: Annotated[str, typer.Argument(metavar="ID", help="arg_alert")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="opt_by")],
    note: Annotated[str, typer.Option(help="opt_alert_note")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="opt_alert_undo")] = False,
) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        desk = installation.alerts
        answer = desk.hand_back if undo else desk.acknowledge
        alert = answer(alert_id, by=by, note=note)
    session.say("alerts_handed_back" if undo else "alerts_acknowledged", id=alert.id, by=by.strip())


@alerts.command("replay", help="alerts_replay_help")
def replay(
    ctx: typer.Context,
    since: Annotated[datetime, typer.Option(formats=DAY, metavar="YYYY-MM-DD", help="opt_since")],
    until: Annotated[datetime, typer.Option(formats=DAY, metavar="YYYY-MM-DD", help="opt_until")],
    unit: Annotated[str, typer.Option(metavar="UNIT", help="opt_replay_unit")] = "",
    assume_complete: Annotated[bool, typer.Option("--assume-complete", help="opt_assume_complete")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False,
) -> None:
    session = session_of(ctx)
    check_days(since.date(), until.date())
    with closing(session.installation()) as installation:
        chosen = find_unit(unit) if unit else installation.settings.province
        found = installation.alerts.replay(chosen, since.date(), until.date(), assume_complete=assume_complete)
    if as_json:
        print_json([alert_facts(one) for one in found])
        return
    if not found:
        session.say("alerts_none")
    for one in found:
        typer.echo(alert_line(session, one))
        for story in one.stories:
            typer.echo(f"      {story.title} ({story.outlet})")


def alert_line(session: Session, alert: Alert) -> str:
    """Return an alert on one line."""
    fields: dict[str, Any] = {
        "id": alert.id,
        "level": session.text(f"alert_level_{alert.level}"),
        "unit": unit_names()[alert.unit],
        "observed": alert.observed,
        "day": _day(alert.peak_day),
        "state": session.text(f"alert_state_{alert.state}"),
        "by": f" ({alert.acknowledged_by})" if alert.acknowledged_by else "",
    }
    if alert.kind == "grave":
        return session.text("alert_line_grave", **fields)
    return session.text("alert_line_spike", **fields, expected=round(alert.expected or 0.0, 1))


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
