"""A real year of headlines goes through the import: nothing lost, nothing doubled, in bounded memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MAX_MEMORY_KB = 1_000_000
MEASURED = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""
"""Runs a command and writes its peak in KB. A process starts with the peak of the one that started it: hence one that
is small, and not the test run, which may have held models."""


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_a_year_is_imported_once_in_bounded_memory(eval_data: Path, tmp_path: Path) -> None:
    most_memory_kb = 0

    def diembao(*args: str) -> str:
        nonlocal most_memory_kb
        peak = tmp_path / "peak"
        command = [sys.executable, "-m", "pipeline.cli", "--lang", "en", "--home", str(tmp_path), *args]
        with (tmp_path / "said").open("w+") as out, (tmp_path / "errors").open("w+") as errors:
            measured = [sys.executable, "-c", MEASURED, str(peak), *command]
            process = subprocess.run(measured, check=False, stdout=out, stderr=errors)
            assert process.returncode == 0, (tmp_path / "errors").read_text(encoding="utf-8")[-2000:]
            most_memory_kb = max(most_memory_kb, int(peak.read_text()))
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
