"""The program: its global options, the visible list of its commands, and their help in one language.

Commands are written with message keys as help texts; `build_application` puts the sentences in.
"""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption
from typer.main import get_command

from config.messages import Lang, message
from pipeline.cli import (
    alert_commands,
    batch_commands,
    collect_commands,
    correct_commands,
    deliver_commands,
    digest_commands,
    evaluate_commands,
    index_commands,
    keep_commands,
    kibana_commands,
    process_commands,
    read_commands,
    serve_commands,
    story_commands,
)
from pipeline.cli.session import Session, configure_logging

COMMAND_GROUPS = (
    collect_commands,
    process_commands,
    serve_commands,
    digest_commands,
    read_commands,
    alert_commands,
    deliver_commands,
    correct_commands,
    batch_commands,
    story_commands,
    evaluate_commands,
    index_commands,
    keep_commands,
    kibana_commands,
)
"""In the order of the help page."""

HELP_OPTIONS = ["-h", "--help"]


def build_application(lang: Lang) -> TyperGroup:
    """Return the program with all help texts in one language."""
    program = typer.Typer(
        help="help",
        callback=start,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": HELP_OPTIONS},
    )
    for group in COMMAND_GROUPS:
        program.add_typer(group.commands)
    command = get_command(program)
    assert isinstance(command, TyperGroup)  # noqa: S101 - a program of several commands is a group
    _translate(command, lang)
    return command


def start(
    ctx: typer.Context,
    home: Annotated[Path, typer.Option(envvar="DIEMBAO_HOME", help="opt_home", metavar="DIR")] = Path(),
    lang: Annotated[Lang, typer.Option(envvar="DIEMBAO_LANG", help="opt_lang")] = "vi",
    debug: Annotated[bool, typer.Option("--debug", help="opt_debug")] = False,
) -> None:
    """Prepare what every command shares."""
    configure_logging(debug=debug)
    ctx.obj = Session(home=home.expanduser().absolute(), lang=lang, debug=debug)


def _translate(command: Any, lang: Lang) -> None:
    """Put sentences for keys. The library keeps its command classes to itself, hence no type."""
    if command.help:
        command.help = message(f"cli.{command.help}", lang)
    for param in command.params:
        if isinstance(param, TyperOption | TyperArgument) and param.help:
            param.help = message(f"cli.{param.help}", lang)
    help_names = command.context_settings.get("help_option_names", HELP_OPTIONS)
    help_option = command.get_help_option(typer.Context(command, help_option_names=help_names))
    if help_option:
        help_option.help = message("cli.opt_help", lang)
    if isinstance(command, TyperGroup):
        for child in command.commands.values():
            _translate(child, lang)
