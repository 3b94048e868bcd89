"""Alerts in the store: kept whole, changed by one at a time, told once."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from pipeline.alerts.life import Step, acknowledge
from pipeline.records import Alert, AlertEvent, FailedSource
from pipeline.store import Store
from pipeline.store.alerts import JudgedDay, WatchedDay
from tests.dashboards.alerts.specimen import DAY, SPIKE, at

UNITS = frozenset({SPIKE.unit})
OPENED = AlertEvent(alert_id=SPIKE.id, kind="opened", level=SPIKE.level, at=at(14))


def opening(_: Sequence[Alert]) -> list[Step]:
    return [(SPIKE, OPENED)]


def test_an_alert_comes_back_as_it_was_kept(store: Store) -> None:
    judged = JudgedDay(
        unit=SPIKE.unit, day=DAY, state="alert", level=2, observed=11, expected=1.6, p_value=0.01, judged_at=at(14)
    )
    assert store.change_alerts(SPIKE.unit, DAY, opening, days=[judged]) == [OPENED]
    assert store.alert(SPIKE.id) == SPIKE
    assert store.alert("another") is None
    assert store.alerts(units=UNITS) == [SPIKE]
    assert store.alerts(units=frozenset({"da-nang"})) == []
    assert store.alerts(units=UNITS, since=DAY + timedelta(days=1)) == []
    assert store.alert_events(SPIKE.id) == [OPENED]
    assert store.judged_days(SPIKE.unit, DAY, DAY + timedelta(days=1)) == [judged]


def test_a_decision_sees_unclosed_alerts_and_late_closed_ones(store: Store) -> None:
    closed = replace(SPIKE, id="old", state="closed", last_day=DAY - timedelta(days=60), closed_at=at(8))
    waiting = replace(SPIKE, id="waits", last_day=DAY - timedelta(days=90))
    known = [(one, replace(OPENED, alert_id=one.id)) for one in (closed, waiting, SPIKE)]
    store.change_alerts(SPIKE.unit, DAY, lambda _: known)
    seen: list[str] = []

    def look(known: Sequence[Alert]) -> list[Step]:
        seen.extend(one.id for one in known)
        return []

    store.change_alerts(SPIKE.unit, DAY - timedelta(days=28), look)
    assert seen == [SPIKE.id, "waits"]


def test_an_event_is_told_once_and_an_answer_is_an_event(store: Store) -> None:
    store.change_alerts(SPIKE.unit, DAY, opening)
    (untold,) = store.untold_events()
    assert (untold.event, untold.alert) == (OPENED, SPIKE)
    store.mark_told([untold.seq], at(15))
    assert store.untold_events() == []
    taken = store.change_alert(SPIKE.id, lambda one: acknowledge(one, by="Lê Thị Thử", note="đã gọi xã", now=at(16)))
    assert taken == store.alert(SPIKE.id)
    assert taken is not None and taken.state == "acknowledged"
    (answer,) = store.untold_events()
    assert (answer.event.kind, answer.event.by, answer.event.note) == ("acknowledged", "Lê Thị Thử", "đã gọi xã")
    assert store.change_alert(SPIKE.id, lambda one: acknowledge(one, by="B", note="", now=at(17))) == taken
    assert store.change_alert("another", lambda one: acknowledge(one, by="B", note="", now=at(17))) is None


def test_how_much_was_watched_is_kept_by_day(store: Store) -> None:
    first = WatchedDay(day=DAY, coverage=0.5, failed=(FailedSource(id="a", name="Báo A", reason="hết giờ"),))
    store.note_watched([first, WatchedDay(day=DAY + timedelta(days=1), coverage=None)])
    store.note_watched([replace(first, coverage=1.0, failed=())])
    known = store.watched_days(DAY, DAY + timedelta(days=2))
    assert [(one.coverage, one.failed) for one in known] == [(1.0, ()), (None, ())]
