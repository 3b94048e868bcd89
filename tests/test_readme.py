"""Every command of the README is run, in its order, by a shell; the two set-up commands are those of the Makefile."""

import lzma
import os
import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.pipeline.cli.items import write_items, write_labelled
from tests.press.server import Press
from tests.press.small import small_site
from tests.smtp.server import Mailroom

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SET_UP = {"make demo", "make test"}
PART_MISSING = 3
RECIPIENTS = "recipients: [{name: Nguyễn Thị Mẫu, to: mau@tinh.example}]\n"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def console_lines() -> list[str]:
    return [line.removeprefix("$ ") for block in blocks("console") for line in block.splitlines()]


def test_the_set_up_commands_exist() -> None:
    assert {line for block in blocks("sh") for line in block.splitlines()} == SET_UP
    made = subprocess.run(["make", "--dry-run", "demo", "test"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "run_demo" in made.stdout
    assert "pytest" in made.stdout


def test_every_dependency_has_its_reason_in_the_table() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [name for names in project["optional-dependencies"].values() for name in names]
    declared = {re.split(r"[\[<>=]", name)[0] for name in project["dependencies"] + extras}
    table = README.partition("## Dependencies")[2].partition("\n## ")[0]
    named = {
        name for row in re.findall(r"^\| (?!package|---)(.*?) \|", table, re.M) for name in re.findall(r"[\w-]+", row)
    }
    assert {name for name in declared if not name.startswith(("types-", "pytest-"))} <= named


@pytest.mark.timeout(600)  # some thirty starts of the program
def test_every_command_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loopback press replaces the catalogue after each `init`; the files that commands name are written here."""
    items = write_items(tmp_path / "items.jsonl")
    write_labelled(tmp_path / "corrections.jsonl", by="Lan")
    (tmp_path / "tin.jsonl.xz").write_bytes(lzma.compress(items.read_bytes()))
    text = "Đoạn đường mới đã thông xe. " * 40
    page = f"<title>Cao Bằng thông xe</title><article><p>{text}</p></article>"
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parent.parent)
    for name in [name for name in os.environ if name.startswith("DIEMBAO_")]:
        monkeypatch.delenv(name)
    environment = os.environ | {"HOME": str(tmp_path), "DIEMBAO_CRAWL__ALLOW_LOOPBACK": "true"}
    exports = []
    with Press(small_site(datetime.now(UTC))) as press, Mailroom() as mailroom:
        smtp = {"HOST": "127.0.0.1", "PORT": str(mailroom.port), "SECURITY": "none", "SENDER": "diembao@tinh.example"}
        environment |= {f"DIEMBAO_SMTP__{key}": value for key, value in smtp.items()}
        for line in console_lines():
            if line.startswith("export "):
                exports.append(line)
                continue
            script = "\n".join([*exports, line])
            done = subprocess.run(
                ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
            if " init " in line:
                home = tmp_path / ("press-monitor" if exports else "diembao")
                (home / "sources.yaml").write_text(press.sources_yaml(), encoding="utf-8")
                (home / "recipients.yaml").write_text(RECIPIENTS, encoding="utf-8")
    assert (tmp_path / "diem-bao-0503/digest.html").stat().st_size > 0
    assert (tmp_path / "labels.jsonl").read_text(encoding="utf-8").count("\n") == 5
    kinds = [one.mail["List-Id"].partition(".")[0] for one in mailroom.messages]
    assert sorted(kinds) == ["<digest", "<digest", "<test", "<test"], "one of each for each of the two homes"
