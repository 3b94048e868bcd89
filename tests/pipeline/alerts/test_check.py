"""Live alerts over a real store: what is counted, what happens after pauses, what is kept."""

import random
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.alerts.check import check_alerts, replay_alerts
from pipeline.alerts.life import acknowledge
from pipeline.records import Alert, Document
from pipeline.store import Store, open_store
from tests.pipeline.alerts.newsroom import (
    CORRUPTION,
    SENSITIVE,
    SOURCES,
    START,
    UNIT,
    burst,
    local,
    poll,
    put,
    quiet_weeks,
    report,
    room_of,
)

DAY = START + timedelta(days=40)


def check(store: Store, day: date, hour: int = 20, *, assume_complete: bool = True) -> list[str]:
    """Run a check and return what happened."""
    return [
        event.kind for event in check_alerts(room_of(store, assume_complete=assume_complete), local(day, hour)).events
    ]


def only(store: Store) -> Alert:
    (alert,) = store.alerts(units=frozenset({UNIT}))
    return alert


def test_a_burst_opens_one_alert_with_its_evidence(store: Store) -> None:
    put(store, [*quiet_weeks(), *burst(DAY, 8)])
    assert check(store, DAY) == ["opened"]
    alert = only(store)
    assert (alert.id, alert.kind, alert.state) == (f"{UNIT}-{DAY:%Y%m%d}", "spike", "open")
    assert (alert.observed, alert.outlets, len(alert.stories)) == (8, 8, 8)
    assert alert.expected is not None and 1 < alert.expected < 2
    assert alert.p_value is not None and alert.p_value < 0.02
    first = alert.stories[0]
    assert (first.outlet, first.sentence) == ("Báo 0", f"Câu nói của mới-{DAY}-0.")
    assert (alert.days[-1].day, alert.days[-1].observed, len(alert.days)) == (DAY, 8, 28)
    assert check(store, DAY) == []
    assert [event.kind for event in store.alert_events(alert.id)] == ["opened"]


def test_quiet_days_bring_nothing(store: Store) -> None:
    put(store, quiet_weeks(60))
    for number in range(35, 60):
        assert check(store, START + timedelta(days=number)) == []


def test_a_store_without_any_document_says_nothing(store: Store) -> None:
    assert check(store, DAY) == []
    assert [one.state for one in store.judged_days(UNIT, DAY, DAY + timedelta(days=1))] == ["insufficient_data"]


def test_an_outlet_counts_once_a_story_and_muted_ones_not_at_all(store: Store) -> None:
    put(store, quiet_weeks())
    put(store, [report(f"lặp-{number}", DAY, outlet=1, story="s") for number in range(9)])
    put(store, [report(f"khen-{number}", DAY, outlet=number, tone="positive") for number in range(9)])
    assert check(store, DAY) == []
    assert store.judged_days(UNIT, DAY, DAY + timedelta(days=1))[0].observed == 1


def test_a_late_article_counts_on_its_day(store: Store) -> None:
    put(store, quiet_weeks(42))
    assert check(store, DAY) == []
    put(store, burst(DAY, 8, late=timedelta(hours=26)))
    assert check(store, DAY + timedelta(days=1)) == ["opened"]
    assert only(store).day == DAY


def test_what_goes_on_is_one_alert_that_closes_after_two_quiet_days(store: Store) -> None:
    put(store, [*quiet_weeks(50), *burst(DAY, 5), *burst(DAY + timedelta(days=1), 12)])
    assert check(store, DAY) == ["opened"]
    assert check(store, DAY + timedelta(days=1)) == ["raised"]
    alert = only(store)
    assert (alert.day, alert.last_day, alert.peak_day) == (DAY, DAY + timedelta(days=1), DAY + timedelta(days=1))
    assert {story.day for story in alert.stories} == {DAY, DAY + timedelta(days=1)}
    happened = [check(store, DAY + timedelta(days=number), hour) for number in (2, 3) for hour in (1, 23)]
    assert [kind for events in happened for kind in events] == ["escalated"]
    assert check(store, DAY + timedelta(days=4), 0) == ["closed"]
    assert check(store, DAY + timedelta(days=4), 1) == []


def test_days_on_which_sources_were_down_close_nothing_and_name_them(store: Store) -> None:
    put(store, [*quiet_weeks(50), *burst(DAY, 8)])
    for number in range(49):
        poll(store, START + timedelta(days=number), failing=4 if 41 <= number <= 45 else 0)
    assert check(store, DAY, 23, assume_complete=False) == ["opened"]
    assert check(store, DAY + timedelta(days=3), 23, assume_complete=False) == ["escalated"]
    blind = check_alerts(room_of(store, assume_complete=False), local(DAY + timedelta(days=4), 23))
    assert (blind.events, blind.today[UNIT].state) == ((), "insufficient_data")
    assert blind.failed == ("Báo 6", "Báo 7", "Báo 8", "Báo 9")
    # The polls of the day after show that what was published on the last day of the outage was found after all.
    assert check(store, DAY + timedelta(days=6), 23, assume_complete=False) == []
    assert check(store, DAY + timedelta(days=7), 0, assume_complete=False) == ["closed"]


def test_sources_that_are_asked_seldom_since_they_fail_still_count(store: Store) -> None:
    put(store, quiet_weeks(45))
    for number in range(44):
        poll(store, START + timedelta(days=number), sources=SOURCES[:7])
    for number in range(40):
        poll(store, START + timedelta(days=number), sources=SOURCES[7:])
    today = START + timedelta(days=43)
    poll(store, today - timedelta(days=1), hour=23, sources=SOURCES[7:], failing=3)
    blind = check_alerts(room_of(store, assume_complete=False), local(today, 20))
    assert blind.today[UNIT].state == "insufficient_data"
    assert blind.failed == ("Báo 7", "Báo 8", "Báo 9")


@pytest.mark.parametrize("later", [0, 1, 2])
def test_a_day_on_which_the_collector_died_is_not_watched(store: Store, later: int) -> None:
    put(store, quiet_weeks(45))
    for number in range(41):
        for hour in (1, 5, 9):
            poll(store, START + timedelta(days=number), hour=hour, interval_s=900)
    now = local(DAY + timedelta(days=later), 23)
    blind = check_alerts(room_of(store, assume_complete=False), now)
    assert blind.today[UNIT].state == "insufficient_data"
    assert blind.failed == tuple(source.name for source in SOURCES)
    judged = {one.day: one.state for one in store.judged_days(UNIT, DAY - timedelta(days=1), DAY + timedelta(days=1))}
    assert judged[DAY] == "insufficient_data"
    if later == 0:
        assert check_alerts(room_of(store, assume_complete=False), local(DAY, 13)).today[UNIT].state == "ok"


def test_a_pause_loses_no_window(store: Store) -> None:
    put(store, [*quiet_weeks(60), *burst(DAY, 8), *burst(DAY + timedelta(days=9), 9)])
    check(store, DAY - timedelta(days=1))
    assert check(store, DAY + timedelta(days=14)) == ["opened", "closed", "opened", "closed"]
    assert sorted(alert.day for alert in store.alerts(units=frozenset({UNIT}))) == [DAY, DAY + timedelta(days=9)]


def test_a_new_installation_does_not_alert_of_what_is_long_past(store: Store) -> None:
    put(store, [*quiet_weeks(60), *burst(DAY, 8)])
    assert check(store, DAY + timedelta(days=10)) == []


def test_an_acknowledged_alert_does_not_escalate_and_a_raised_one_asks_again(store: Store) -> None:
    put(store, [*quiet_weeks(50), *burst(DAY, 5)])
    check(store, DAY, 12)
    alert = only(store)
    taken = store.change_alert(alert.id, lambda one: acknowledge(one, by="Lê Thị Thử", note="", now=local(DAY, 13)))
    assert taken is not None
    assert (taken.state, taken.acknowledged_by) == ("acknowledged", "Lê Thị Thử")
    assert check(store, DAY + timedelta(days=1), 12) == []
    put(store, burst(DAY, 9, name="thêm", hour=13))
    assert check(store, DAY + timedelta(days=1), 13) == ["raised"]
    assert (only(store).state, only(store).acknowledged_by) == ("open", "")


@pytest.mark.parametrize(("second", "kind"), [(5, "reopened"), (14, "raised")])
def test_what_goes_on_after_its_closing_waits_for_somebody_anew(store: Store, second: int, kind: str) -> None:
    again = DAY + timedelta(days=3)
    put(store, [*quiet_weeks(50), *burst(DAY, 5), *burst(again, second, hour=5)])
    assert check(store, DAY) == ["opened"]
    store.change_alert(only(store).id, lambda one: acknowledge(one, by="Lê Thị Thử", note="", now=local(DAY, 21)))
    assert check(store, DAY + timedelta(days=2)) == []
    assert check(store, again, 8) == ["closed", kind]
    alert = only(store)
    assert (alert.state, alert.acknowledged_by, alert.raised_at) == ("open", "", local(again, 8))
    assert check(store, again, 8) == []
    assert check(store, again, 23) == ["escalated"]


@pytest.mark.parametrize(
    ("changes", "alerts"),
    [
        ({"topic": SENSITIVE, "tier": 1, "score": 0.95}, 1),
        ({"topic": SENSITIVE, "country": "SG", "score": 0.95}, 1),
        ({"topic": SENSITIVE, "tier": 1, "score": 0.85}, 0),
        ({"topic": SENSITIVE, "tier": 2, "score": 0.95}, 0),
        ({"tier": 1, "score": 0.95}, 0),
    ],
)
def test_one_grave_article_is_an_alert_of_its_own(store: Store, changes: dict[str, object], alerts: int) -> None:
    put(store, [*quiet_weeks(), report("nặng", DAY, **changes)])  # type: ignore[arg-type]
    assert check(store, DAY) == ["opened"] * alerts
    for alert in store.alerts(units=frozenset({UNIT})):
        assert (alert.kind, alert.level, alert.stories[0].title) == ("grave", 1, "Chuyện nặng")


def test_a_grave_story_is_told_once_however_many_outlets_tell_it(store: Store) -> None:
    grave = {"topic": SENSITIVE, "tier": 1, "score": 0.95, "story": "s"}
    put(store, [*quiet_weeks(50), report("g0", DAY, outlet=0, **grave)])  # type: ignore[arg-type]
    assert check(store, DAY, 12) == ["opened"]
    put(store, [report("g1", DAY, outlet=1, hour=13, **grave)])  # type: ignore[arg-type]
    assert check(store, DAY, 14) == ["updated"]
    assert check(store, DAY, 15) == []
    assert only(store).outlets == 2


def grave(name: str, day: date, *, topic: str | tuple[str, ...] = SENSITIVE, **changes: object) -> Document:
    """Return an article that is grave enough alone; its name stands in its title."""
    return report(name, day, topic=topic, tier=1, score=0.95, **changes)  # type: ignore[arg-type]


def bad_air(day: date, count: int = 1) -> list[Document]:
    """Return grave articles on one lasting matter, each a story of its own."""
    return [grave(f"ô nhiễm không khí {day} {place}", day, hour=10 + place) for place in range(count)]


def test_a_lasting_matter_is_one_alert_that_is_updated_until_it_closes(store: Store) -> None:
    again = DAY + timedelta(days=7)
    put(store, quiet_weeks(55))
    put(store, [*bad_air(DAY), *bad_air(DAY + timedelta(days=1), 2), *bad_air(DAY + timedelta(days=3))])
    assert check(store, DAY) == ["opened"]
    taken = store.change_alert(only(store).id, lambda one: acknowledge(one, by="Thử", note="", now=local(DAY, 21)))
    assert taken
    assert check(store, DAY + timedelta(days=1)) == ["updated"] * 2
    assert check(store, DAY + timedelta(days=1)) == []
    assert check(store, DAY + timedelta(days=3)) == ["updated"]
    alert = only(store)
    assert (alert.state, alert.day, alert.last_day) == ("acknowledged", DAY, DAY + timedelta(days=3))
    assert len({story.id for story in alert.stories}) == len(alert.stories) == 4
    assert check(store, DAY + timedelta(days=6)) == ["closed"]
    put(store, bad_air(again))
    assert check(store, again) == ["opened"]
    assert sorted(one.day for one in store.alerts(units=frozenset({UNIT}))) == [DAY, again]


def test_the_figures_of_a_lasting_matter_are_of_the_story_most_told(store: Store) -> None:
    widely = [grave(f"bụi mịn {n}", DAY, outlet=n, story="s") for n in range(2)]
    put(store, [*quiet_weeks(), *widely, *bad_air(DAY)])
    assert set(check(store, DAY)) == {"opened", "updated"}
    (alert,) = [one for one in store.alerts(units=frozenset({UNIT})) if one.kind == "grave"]
    assert ([story.outlets for story in alert.stories], alert.outlets) == ([2, 1], 2)


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(grave("xả thải", DAY, hour=12), id="the same topic, no phrase of the matter"),
        pytest.param(grave("quan trắc bụi mịn", DAY, hour=12, topic=CORRUPTION), id="its phrase, another topic"),
        pytest.param(grave("quan trắc bụi mịn", DAY, hour=12, topic=(SENSITIVE, CORRUPTION)), id="both topics"),
    ],
)
def test_another_case_opens_its_own_alert_beside_a_lasting_matter(store: Store, second: Document) -> None:
    put(store, [*quiet_weeks(), *bad_air(DAY)])
    assert check(store, DAY, 11) == ["opened"]
    put(store, [second])
    assert check(store, DAY, 13).count("opened") == 1
    assert [len(alert.stories) for alert in store.alerts(units=frozenset({UNIT}))] == [1, 1]


@pytest.mark.parametrize("name", ["khởi tố phó giám đốc", "bụi mịn và khởi tố"])
def test_a_second_case_of_corruption_is_not_hidden_behind_the_first(store: Store, name: str) -> None:
    put(store, [*quiet_weeks(), *[grave(f"{name} {number}", DAY, topic=CORRUPTION) for number in range(2)]])
    assert check(store, DAY) == ["opened", "opened"]


def test_a_second_official_is_not_hidden_where_both_are_taken_for_one_story(store: Store) -> None:
    first, second = (
        grave(f"khởi tố giám đốc {n}", DAY + timedelta(days=n), topic=CORRUPTION, story="s") for n in (0, 1)
    )
    put(store, [*quiet_weeks(), first])
    assert check(store, DAY) == ["opened"]
    put(store, [second])
    assert check(store, DAY + timedelta(days=1), 11).count("opened") == 1


def test_an_alert_kept_before_matters_were_noted_goes_on_as_it_did(store: Store) -> None:
    put(store, [*quiet_weeks(), *bad_air(DAY)])
    check(store, DAY)
    with store._db.write() as connection:
        changed = connection.exec_driver_sql("UPDATE alert SET record = replace(record, ',\"matter\":\"air\"', '')")
        assert changed.rowcount == 1
    assert only(store).stories[0].matter == ""
    put(store, bad_air(DAY - timedelta(days=1)))
    assert check(store, DAY, 21) == ["opened"]
    assert check(store, DAY, 22) == []
    assert [len(alert.stories) for alert in store.alerts(units=frozenset({UNIT}))] == [1, 1]


def test_watched_units_have_alerts_of_their_own(store: Store) -> None:
    put(store, quiet_weeks(41))
    other = [replace(report(f"k-{n}", START + timedelta(days=n), unit="da-nang"), story=None) for n in range(40)]
    put(store, [*other, *[report(f"đn-{n}", DAY, outlet=n, unit="da-nang") for n in range(9)]])
    events = check_alerts(room_of(store, watch=("da-nang",)), local(DAY)).events
    assert [event.alert_id for event in events] == [f"da-nang-{DAY:%Y%m%d}"]


# ---- restarts -------------------------------------------------------------------------------------------------------


def story_of_the_summer(random_: random.Random) -> list[Document]:
    """Return bursts on random days, some of their articles late."""
    docs = quiet_weeks(75)
    for number in random_.sample(range(40, 70), 5):
        late = timedelta(hours=random_.choice([0.3, 5, 20]))
        docs += burst(START + timedelta(days=number), random_.randrange(4, 14), name=f"b{number}", late=late)
    return sorted(docs, key=lambda doc: doc.fetched_at)


def live_through(store: Store, seed: int, hours: list[int]) -> dict[str, tuple[object, ...]]:
    """Let articles come in and check at some hours of the summer; return the alerts with their figures."""
    arriving = story_of_the_summer(random.Random(seed))
    room, at = room_of(store), 0
    for hour in hours:
        now = local(START + timedelta(days=39), 0) + timedelta(hours=hour)
        batch = []
        while at < len(arriving) and arriving[at].fetched_at <= now:
            batch.append(arriving[at])
            at += 1
        put(store, batch)
        check_alerts(room, now)
    found = store.alerts(units=frozenset({UNIT}))
    for alert in found:
        kinds = [event.kind for event in store.alert_events(alert.id)]
        assert kinds.count("opened") == 1
        assert kinds.count("raised") <= 3
        assert kinds.count("closed") == 1 + kinds.count("reopened")
    return {
        alert.id: (alert.day, alert.last_day, alert.level, alert.peak_day, alert.observed, len(alert.stories))
        for alert in found
    }


END = 36 * 24
"""Hours from the first check to the last, when all is over."""


@pytest.mark.parametrize("seed", range(3))
def test_restarts_and_pauses_lose_no_alert_and_repeat_none(
    store: Store, seed: int, migrated_file: Path, tmp_path: Path
) -> None:
    shutil.copy(migrated_file, tmp_path / "other.sqlite")
    other = open_store(f"sqlite:///{tmp_path / 'other.sqlite'}")
    steady = live_through(store, seed, [*range(0, END, 12), END])
    random_ = random.Random(seed + 100)
    ragged = live_through(other, seed, [0, *sorted(random_.sample(range(1, END), 25)), END])
    other.close()
    assert steady
    assert ragged == steady


def test_a_pause_changes_nothing_of_a_lasting_matter(store: Store) -> None:
    put(store, quiet_weeks(60))
    for number in (0, 1, 3, 9, 10):
        put(store, bad_air(DAY + timedelta(days=number), 2))
    check(store, DAY - timedelta(days=1))
    assert check(store, DAY + timedelta(days=14)) == [
        *["opened", *["updated"] * 5, "closed"],
        *["opened", *["updated"] * 3, "closed"],
    ]
    found = sorted(store.alerts(units=frozenset({UNIT})), key=lambda alert: alert.day)
    assert [len(alert.stories) for alert in found] == [6, 4]


def test_a_replay_finds_what_live_checks_find(store: Store) -> None:
    put(store, [*quiet_weeks(60), *burst(DAY, 8), *burst(DAY + timedelta(days=9), 9)])
    put(store, [*bad_air(DAY + timedelta(days=3), 2), *bad_air(DAY + timedelta(days=4))])
    until = DAY + timedelta(days=14)
    replayed = replay_alerts(room_of(store), UNIT, DAY - timedelta(days=2), until, local(until, 23))
    assert store.watched_days(START, until) == [], "a replay keeps nothing"
    for number in range(-2, 15):
        check(store, DAY + timedelta(days=number), 23)
    live = sorted(store.alerts(units=frozenset({UNIT})), key=lambda alert: alert.day)
    key = [(one.id, one.level, one.observed, one.state) for one in live]
    assert [(one.id, one.level, one.observed, one.state) for one in replayed] == key
