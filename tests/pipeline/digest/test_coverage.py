from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawlers.ledger import PollRecord, PollState
from pipeline.digest.coverage import compute_coverage, failure_words, read_coverage
from pipeline.records import Coverage, FailedSource, Source
from pipeline.store import open_store

FROM = datetime(2026, 3, 4, tzinfo=UTC)
TO = FROM + timedelta(days=1)
SOURCES = [
    Source(id=name, name=f"Báo {name.upper()}", kind="central", tier=1, country="VN", language="vi") for name in "abcd"
]


def poll(source: str, hour: float, reason: str = "ok") -> PollRecord:
    return PollRecord(
        url=f"https://{source}.example/rss",
        source_id=source,
        at=FROM + timedelta(hours=hour),
        ok=reason in ("ok", "not_modified"),
        reason=reason,
    )


def coverage(*polls: PollRecord, proven: str = "abcd") -> Coverage | None:
    return compute_coverage(polls, frozenset(proven), SOURCES, from_at=FROM, to_at=TO)


def test_a_source_is_healthy_when_it_answered_when_last_asked() -> None:
    assert coverage(poll("a", 1, "timeout"), poll("a", 2, "not_modified")) == Coverage(healthy=1, due=1)
    found = coverage(poll("a", 3, "http_503"), poll("a", 1), poll("b", 1))
    assert found is not None
    assert (found.healthy, found.due, [one.id for one in found.failed]) == (1, 2, ["a"])


def test_a_source_of_several_addresses_answers_with_any_of_them() -> None:
    other = replace(poll("a", 3, "http_404"), url="https://a.example/sitemap.xml")
    assert coverage(poll("a", 2), other) == Coverage(healthy=1, due=1)


def test_failed_sources_are_named_with_their_last_reason() -> None:
    found = coverage(poll("b", 5, "http_503"), poll("b", 1, "timeout"), poll("a", 1))
    assert found == Coverage(
        healthy=1, due=2, failed=(FailedSource(id="b", name="Báo B", reason="máy chủ trả lỗi 503"),)
    )


def test_sources_that_never_proved_themselves_or_were_not_due_do_not_count() -> None:
    assert coverage(poll("a", 1), poll("b", 1, "timeout"), proven="ac") == Coverage(healthy=1, due=1)


def test_polls_outside_the_window_do_not_count() -> None:
    assert coverage(poll("a", -0.1), poll("b", 24), poll("c", 0)) == Coverage(healthy=1, due=1)


def test_nobody_polled_is_unknown_not_zero() -> None:
    assert coverage() is None
    assert coverage(poll("a", 30)) is None


Read = Callable[..., Coverage | None]


@pytest.fixture
def ledger_of(tmp_path: Path) -> Iterator[Read]:
    """What is read of polls in a store, those of the day after until ``until`` hours included."""
    with closing(open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")) as store:

        def read(*polls: PollRecord, until: float = 24, interval_s: int = 900) -> Coverage | None:
            for one in polls:
                state = PollState(url=one.url, source_id=one.source_id, polled_at=one.at, interval_s=interval_s)
                store.ledger.record_poll(one, state, ())
            return read_coverage(store, SOURCES, FROM, TO, "vi", until_at=FROM + timedelta(hours=until))

        yield read


def test_a_collector_that_stopped_midway_saw_nobody_knows_how_much(ledger_of: Read) -> None:
    assert ledger_of(poll("a", 1), poll("b", 9), until=14) == Coverage(healthy=2, due=2)
    assert ledger_of(until=16) is None
    assert ledger_of(until=48) is None
    assert ledger_of(poll("a", 25), until=48) == Coverage(healthy=2, due=2), "it caught up on the day after"


def test_sources_that_are_asked_once_a_day_rest_for_longer(ledger_of: Read) -> None:
    assert ledger_of(poll("a", 1), poll("b", 2), interval_s=86_400) == Coverage(healthy=2, due=2)
    assert ledger_of(until=48) is None


def test_a_source_that_failed_so_often_that_it_was_not_asked_is_down(ledger_of: Read) -> None:
    found = ledger_of(poll("b", -50), poll("b", -2, "timeout"), poll("a", 23))
    assert found is not None
    assert (found.healthy, found.due, [one.id for one in found.failed]) == (1, 2, ["b"])


def test_a_source_that_left_the_catalogue_is_named_by_its_id() -> None:
    found = coverage(poll("z", 1, "dns"), proven="z")
    assert found is not None
    assert found.failed[0].name == "z"


@pytest.mark.parametrize(
    ("reason", "vi", "en"),
    [
        ("http_404", "máy chủ trả lỗi 404", "server error 404"),
        ("timeout", "quá thời gian chờ", "timed out"),
        ("tls", "không kết nối được", "no connection"),
        ("http_", "không đọc được nội dung trả về", "the answer could not be read"),
        ("quite_new", "không đọc được nội dung trả về", "the answer could not be read"),
    ],
)
def test_reasons_are_put_in_words(reason: str, vi: str, en: str) -> None:
    assert failure_words(reason, "vi") == vi
    assert failure_words(reason, "en") == en
