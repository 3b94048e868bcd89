"""Several processes at one store, and a process that is killed in the middle."""

import subprocess
import sys
import time

import pytest

from pipeline.store import open_store

WRITER = """
import sys
from tests.pipeline.documents import judged, make_document
from pipeline.store import open_store
store = open_store(sys.argv[1])
for batch in range(int(sys.argv[2])):
    docs = [make_document(f"{batch}-{n}", annotation=judged("cao-bang")) for n in range(20)]
    counts = store.put_documents(docs, targets=("embedded",), progress=("segment", batch + 1))
    print(counts.new, flush=True)
"""


def writer(url: str, batches: int) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", WRITER, url, str(batches)], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("delay_s", [0.01, 0.05, 0.11])
def test_documents_outbox_and_progress_agree_after_sigkill(store_url: str, delay_s: float) -> None:
    with writer(store_url, 10_000) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay_s)
        process.kill()
        confirmed = 1 + len(process.stdout.readlines()[:-1])
    store = open_store(store_url)
    batches = store.segment_progress("segment")
    assert batches >= confirmed
    assert store.counts().documents == store.outbox_size("embedded") == 20 * batches
    store.close()


def test_two_processes_that_store_the_same_articles_store_them_once(store_url: str) -> None:
    open_store(store_url).close()
    processes = [writer(store_url, 15) for _ in range(2)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert sum(int(line) for output in outputs for line in output.split()) == 300
    store = open_store(store_url)
    assert store.counts().documents == store.outbox_size("embedded") == 300
    store.close()
