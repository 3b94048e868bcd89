"""A real year of headlines goes through the import: nothing lost, nothing doubled, in bounded memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

MAX_MEMORY_KB = 1_000_000


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_a_year_is_imported_once_in_bounded_memory(eval_data: Path, tmp_path: Path) -> None:
    most_memory_kb = 0

    def diembao(*args: str) -> str:
        nonlocal most_memory_kb
        command = [sys.executable, "-m", "pipeline.cli", "--lang", "en", "--home", str(tmp_path), *args]
        with (tmp_path / "said").open("w+") as out, (tmp_path / "errors").open("w+") as errors:
            process = subprocess.Popen(command, stdout=out, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)  # of this process, not the largest that the test run ever had
            process.returncode = os.waitstatus_to_exitcode(status)
            most_memory_kb = max(most_memory_kb, usage.ru_maxrss)
            assert process.returncode == 0, (tmp_path / "errors").read_text(encoding="utf-8")[-2000:]
            return (tmp_path / "said").read_text(encoding="utf-8")

    stream = str(eval_data / "data/stream.jsonl.xz")
    diembao("init", "--province", "quang-ninh")
    first = diembao("import", stream)
    assert "Looked at 144389:" in first
    status = json.loads(diembao("status", "--json"))
    again = diembao("import", stream)
    assert "new 0 " in again
    after = json.loads(diembao("status", "--json"))
    assert {key: after[key] for key in ("documents", "assessed", "indexed", "outbox")} == {
        key: status[key] for key in ("documents", "assessed", "indexed", "outbox")
    }
    assert status["indexed"] == status["assessed"] > 0
    assert status["outbox"] == 0
    assert most_memory_kb < MAX_MEMORY_KB
