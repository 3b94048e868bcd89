"""deliver, deliveries: sending what is due, and what became of it."""

from contextlib import closing
from typing import Annotated, Any, Literal, cast, get_args

import typer

from config.errors import UsageError
from config.localtime import spell_local
from config.messages import message
from pipeline.cli.main import ExitCode
from pipeline.cli.session import Session, leave, print_json, session_of
from pipeline.deliver.due import DeliveryReport
from pipeline.store import Store
from pipeline.store.deliveries import Delivery, DeliveryState

commands = typer.Typer()
deliveries = typer.Typer(help="deliveries_help", no_args_is_help=True)
commands.add_typer(deliveries, name="deliveries")

UNFINISHED: tuple[DeliveryState, ...] = ("planned", "sending", "uncertain", "refused")
TROUBLED_SHOWN = 20


@commands.command(help="deliver_help")
def deliver(
    ctx: typer.Context, test: Annotated[str | None, typer.Option("--test", metavar="NAME", help="opt_test")] = None
) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        if test is not None:
            done = installation.office.send_trial(test)
            for one in done:
                typer.echo(delivery_line(session, one))
            if any(one.state != "sent" for one in done):
                leave(ExitCode.FAILED)
            return
        report = installation.deliver()
        say_delivery(session, report, installation.store)
    if report.troubled:
        leave(ExitCode.PART_MISSING)


@deliveries.command("list", help="deliveries_list_help")
def list_deliveries(
    ctx: typer.Context,
    state: Annotated[list[str] | None, typer.Option(metavar="STATE", help="opt_state")] = None,
    size: Annotated[int, typer.Option(min=1, max=10_000, help="opt_deliveries_size")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="opt_json")] = False,
) -> None:
    session = session_of(ctx)
    states = [_state(text) for text in state or ()]
    with closing(session.installation()) as installation:
        found = installation.store.deliveries(states, limit=size)
    if as_json:
        print_json([delivery_row(one) for one in found])
        return
    if not found:
        session.say("deliveries_none")
    for one in found:
        typer.echo(delivery_line(session, one))


@deliveries.command("resend", help="deliveries_resend_help")
def resend(
    ctx: typer.Context,
    delivery_id: Annotated[int, typer.Argument(metavar="ID", help="arg_delivery")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="opt_by")],
) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        installation.office.resend(delivery_id, by)
    session.say("deliveries_resent", id=delivery_id)


@deliveries.command("settle", help="deliveries_settle_help")
def settle(
    ctx: typer.Context,
    delivery_id: Annotated[int, typer.Argument(metavar="ID", help="arg_delivery")],
    found: Annotated[Literal["sent", "refused"], typer.Option("--as", help="opt_settle_as")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="opt_by")],
) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        installation.office.settle(delivery_id, sent=found == "sent", by=by)
    session.say("deliveries_settled", id=delivery_id)


@deliveries.command("subscribe", help="deliveries_subscribe_help")
def subscribe(ctx: typer.Context, address: Annotated[str, typer.Argument(help="arg_address")]) -> None:
    session = session_of(ctx)
    with closing(session.installation()) as installation:
        if not installation.store.subscribe(address):
            raise UsageError("deliver.not_unsubscribed", address=address)
    session.say("deliveries_subscribed", address=address)


def say_delivery(session: Session, report: DeliveryReport, store: Store) -> None:
    """Print what a round sent, and what is wrong with what it could not."""
    if not (report.sent or report.troubled):
        session.say("deliver_nothing")
    else:
        session.say("deliver_done", sent=report.sent, retried=report.retried + report.waiting)
    for one in store.deliveries(UNFINISHED, limit=TROUBLED_SHOWN):
        if one.reason or one.state != "planned":
            typer.echo(delivery_line(session, one))


def delivery_line(session: Session, one: Delivery) -> str:
    """Return ``12  07:00 05/03/2026  digest → lan@tinh.example: đã gửi`` with the reason of a failure."""
    state = message(f"deliver.state_{one.state}", session.lang)
    line = session.text(
        "delivery_line", id=one.id, at=spell_local(one.due_at), kind=one.kind, recipient=one.recipient, state=state
    )
    if one.reason:
        reason = message(f"deliver.reason_{one.reason}", session.lang)
        line += f" – {reason} ({one.detail})" if one.detail else f" – {reason}"
    if one.decided_by:
        line += session.text("delivery_decided", by=one.decided_by)
    return line


def delivery_row(one: Delivery) -> dict[str, Any]:
    """Return a delivery as plain JSON."""
    return {
        "id": one.id,
        "key": one.key,
        "kind": one.kind,
        "channel": one.channel,
        "recipient": one.recipient,
        "state": one.state,
        "due_at": one.due_at.isoformat(),
        "next_at": one.next_at.isoformat() if one.state == "planned" else None,
        "sent_at": one.sent_at.isoformat() if one.sent_at else None,
        "attempts": one.attempts,
        "reason": one.reason,
        "detail": one.detail,
        "decided_by": one.decided_by,
    }


def _state(text: str) -> DeliveryState:
    if text not in get_args(DeliveryState):
        raise UsageError("cli.unknown_state", value=text, known=", ".join(get_args(DeliveryState)))
    return cast(DeliveryState, text)
