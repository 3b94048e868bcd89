"""When an article counts as gone; no network."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.presence import MISS_GAP, Found, PageCheck, Presence, decide_presence, doubt_lost_sites, leads_home

AT = datetime(2026, 3, 5, 2, tzinfo=UTC)
REASONS: dict[Found, str] = {"gone": "http_410", "present": "ok", "unknown": "timeout"}


def check(found: Found, after: timedelta = timedelta(), *, url: str = "https://bao.example/tin-1.html") -> PageCheck:
    return PageCheck(document_id=url, url=url, at=AT + after, found=found, reason=REASONS[found])


def after(*checks: PageCheck) -> Presence:
    held = Presence()
    for one in checks:
        held = decide_presence(held, one)
    return held


def test_one_miss_counts_for_nothing_and_two_for_the_first() -> None:
    assert after(check("gone")).disappeared_at is None
    assert after(check("gone"), check("gone", MISS_GAP)).disappeared_at == AT
    assert after(check("gone"), check("gone", MISS_GAP), check("gone", 9 * MISS_GAP)).disappeared_at == AT


def test_two_misses_in_one_hour_are_one_site_being_mended() -> None:
    short = MISS_GAP - timedelta(seconds=1)
    assert after(check("gone"), check("gone", short)).disappeared_at is None
    assert after(check("gone"), check("gone", short), check("gone", MISS_GAP)).disappeared_at == AT


def test_what_says_nothing_changes_nothing_and_a_sight_ends_it() -> None:
    held = after(check("gone"), check("unknown", MISS_GAP))
    assert (held.missed_at, held.disappeared_at) == (AT, None)
    assert after(check("gone"), check("present", MISS_GAP), check("gone", 2 * MISS_GAP)).disappeared_at is None
    assert after(check("gone"), check("gone", MISS_GAP), check("unknown", 2 * MISS_GAP)).disappeared_at == AT
    assert after(check("gone"), check("gone", MISS_GAP), check("present", 2 * MISS_GAP)) == Presence()


@given(found=st.lists(st.sampled_from(("gone", "present", "unknown")), max_size=12))
def test_only_the_answers_that_say_something_count(found: list[Found]) -> None:
    telling = [one for one in found if one != "unknown"]
    held = after(*(check(one, number * MISS_GAP) for number, one in enumerate(found)))
    assert (held.disappeared_at is not None) == (telling[-2:] == ["gone", "gone"])


@pytest.mark.parametrize(
    ("requested", "final", "home"),
    [
        ("https://bao.example/tin-1.html", "https://bao.example/", True),
        ("https://bao.example/tin-1.html", "https://www.bao.example", True),
        ("https://bao.example/tin-1.html", "https://bao.example/Index.html", True),
        ("https://bao.example/tin-1.html", "https://bao.example/trang-chu/", True),
        ("https://bao.example/tin-1.html", "https://bao.example/tin-1-moi.html", False),
        ("https://bao.example/?id=7", "https://bao.example/?id=7", False),
        ("https://bao.example/", "https://bao.example/", False),
    ],
)
def test_a_redirect_to_the_front_page(requested: str, final: str, home: bool) -> None:
    assert leads_home(requested, final) is home


def test_a_site_that_lost_everything_is_not_believed() -> None:
    lost = [check("gone", url=f"https://lac.example/tin-{number}.html") for number in range(5)]
    fine = [check("gone", url=f"https://con.example/tin-{number}.html") for number in range(4)]
    kept = [*fine, check("present", url="https://con.example/tin-9.html")]
    believed = doubt_lost_sites([*lost, *kept])
    assert [one.found for one in believed[:5]] == ["unknown"] * 5
    assert believed[5:] == kept
    assert doubt_lost_sites(lost[:4]) == lost[:4], "four articles may well have been removed"
