"""A process that is killed in the middle leaves whole batches behind."""

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
for batch in range(10_000):
    docs = [make_document(f"{batch}-{n}", annotation=judged("cao-bang")) for n in range(20)]
    store.put_documents(docs, targets=("embedded",), progress=("segment", batch + 1))
    print(batch, flush=True)
"""


@pytest.mark.parametrize("delay_s", [0.01, 0.05, 0.11])
def test_documents_outbox_and_progress_agree_after_sigkill(store_url: str, delay_s: float) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, store_url], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(delay_s)
        writer.kill()
        confirmed = 1 + max((int(line) for line in writer.stdout if line.strip()), default=0)
    store = open_store(store_url)
    batches = store.segment_progress("segment")
    assert batches >= confirmed
    assert store.counts().documents == store.outbox_size("embedded") == 20 * batches
    store.close()
