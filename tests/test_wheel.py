"""The wheel holds every data file and works in an environment of its own, outside the checkout."""

import json
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pipeline.cli.items import write_items

ROOT = Path(__file__).parent.parent
PACKAGES = ("config", "crawlers", "pipeline", "classifiers", "dashboards")

pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(folder),
    ]
    subprocess.run([*command, str(tracked_copy(folder / "source"))], check=True, cwd=folder)
    (found,) = folder.glob("diembao-*.whl")
    return found


def tracked_copy(folder: Path) -> Path:
    """Copy what git tracks, so that nothing a build leaves behind gets into the wheel or the checkout."""
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def tracked(*folders: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The program in a fresh environment that sees the dependencies of this one, but not the checkout."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    yield folder / "bin/python"


def test_every_data_file_is_in_the_wheel(wheel: Path) -> None:
    assert set(tracked(*PACKAGES)) <= set(zipfile.ZipFile(wheel).namelist())


def test_nothing_else_is_in_the_wheel(wheel: Path) -> None:
    names = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in names if not name.startswith("diembao-")} == set(PACKAGES)


def test_the_installed_program_works_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    def diembao(*args: str) -> str:
        command = [str(installed), "-m", "pipeline.cli", "--home", str(tmp_path / "home"), "--lang", "en", *args]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = subprocess.run(
        [installed, "-c", "import pipeline; print(pipeline.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(ROOT) not in where.stdout
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    diembao("digest", "--date", "2026-03-05", "--output", "out")
    assert json.loads((tmp_path / "out/digest.json").read_text(encoding="utf-8"))["counts"]["total"] == 3
    assert json.loads(diembao("search", "bản giốc", "--json"))["total"] == 1
