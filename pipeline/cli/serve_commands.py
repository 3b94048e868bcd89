"""serve: the program that runs day and night."""

from functools import partial

import typer

from classifiers.model_files import check_files
from pipeline.cli.session import configure_logging, session_of

commands = typer.Typer()


@commands.command(help="serve_help")
def serve(ctx: typer.Context) -> None:
    from pipeline.service.serve import serve as run_service  # noqa: PLC0415 - the schedulers take their time to import

    session = session_of(ctx)
    check_files()

    def tell(address: str) -> None:
        session.say("serve_ready" if address else "serve_ready_silent", address=address, home=session.home)

    run_service(session.installation(), prepare=partial(configure_logging, debug=session.debug), on_ready=tell)
    session.say("serve_stopped")
