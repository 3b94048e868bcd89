"""`digest` as people call it: an edition of a day, a week, some days; a draft, and the edition that follows it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.cli.conftest import Diembao
from tests.pipeline.cli.items import write_items

DRAFT = "drafts/cao-bang.2026-03-05.yaml"


@pytest.fixture
def office(diembao: Diembao, tmp_path: Path) -> Diembao:
    diembao("init", "--province", "cao-bang", lang="vi")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    return diembao


def test_a_range_and_a_foreign_week_have_folders_and_subjects_of_their_own(office: Diembao, home: Path) -> None:
    ran = office("digest", "--from", "2026-03-04", "--to", "2026-03-06", "--format", "text,json", lang="vi")
    assert ran.code == 0
    assert "[Điểm báo giao ban] Tỉnh Cao Bằng – 4/3–6/3/2026: 3 tin" in ran.out
    facts = json.loads((home / "digests/2026-03-06.range.2026-03-04/digest.json").read_text(encoding="utf-8"))
    assert (facts["kind"], facts["window"]["from"]) == ("range", "2026-03-03T07:00:00+07:00")
    week = office("digest", "--edition", "foreign-weekly", "--date", "2026-03-05", "--format", "html", lang="vi")
    assert "[Điểm báo nước ngoài hằng tuần] Tỉnh Cao Bằng – 27/2–5/3/2026: 0 tin" in week.out
    assert (home / "digests/2026-03-05.foreign-weekly/digest.html").is_file()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--from", "2026-03-04"), "needs both --from and --to"),
        (("--from", "2026-03-04", "--to", "2026-03-05", "--date", "2026-03-05"), "needs both --from and --to"),
        (("--from", "2026-03-04", "--to", "2026-03-05", "--edition", "foreign-weekly"), "needs both --from and --to"),
        (("--from", "2026-03-05", "--to", "2026-03-04"), "2026-03-04"),
        (("--from", "2025-03-05", "--to", "2026-03-04"), "365 days are too many"),
        (("--edition", "monthly"), "monthly"),
    ],
)
def test_options_that_do_not_go_together(office: Diembao, args: tuple[str, ...], said: str) -> None:
    ran = office("digest", *args)
    assert ran.code == 2
    assert said in ran.err


def test_a_draft_is_written_edited_and_followed(office: Diembao, home: Path, tmp_path: Path) -> None:
    first = office("digest", "--draft", "--date", "2026-03-05", "--by", "Lan")
    assert first.code == 0
    path = home / DRAFT
    assert f"Draft: {path}" in first.out
    assert "sealed" not in first.out
    assert "there are no new items" in office("digest", "--draft", "--date", "2026-03-05").out
    text = path.read_text(encoding="utf-8")
    assert 'by: "Lan"' in text
    assert '# title: "Thác Bản Giốc ở Cao Bằng lọt tốp điểm đến đẹp nhất châu Á"' in text
    path.write_text(text.replace("outlook: |\n", "outlook: |\n  Sẽ có đoàn kiểm tra.\n"), encoding="utf-8")
    issued = office("digest", "--date", "2026-03-05", "--output", str(tmp_path / "out"))
    assert "Edited by Lan." in issued.out
    assert "Sẽ có đoàn kiểm tra." in (tmp_path / "out/digest.txt").read_text(encoding="utf-8")


def test_run_says_that_changes_came_after_sealing(office: Diembao, home: Path) -> None:
    office("digest", "--date", "2026-03-05")
    draft = office("digest", "--draft", "--date", "2026-03-05", "--by", "Lan")
    path = home / DRAFT
    command = "diembao digest --date 2026-03-05 --revise"
    assert f"sealed; only a revision takes in what you edit, issued with: {command}\n" in draft.out
    assert f"khi chạy: {command}\n" in path.read_text(encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace("outlook: |\n", "outlook: |\n  Thêm.\n"), encoding="utf-8")
    again = office("digest", "--date", "2026-03-05")
    assert (again.code, "digest --revise" in again.err) == (0, True)


def test_a_mistake_is_one_sentence_with_file_and_line(office: Diembao, home: Path) -> None:
    office("digest", "--draft", "--date", "2026-03-05")
    path = home / DRAFT
    path.write_text(path.read_text(encoding="utf-8").replace("outlook: |\n", "outlook: |\nMưa\n"), encoding="utf-8")
    ran = office("digest", "--date", "2026-03-05")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"{path}, line 1" in ran.err
    assert "not valid YAML" in ran.err


@pytest.mark.parametrize("broken", [False, True])
def test_on_a_terminal_the_editor_opens_and_what_it_leaves_is_checked(
    office: Diembao, home: Path, broken: bool
) -> None:
    """A real terminal, and an editor that is a program like any other; it also opens a draft that cannot be read."""
    if broken:
        office("digest", "--draft", "--date", "2026-03-05", "--by", "Lan")
        path = home / DRAFT
        path.write_text(path.read_text(encoding="utf-8").replace("outlook: |\n", "outlok: |\n"), encoding="utf-8")
    script = home / "editor.py"
    script.write_text(
        "import pathlib, re, sys\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "written = 'outlook: |\\n  Viết trong trình soạn thảo.\\n'\n"
        "path.write_text(re.sub(r'outloo?k: \\|\\n', written, path.read_text('utf-8')), 'utf-8')\n",
        encoding="utf-8",
    )
    ours, theirs = pty.openpty()
    program = [sys.executable, "-m", "pipeline.cli", "--home", str(home), "--lang", "en"]
    done = subprocess.run(
        [*program, "digest", "--draft", "--date", "2026-03-05", "--by", "Lan"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ | {"EDITOR": f"{sys.executable} {script}", "VISUAL": "", "TERM": "dumb"},
        timeout=240,
        check=False,
    )
    os.close(theirs)
    printed = os.read(ours, 100_000).decode()
    os.close(ours)
    assert (done.returncode, "The draft can be followed." in printed) == (0, True), printed
    assert ("there is no key “outlok”" in printed) is broken
    assert "Viết trong trình soạn thảo." in (home / DRAFT).read_text(encoding="utf-8")
