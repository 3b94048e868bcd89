"""The polling policy: bounds, back-off, ttl, Retry-After and ETags that lie."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.ledger import PollState, QueuedEntry
from crawlers.polling import (
    LONGEST_S,
    NATIONAL_LONGEST_S,
    SHORTEST_S,
    PollOutcome,
    decide_next_poll,
    is_changed,
    is_ripe,
)
from pipeline.records import FeedEntry

NOW = datetime(2026, 3, 5, 7, 0, tzinfo=UTC)
FRESH = PollState(url="https://bao.example/rss", source_id="bao")

jitters = st.floats(min_value=0, max_value=1, exclude_max=True)
hashes = st.sampled_from(["", "a", "b"])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
states = st.builds(
    PollState,
    url=st.just(FRESH.url),
    source_id=st.just(FRESH.source_id),
    etag=hashes,
    last_modified=hashes,
    content_hash=hashes,
    interval_s=st.integers(1, 10 * LONGEST_S),
    failures=st.integers(0, 10_000),
    rate_per_day=st.floats(0, 1e6),
    succeeded_at=st.none() | moments,
)
outcomes = st.builds(
    PollOutcome,
    ok=st.booleans(),
    etag=hashes,
    last_modified=hashes,
    content_hash=hashes,
    new_entries=st.integers(0, 10_000),
    ttl_s=st.none() | st.integers(0, 10**9),
    retry_after=st.none() | st.timedeltas(timedelta(0), timedelta(days=3)),
)


def wait_s(state: PollState, *, now: datetime = NOW) -> float:
    assert state.next_due_at is not None
    return (state.next_due_at - now).total_seconds()


@given(states, outcomes, moments, jitters)
def test_the_next_poll_is_always_within_bounds(
    state: PollState, outcome: PollOutcome, now: datetime, jitter: float
) -> None:
    after = decide_next_poll(state, outcome, now=now, jitter=jitter)
    asked_s = outcome.retry_after.total_seconds() if outcome.retry_after else 0
    assert SHORTEST_S <= wait_s(after, now=now) <= max(LONGEST_S, asked_s)
    assert wait_s(after, now=now) >= asked_s
    assert after.polled_at == now
    assert after.rate_per_day >= 0
    if outcome.ok:
        assert wait_s(after, now=now) >= min(outcome.ttl_s or 0, LONGEST_S)
        assert SHORTEST_S <= after.interval_s <= LONGEST_S


@given(states, jitters, st.integers(1, 30))
def test_failures_in_a_row_never_shorten_the_wait(state: PollState, jitter: float, times: int) -> None:
    waits = []
    for _ in range(times):
        state = decide_next_poll(state, PollOutcome(ok=False), now=NOW, jitter=jitter)
        waits.append(wait_s(state))
    assert waits == sorted(waits)


@given(states, outcomes, jitters)
def test_a_success_ends_the_back_off(state: PollState, outcome: PollOutcome, jitter: float) -> None:
    after = decide_next_poll(state, replace(outcome, ok=True), now=NOW, jitter=jitter)
    assert after.failures == 0
    assert after.succeeded_at == NOW


@given(states, outcomes, jitters)
def test_a_failure_forgets_nothing(state: PollState, outcome: PollOutcome, jitter: float) -> None:
    after = decide_next_poll(state, replace(outcome, ok=False), now=NOW, jitter=jitter)
    changed = ("failures", "polled_at", "next_due_at")
    assert after.failures == state.failures + 1
    assert replace(after, **{name: getattr(state, name) for name in changed}) == state


def test_back_off_doubles_up_to_a_day() -> None:
    state, waits = FRESH, []
    for _ in range(9):
        state = decide_next_poll(state, PollOutcome(ok=False), now=NOW, jitter=0.5)
        waits.append(wait_s(state) / 60)
    assert waits == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]


@pytest.mark.parametrize(
    ("gap_min", "low_min", "high_min"),
    [(1, 5, 5), (10, 5, 20), (60, 30, 120), (300, 150, 600), (60 * 24 * 9, 1440, 1440)],
)
def test_the_interval_settles_near_the_gap_between_articles(gap_min: int, low_min: float, high_min: float) -> None:
    """An outlet that publishes every ``gap_min`` minutes, followed for ten days."""
    state, now, published, polls = FRESH, NOW, 0, 0
    start = NOW - timedelta(days=1)
    while now < NOW + timedelta(days=10):
        listed = int((now - start) / timedelta(minutes=gap_min))
        outcome = PollOutcome(ok=True, content_hash=str(listed), new_entries=listed - published)
        published, polls = listed, polls + 1
        state = decide_next_poll(state, outcome, now=now, jitter=0.5)
        assert state.next_due_at is not None
        now = state.next_due_at
    assert low_min <= state.interval_s / 60 <= high_min


def test_a_burst_halves_the_interval_at_once() -> None:
    quiet = replace(FRESH, content_hash="a", interval_s=8 * 3600, rate_per_day=3, succeeded_at=NOW - timedelta(hours=8))
    after = decide_next_poll(quiet, PollOutcome(ok=True, content_hash="b", new_entries=9), now=NOW, jitter=0.5)
    assert after.interval_s <= 4 * 3600


def test_a_new_body_under_the_same_etag_counts_and_the_etag_is_dropped() -> None:
    state = replace(FRESH, etag='"1"', content_hash="a", succeeded_at=NOW - timedelta(hours=1))
    outcome = PollOutcome(ok=True, etag='"1"', content_hash="b", new_entries=3)
    after = decide_next_poll(state, outcome, now=NOW, jitter=0.5)
    assert is_changed(state, outcome)
    assert (after.etag, after.content_hash) == ("", "b")
    assert after.rate_per_day > state.rate_per_day


def test_the_same_body_under_a_new_etag_brings_nothing() -> None:
    state = replace(FRESH, etag='"1"', content_hash="a", rate_per_day=9, succeeded_at=NOW - timedelta(hours=1))
    outcome = PollOutcome(ok=True, etag='"2"', content_hash="a", new_entries=3)
    after = decide_next_poll(state, outcome, now=NOW, jitter=0.5)
    assert not is_changed(state, outcome)
    assert (after.etag, after.content_hash) == ('"2"', "a")
    assert after.rate_per_day < state.rate_per_day


def test_a_304_keeps_the_validators() -> None:
    state = replace(FRESH, etag='"1"', last_modified="yesterday", content_hash="a", succeeded_at=NOW)
    after = decide_next_poll(state, PollOutcome(ok=True), now=NOW, jitter=0.5)
    assert (after.etag, after.last_modified, after.content_hash) == ('"1"', "yesterday", "a")


def test_jitter_spreads_the_polls() -> None:
    waits = {wait_s(decide_next_poll(FRESH, PollOutcome(ok=True), now=NOW, jitter=j / 10)) for j in range(10)}
    assert len(waits) == 10
    assert min(waits) == pytest.approx(13.5 * 60)
    assert max(waits) < 16.5 * 60


@given(states, moments, jitters, st.integers(0, 10))
def test_a_national_outlet_that_answers_is_asked_within_minutes(
    state: PollState, now: datetime, jitter: float, new_entries: int
) -> None:
    outcome = PollOutcome(ok=True, content_hash="c", new_entries=new_entries)
    after = decide_next_poll(state, outcome, now=now, jitter=jitter, national=True)
    assert wait_s(after, now=now) <= NATIONAL_LONGEST_S * 1.1
    patient = replace(outcome, ttl_s=3600)
    assert wait_s(decide_next_poll(state, patient, now=now, jitter=jitter, national=True), now=now) >= 3600
    failed = decide_next_poll(replace(state, failures=9), PollOutcome(ok=False), now=now, jitter=jitter, national=True)
    assert wait_s(failed, now=now) > NATIONAL_LONGEST_S, "one that is down is left alone for longer"


@pytest.mark.parametrize(
    ("attempts", "minutes", "ripe"), [(0, 0, True), (1, 9, False), (1, 10, True), (2, 19, False), (4, 80, True)]
)
def test_a_page_that_failed_waits_longer_after_each_failure(attempts: int, minutes: int, ripe: bool) -> None:
    queued = QueuedEntry(
        key="k", source_id="bao", entry=FeedEntry(url="https://bao.example/1"), attempts=attempts, tried_at=NOW
    )
    assert is_ripe(queued, NOW + timedelta(minutes=minutes)) is ripe
    assert is_ripe(replace(queued, tried_at=None), NOW), "an edit makes it news again"
