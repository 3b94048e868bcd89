from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawlers.ledger import PollRecord
from pipeline.digest.coverage import compute_coverage, failure_words
from pipeline.records import Coverage, FailedSource, Source

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
