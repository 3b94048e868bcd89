"""A real year of headlines goes through the import: nothing lost, nothing doubled, in bounded memory."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

MAX_MEMORY_KB = 1_000_000


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_a_year_is_imported_once_in_bounded_memory(eval_data: Path, tmp_path: Path) -> None:
    def diembao(*args: str) -> str:
        command = [sys.executable, "-m", "pipeline.cli", "--lang", "en", "--home", str(tmp_path), *args]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

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
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MAX_MEMORY_KB
