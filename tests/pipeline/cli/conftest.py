"""The program, run in this process as a person would from a shell."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from pipeline.cli.main import main


@dataclass(frozen=True, slots=True)
class Ran:
    """What one command did."""

    code: int
    out: str
    err: str


Diembao = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def diembao(home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Diembao]:
    """Run one command on ``home`` in English and return its exit code and what it printed."""
    for name in [name for name in os.environ if name.startswith("DIEMBAO_") and name != "DIEMBAO_REQUIRE_ALL"]:
        monkeypatch.delenv(name)

    def run(*args: str, lang: str = "en") -> Ran:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["--home", str(home), "--lang", lang, *args])
        printed = capfd.readouterr()
        return Ran(int(left.value.code or 0), printed.out, printed.err)

    yield run
    structlog.reset_defaults()  # commands log to the standard error of their own test
