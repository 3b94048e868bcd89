"""Entry point: choose the language, run the command, turn an expected error into one sentence and an exit code."""

import gettext
import os
import sys
import traceback
from collections.abc import Sequence
from enum import IntEnum

from config.errors import DiembaoError
from config.files import data_path
from config.messages import LANGS, Lang, message


class ExitCode(IntEnum):
    """What a command reports to the shell."""

    DONE = 0
    FAILED = 1
    WRONG_USE = 2
    PART_MISSING = 3
    """Done, but some sources were down or some lines were set aside."""
    STOPPED = 130
    """Ctrl-C; everything stored so far is whole."""


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and exit."""
    args = list(sys.argv[1:] if argv is None else argv)
    lang = choose_lang(args, os.environ.get("DIEMBAO_LANG", ""))
    _translate_library(lang)
    try:
        # Imported here: the command-line library reads its translations when it is imported.
        from pipeline.cli.application import build_application  # noqa: PLC0415

        build_application(lang)(args, prog_name="diembao")
    except KeyboardInterrupt:
        sys.stderr.write(message("cli.stopped", lang) + "\n")
        raise SystemExit(int(ExitCode.STOPPED)) from None
    except SystemExit as exc:
        if exc.code == ExitCode.STOPPED:
            sys.stderr.write(message("cli.stopped", lang) + "\n")
        raise
    except Exception as exc:
        if "--debug" in args:
            traceback.print_exc()
        text, code = _explain(exc, lang)
        sys.stderr.write(message("cli.error", lang, text=text) + "\n")
        raise SystemExit(int(code)) from None


def _explain(exc: Exception, lang: Lang) -> tuple[str, int]:
    """One sentence and an exit code for whatever went wrong."""
    if isinstance(exc, DiembaoError):
        return exc.text(lang), exc.exit_code
    if isinstance(exc, OSError) and exc.filename:
        return message("cli.file_problem", lang, path=exc.filename, detail=exc.strerror), ExitCode.FAILED
    return message("cli.unexpected", lang, kind=type(exc).__name__, detail=exc), ExitCode.FAILED


def choose_lang(args: Sequence[str], environment: str) -> Lang:
    """Return ``--lang``, else ``DIEMBAO_LANG``, else Vietnamese; a wrong value is left to the option's own check."""
    chosen = environment
    for position, arg in enumerate(args):
        if arg == "--lang" and position + 1 < len(args):
            chosen = args[position + 1]
        elif arg.startswith("--lang="):
            chosen = arg.partition("=")[2]
    return next((lang for lang in LANGS if lang == chosen), "vi")


def _translate_library(lang: Lang) -> None:
    os.environ["LANGUAGE"] = lang
    gettext.bindtextdomain("messages", str(data_path("locale")))
