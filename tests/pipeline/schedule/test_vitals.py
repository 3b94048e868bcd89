"""The figures, read from a real store."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from pipeline.schedule.health import SENDING_WAITS, examine
from pipeline.schedule.vitals import take_vitals
from pipeline.store import open_store
from tests.pipeline.deliver.messages import NOW, outgoing


def test_a_message_that_is_tried_again_and_again_is_late(tmp_path: Path) -> None:
    later = NOW + SENDING_WAITS + timedelta(minutes=1)
    to_come = outgoing("b", not_before_at=later + timedelta(hours=1))
    with closing(open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")) as store:
        store.plan_deliveries([outgoing("a"), to_come], NOW)
        (due,) = store.due_deliveries(NOW)
        store.note_retry(due.id, NOW, next_at=later + timedelta(minutes=20), reason="server_later", detail="")
        vitals = take_vitals(store, (), tmp_path, tmp_path / "inbox", later, units=())
    assert (vitals.waiting["deliveries"], vitals.since["deliveries"]) == (1, NOW)
    assert "send_late" in [reason.code for reason in examine(vitals).reasons if reason.severe]
