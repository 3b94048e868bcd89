"""`diembao run` is killed at random moments on a live press; afterwards every article is there once."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.inbox import read_segment, segments
from pipeline.records import Page
from pipeline.store import open_store
from tests.press.server import Press
from tests.press.small import small_site

KILLS = 20
OUTLETS, ARTICLES = 4, 15


def run(home: Path, *, kill_after_s: float | None = None) -> float:
    """Run the program once, or kill it with SIGKILL on the way; return how long it took."""
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), "run", "--force"]
    environment = os.environ | {"DIEMBAO_CRAWL__ALLOW_LOOPBACK": "true"}
    started = time.monotonic()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            _, errors = process.communicate(timeout=kill_after_s)
            assert process.returncode == 0, errors.decode()
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    return time.monotonic() - started


def new_home(folder: Path, press: Press) -> Path:
    folder.mkdir()
    (folder / "diembao.yaml").write_text("province: cao-bang\n", encoding="utf-8")
    (folder / "sources.yaml").write_text(press.sources_yaml(), encoding="utf-8")
    return folder


@pytest.mark.long
@pytest.mark.timeout(900)
def test_every_article_is_there_once_after_twenty_kills(tmp_path: Path) -> None:
    randomness = random.Random(20260305)
    with Press(small_site(datetime.now(UTC), outlets=OUTLETS, articles=ARTICLES)) as press:
        whole_run_s = run(new_home(tmp_path / "whole", press))
        home = new_home(tmp_path / "killed", press)
        for _ in range(KILLS):
            run(home, kill_after_s=randomness.uniform(0.2, 1.0) * whole_run_s)
        run(home)
        expected = {
            press.article_url(f"outlet-{o}-article-{a}") for o in range(1, OUTLETS + 1) for a in range(1, ARTICLES + 1)
        }

    fetched = Counter(
        record.requested_url
        for segment in segments(home / "inbox")
        for record, _ in read_segment(segment)
        if isinstance(record, Page)
    )
    assert {url for url, times in fetched.items() if times > 1} == set()

    store = open_store(f"sqlite:///{home / 'store.sqlite'}")
    docs = list(store.all_documents())
    outbox = store.outbox_size("embedded")
    store.close()
    assert Counter(doc.article.url for doc in docs) == Counter(expected)
    assert {doc.version for doc in docs} == {1}
    assert outbox == 0

    command = [
        sys.executable,
        "-m",
        "pipeline.cli",
        "--home",
        str(home),
        "search",
        "cao bang",
        "--json",
        "--size",
        "1000",
    ]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert Counter(hit["url"] for hit in found["hits"]) == Counter(expected)
