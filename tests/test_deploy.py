"""The unit and the container file: their form is checked here, where neither can be started."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from config.settings import ServeSettings
from tests.conftest import skip_or_fail

ROOT = Path(__file__).parent.parent
UNIT = (ROOT / "config/deploy/diembao.service").read_text(encoding="utf-8")
CONTAINER = (ROOT / "config/deploy/Containerfile").read_text(encoding="utf-8")
EXPOSURE_MAX = 20
"""Tenths of systemd's own measure of what a unit may do, of 100; a unit without any care has 96."""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a program that exists, for systemd looks."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        skip_or_fail("systemd-analyze is not installed: the unit is not verified")
    path = tmp_path / "diembao.service"
    path.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT, flags=re.MULTILINE), encoding="utf-8")
    return path


def analyze(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *args], capture_output=True, text=True, check=False)


def test_systemd_understands_every_line(unit: Path) -> None:
    done = analyze("verify", str(unit))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_unit_may_do_little(unit: Path) -> None:
    done = analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", "--no-pager", str(unit))
    assert done.returncode == 0, done.stdout[-200:]


def test_the_unit_gives_a_stop_the_time_it_takes() -> None:
    values = dict(re.findall(r"^(\w+)=(.*)$", UNIT, flags=re.MULTILINE))
    assert (values["User"], values["KillMode"], values["Type"]) == ("diembao", "mixed", "notify")
    assert int(values["TimeoutStopSec"].removesuffix("s")) > 10
    assert values["ExecStart"].endswith("diembao serve")


def test_what_the_image_copies_is_there_and_complete() -> None:
    copied = {
        name
        for line in re.findall(r"^COPY (?!--from)(.+)$", CONTAINER, flags=re.MULTILINE)
        for name in line.split()[:-1]
    }
    assert all((ROOT / name).exists() for name in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages | {"pyproject.toml", "constraints.txt", project["project"]["readme"]} <= copied
    assert set(project["project"]["license-files"]) <= copied


def test_the_image_runs_unprivileged_and_is_asked_how_it_is() -> None:
    last_stage = CONTAINER.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", last_stage, flags=re.MULTILINE)
    assert re.search(r"^VOLUME /var/lib/diembao$", last_stage, flags=re.MULTILINE)
    port = ServeSettings().listen.rpartition(":")[2]
    assert f"EXPOSE {port}" in last_stage
    assert f"http://127.0.0.1:{port}/healthz" in last_stage
    assert f"DIEMBAO_SERVE__LISTEN=0.0.0.0:{port}" in last_stage
    assert 'CMD ["serve"]' in last_stage


def test_both_are_based_on_the_version_of_python_that_is_tested() -> None:
    images = re.findall(r"^FROM (\S+)", CONTAINER, flags=re.MULTILINE)
    assert set(images) == {"docker.io/library/python:3.11-slim"}
