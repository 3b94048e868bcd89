"""The record that the service keeps of its jobs."""

from datetime import UTC, datetime, timedelta

from pipeline.store import Store

AT = datetime(2026, 3, 5, 0, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)


def test_a_run_from_its_start_to_its_end(store: Store) -> None:
    assert store.jobs() == {}
    store.start_job("digest", AT)
    running = store.jobs()["digest"]
    assert (running.finished_at, running.done_at, running.outcome) == (None, None, "")
    store.finish_job("digest", LATER, "done", done=True)
    done = store.jobs()["digest"]
    assert (done.started_at, done.finished_at, done.done_at, done.outcome) == (AT, LATER, AT, "done")


def test_failures_in_a_row_are_counted_until_one_run_comes_to_its_end(store: Store) -> None:
    for number in range(1, 4):
        store.start_job("backup", AT)
        store.finish_job("backup", LATER, "failed", done=False, problem="Đĩa đầy")
        failed = store.jobs()["backup"]
        assert (failed.failures, failed.problem, failed.done_at) == (number, "Đĩa đầy", None)
    store.start_job("backup", LATER)
    assert store.jobs()["backup"].failures == 3, "it is shown until it is mended"
    store.finish_job("backup", LATER, "busy", done=False)
    assert store.jobs()["backup"].failures == 3, "to be kept waiting is no failure, and mends none"
    store.start_job("backup", LATER)
    store.finish_job("backup", LATER, "partial", done=True)
    mended = store.jobs()["backup"]
    assert (mended.failures, mended.problem, mended.done_at) == (0, "", LATER)


def test_a_run_that_was_stopped_leaves_what_was_done_before(store: Store) -> None:
    store.start_job("digest", AT)
    store.finish_job("digest", AT, "done", done=True)
    store.start_job("digest", LATER)
    store.finish_job("digest", LATER, "stopped", done=False)
    stopped = store.jobs()["digest"]
    assert (stopped.done_at, stopped.outcome, stopped.failures) == (AT, "stopped", 0)


def test_progress_of_segments(store: Store) -> None:
    store.note_segment("a.warc.gz", 10)
    store.note_segment("b.warc.gz", 20)
    store.note_segment("a.warc.gz", 30)
    assert store.segments_progress(["a.warc.gz", "b.warc.gz", "c.warc.gz"]) == {"a.warc.gz": 30, "b.warc.gz": 20}
    store.forget_segments(["a.warc.gz"])
    assert store.segments_progress(["a.warc.gz", "b.warc.gz"]) == {"b.warc.gz": 20}
