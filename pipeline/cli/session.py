"""What every command shares: home, language, how to speak, how to show progress."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from config.errors import UsageError
from config.messages import Lang, message
from pipeline.app import Installation
from pipeline.cli.main import ExitCode

log = structlog.get_logger()

PROGRESS_LOG_STEP = 5000
"""Off a terminal, a log line is written each time this many more are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One call of the program."""

    home: Path
    lang: Lang
    debug: bool

    def installation(self) -> Installation:
        """Open the home folder's settings. Raises ConfigError."""
        return Installation(self.home)

    def text(self, key: str, /, **fields: object) -> str:
        """Return a sentence of the command line's own."""
        return message(f"cli.{key}", self.lang, **fields)

    def say(self, key: str, /, **fields: object) -> None:
        """Print a sentence to standard output."""
        typer.echo(self.text(key, **fields))

    def warn(self, key: str, /, **fields: object) -> None:
        """Print a sentence to standard error."""
        typer.echo(self.text(key, **fields), err=True)

    @contextmanager
    def progress(self, key: str) -> Iterator[Callable[..., None]]:
        """Show a bar on a terminal, log lines elsewhere. Yields ``advance(done, total=None)``."""
        if not sys.stderr.isatty():
            yield _log_progress(key)
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(self.text(key), total=None)
            yield lambda done, total=None: bar.update(task, completed=done, total=total)


def session_of(ctx: typer.Context) -> Session:
    """Return the session that the program's callback put into the context."""
    return cast(Session, ctx.obj)


def print_json(value: Any) -> None:
    """Print one JSON document, Vietnamese readable."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def existing_file(path: Path) -> Path:
    """Return the path of a file that is there. Raises UsageError that names it when it is not, or is a folder."""
    if not path.is_file():
        raise UsageError("cli.no_such_file", path=path)
    return path


def leave(code: ExitCode) -> NoReturn:
    """End the command with a code."""
    raise typer.Exit(int(code))


def configure_logging(*, debug: bool) -> None:
    """Send events as ``key=value`` lines to standard error; on a terminal only what needs attention."""
    quiet = sys.stderr.isatty() and not debug
    level = logging.DEBUG if debug else logging.WARNING if quiet else logging.INFO
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # its tries; what fails for good is an error of ours


def _log_progress(key: str) -> Callable[..., None]:
    reported = 0

    def advance(done: int, total: int | None = None) -> None:
        nonlocal reported
        if done - reported >= PROGRESS_LOG_STEP:
            reported = done
            log.info("progress", step=key, done=done, total=total)

    return advance
