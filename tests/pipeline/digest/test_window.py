from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.localtime import LOCAL_ZONE
from pipeline.digest.window import (
    LATE_DAYS,
    ONE_DAY,
    Edition,
    edition_day,
    edition_of,
    last_closed,
    publication_span,
    window,
)

hours = st.integers(0, 23)
instants = st.integers(631_152_000, 3_786_912_000).map(lambda second: datetime.fromtimestamp(second, UTC))
days = st.dates(date(1990, 1, 1), date(2090, 1, 1))
LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE).astimezone(UTC)


def test_edition_covers_the_day_before_at_seven_until_the_day_at_seven() -> None:
    assert window(date(2026, 3, 5), 7) == (local("2026-03-04T07:00"), local("2026-03-05T07:00"))


@given(days, hours)
def test_windows_tile_time(day: date, hour: int) -> None:
    from_at, to_at = window(day, hour)
    assert to_at - from_at == ONE_DAY
    assert window(day + ONE_DAY, hour)[0] == to_at


@given(instants, hours)
def test_every_instant_is_in_the_window_of_its_edition(at: datetime, hour: int) -> None:
    from_at, to_at = window(edition_day(at, hour), hour)
    assert from_at <= at < to_at


@given(instants, hours)
def test_last_closed_window_has_closed_and_the_next_has_not(now: datetime, hour: int) -> None:
    day = last_closed(now, hour)
    assert window(day, hour)[1] <= now < window(day + ONE_DAY, hour)[1]


@given(instants, st.timedeltas(timedelta(days=-2), timedelta(days=8)), hours)
def test_late_is_what_was_fetched_after_its_window_closed(published: datetime, delay: timedelta, hour: int) -> None:
    fetched = published + delay
    own = edition_day(published, hour)
    edition = edition_of(published, fetched, collecting_since_at=LONG_AGO, hour=hour)
    if fetched < window(own, hour)[1]:
        assert edition == Edition(day=own, late=False)
    elif edition is None:
        assert (edition_day(fetched, hour) - own).days > LATE_DAYS
    else:
        assert edition.late
        from_at, to_at = window(edition.day, hour)
        assert from_at <= fetched < to_at
        assert own < edition.day <= own + LATE_DAYS * ONE_DAY


@given(instants, st.timedeltas(timedelta(days=-2), timedelta(days=8)), hours)
def test_publication_span_offers_everything_of_an_edition(published: datetime, delay: timedelta, hour: int) -> None:
    edition = edition_of(published, published + delay, collecting_since_at=LONG_AGO, hour=hour)
    if edition is not None:
        from_at, to_at = publication_span(edition.day, hour)
        assert from_at <= published < to_at


@pytest.mark.parametrize("since", [None, "2026-03-05T07:00:01"])
def test_what_was_published_before_the_installation_collected_stays_in_its_own_edition(since: str | None) -> None:
    edition = edition_of(
        local("2026-03-04T12:00"),
        local("2026-03-09T12:00"),
        collecting_since_at=local(since) if since else None,
        hour=7,
    )
    assert edition == Edition(day=date(2026, 3, 5), late=False)


def test_fetched_at_the_very_close_is_late() -> None:
    close = local("2026-03-05T07:00")
    assert edition_of(close - timedelta(seconds=1), close, collecting_since_at=LONG_AGO, hour=7) == Edition(
        day=date(2026, 3, 6), late=True
    )
    assert edition_of(close, close, collecting_since_at=LONG_AGO, hour=7) == Edition(day=date(2026, 3, 6), late=False)


SEVEN = (local("2026-03-05T07:05"), local("2026-03-06T07:05"), local("2026-03-07T07:05"), local("2026-03-08T07:05"))
"""When the editions of 5 to 8 March were sealed."""


@pytest.mark.parametrize(
    ("stored", "sealed", "day", "late"),
    [
        ("2026-03-05T07:04", 1, 5, False),
        ("2026-03-05T07:06", 1, 6, True),
        ("2026-03-05T07:06", 4, 6, True),
        ("2026-03-06T07:06", 4, 7, True),
        ("2026-03-06T07:06", 0, 5, False),
        ("2026-03-20T12:00", 3, 8, True),
        ("2026-03-20T12:00", 4, 5, False),
        (None, 4, 5, False),
    ],
)
def test_what_is_stored_after_its_edition_was_sealed_goes_into_the_next(
    stored: str | None, sealed: int, day: int, *, late: bool
) -> None:
    edition = edition_of(
        local("2026-03-05T06:00"),
        local("2026-03-05T06:30"),
        collecting_since_at=LONG_AGO,
        hour=7,
        stored_at=local(stored) if stored else None,
        sealed={date(2026, 3, 5 + step): SEVEN[step] for step in range(sealed)},
    )
    assert edition == Edition(day=date(2026, 3, day), late=late)
