"""The decision on one day: levels, qualifiers, minimum counts, and when nothing can be said."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pipeline.alerts.days import DayEvidence
from pipeline.alerts.decide import classify_day
from pipeline.alerts.history import History
from pipeline.records import FailedSource
from tests.pipeline.alerts.series import CALENDAR, RULES, days, judge, without

CALM = days([2, 1, 3, 2, 1, 1, 2] * 8)


def evidence(outlets: int, *, tier_1: int = 0, foreign: int = 0, sensitive: int = 0) -> DayEvidence:
    return DayEvidence(outlets=outlets, tier_1=tier_1, foreign=foreign, sensitive=sensitive)


def test_levels_rise_with_the_count_and_follow_their_p_values() -> None:
    verdicts = [judge(CALM, count) for count in range(4, 16)]
    levels = [-1 if one.level is None else one.level for one in verdicts]
    assert levels == sorted(levels)
    assert {0, 1, 2, 3} <= set(levels)
    limits = {0: 0.05, 1: 0.02, 2: 0.01, 3: 0.001}
    for one in verdicts:
        assert one.p_value is not None
        if one.level is None:
            assert one.p_value > limits[0]
            assert one.state == "ok"
        else:
            assert one.p_value <= limits[one.level]
            assert one.state == "alert"


def test_nothing_is_no_alert_even_where_nothing_is_usual() -> None:
    nothing = days([0] * 60)
    assert judge(nothing, 0).level is None
    assert judge(nothing, RULES.minimum.reports - 1).level is None
    assert judge(nothing, RULES.minimum.reports).level is not None


def test_two_reports_are_enough_when_one_is_sensitive() -> None:
    nothing = days([0] * 60)
    assert judge(nothing, 2, evidence=evidence(2)).level is None
    verdict = judge(nothing, 2, evidence=evidence(2, sensitive=1))
    assert verdict.level is not None
    assert verdict.qualifiers == ("sensitive",)


@pytest.mark.parametrize(
    "qualified",
    [evidence(4, tier_1=3), evidence(4, foreign=1), evidence(4, sensitive=1), evidence(4, tier_1=3, foreign=2)],
)
def test_a_qualifier_raises_by_one_level_and_only_when_the_count_is_unusual(qualified: DayEvidence) -> None:
    for count in range(4, 9):
        plain, raised = judge(CALM, count, evidence=evidence(4)), judge(CALM, count, evidence=qualified)
        assert raised.p_value == plain.p_value
        if plain.level is None:
            assert raised.level is None
        else:
            assert raised.level == plain.level + 1


def test_level_3_asks_for_five_outlets() -> None:
    assert judge(CALM, 30, evidence=evidence(4)).level == 2
    assert judge(CALM, 30, evidence=evidence(5)).level == 3
    assert judge(CALM, 30).level == 3


def test_a_day_that_was_hardly_watched_is_neither_alarm_nor_all_clear() -> None:
    down = (FailedSource(id="bao-mau", name="Báo Mẫu", reason="hết giờ"),)
    verdict = judge(CALM, 30, coverage=0.79)
    assert (verdict.state, verdict.level, verdict.expected, verdict.p_value) == ("insufficient_data", None, None, None)
    today = replace(CALM[-1], day=CALM[-1].day + timedelta(days=1), coverage=0.5, failed=down)
    assert classify_day(History.of(CALM, CALENDAR, RULES), today, CALENDAR, RULES).failed == down
    assert judge(CALM, 30, coverage=None).state == "insufficient_data"


def test_the_first_28_days_are_for_learning() -> None:
    assert judge(CALM[:27], 30).state == "learning"
    assert judge(CALM[:28], 30).state == "alert"
    assert judge([], 30, on=date(2026, 6, 1)).state == "learning"
    blind = days([2] * 40, coverage=0.1)
    assert judge([*blind, *days([2] * 5, start=blind[-1].day + timedelta(days=1))], 30).state == "learning"


def test_days_hardly_watched_teach_nothing() -> None:
    usual = judge(CALM, 3).expected
    hidden = CALM
    for back in range(3, 15):
        hidden = without(hidden, -back, negative=0, coverage=0.3)
    assert usual is not None
    assert judge(hidden, 3).expected == pytest.approx(usual, rel=0.1)


def test_a_past_spike_hides_the_next_one_only_a_little() -> None:
    spiked = without(CALM, -10, negative=60)
    calm, after = judge(CALM, 8), judge(spiked, 8)
    assert calm.expected is not None and after.expected is not None
    assert after.expected < 1.15 * calm.expected
    assert after.level is not None and after.level >= 1


def test_the_two_days_before_do_not_count() -> None:
    building = without(without(CALM, -1, negative=9), -2, negative=9)
    assert judge(building, 9).expected == judge(CALM, 9).expected


def test_the_future_does_not_count() -> None:
    later = days([40] * 20, start=CALM[-1].day + timedelta(days=2))
    on = CALM[-1].day + timedelta(days=1)
    assert judge([*CALM, *later], 5, on=on) == judge(CALM, 5, on=on)


def test_an_expected_event_raises_the_bar_and_does_not_silence() -> None:
    past = days([2, 1, 3, 2, 1, 1, 2] * 8, start=date(2026, 8, 3))
    on, own = date(2026, 10, 3), frozenset({"cao-bang"})
    past = [*past, *days([2] * 5, start=date(2026, 9, 28))]
    other, expected = judge(past, 7, on=on), judge(past, 7, on=on, units=own)
    assert other.expected is not None and expected.expected is not None
    assert expected.expected == pytest.approx(RULES.expected.peak * other.expected, rel=0.05)
    assert [event.name for event in expected.events] == ["Ngày giải phóng Cao Bằng (1950)"]
    assert judge(past, 30, on=on, units=own).level == 3


def test_tet_is_expected_to_be_quiet_and_teaches_nothing() -> None:
    past = days([4] * 60, start=date(2025, 12, 15))
    before, tet = judge(past, 4, on=date(2026, 2, 13)), judge(past, 4, on=date(2026, 2, 20))
    assert before.expected is not None and tet.expected is not None
    assert tet.expected == pytest.approx(RULES.expected.quiet * before.expected, rel=0.05)
    quiet_tet = [*past, *days([0] * 9, start=date(2026, 2, 14)), *days([4] * 3, start=date(2026, 2, 23))]
    after = judge(quiet_tet, 4).expected
    assert after == pytest.approx(before.expected, rel=0.15)
