"""A story is one item, told by the report that brought it where it stands; its outlets are counted one by one."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.settings import MuteSettings
from pipeline.digest.build import Background, build_edition
from pipeline.digest.period import Period
from pipeline.digest.ranking import PROMINENT_OUTLETS
from pipeline.records import Digest, DigestItem, Document, SectionId
from tests.dashboards.specimen import (
    BAN_TIN,
    DAY,
    GUANGXI,
    LU_HANH,
    MEKONG,
    NHAT_TRIEU,
    NON_CAO,
    PLAN,
    SONG_BANG,
    WINDOW_END,
    document,
)
from tests.pipeline.digest.daily import build_digest
from tests.pipeline.digest.test_build import documents
from tests.pipeline.digest.told import BRIDGE, YESTERDAY, bridge, told

ONE_DAY = timedelta(days=1)


def only(digest: Digest) -> tuple[SectionId, DigestItem]:
    """Return the only item of a digest and the section that owns it."""
    ((section, item),) = ((section.id, item) for section in digest.sections for item in section.items)
    return section, item


def test_a_story_is_one_item_and_every_outlet_a_report() -> None:
    digest = build_digest(PLAN, DAY, bridge())
    section, item = only(digest)
    assert (digest.counts.total, digest.counts.stories, digest.counts.articles, digest.counts.outlets) == (4, 1, 4, 4)
    assert (item.reports, item.story) == (4, BRIDGE)
    assert section == "negative"
    assert item.tones == {"negative": 1, "neutral": 2, "positive": 1}


def test_the_report_that_brought_a_story_to_its_section_tells_it() -> None:
    _, item = only(build_digest(PLAN, DAY, bridge()))
    assert (item.outlet, item.tone, item.title) == (NHAT_TRIEU.name, "negative", "Cầu treo mới, đường dẫn dang dở")
    assert [(copy.outlet, copy.tone) for copy in item.copies] == [
        (NON_CAO.name, "neutral"),
        (BAN_TIN.name, "neutral"),
        (SONG_BANG.name, "positive"),
    ]
    assert item.first_seen_at == WINDOW_END - timedelta(hours=20)


def test_an_original_tells_the_story_before_its_reprints_and_the_wider_outlet_on_a_tie() -> None:
    reprint = told(NHAT_TRIEU, "Chép lại", hours_before_close=9, copy_of="non-cao-cau-treo", doc_id="a")
    original = told(NON_CAO, "Bản gốc", hours_before_close=8, doc_id="b")
    assert only(build_digest(PLAN, DAY, [reprint, original]))[1].title == "Bản gốc"
    wider = told(NHAT_TRIEU, "Báo lớn", hours_before_close=8, doc_id="c")
    assert only(build_digest(PLAN, DAY, [original, wider]))[1].title == "Báo lớn"


def test_a_foreign_story_is_told_by_the_foreign_outlet_where_it_stands_by_country() -> None:
    digest = build_digest(PLAN, DAY, [told(NON_CAO, "Trong nước", hours_before_close=9), told(MEKONG, "Abroad")])
    section, item = only(digest)
    assert (section, item.country, item.copies[0].outlet) == ("foreign", "LA", NON_CAO.name)


def test_a_story_that_many_outlets_tell_is_prominent() -> None:
    docs = [told(outlet, "Nhiều báo đưa") for outlet in (NON_CAO, SONG_BANG, LU_HANH)]
    assert len(docs) == PROMINENT_OUTLETS
    assert only(build_digest(PLAN, DAY, docs))[0] == "prominent"
    assert only(build_digest(PLAN, DAY, docs[:-1]))[0] == "neutral"


def test_more_outlets_rank_before_wider_ones() -> None:
    docs = [
        told(NHAT_TRIEU, "Một báo lớn", story="lon"),
        told(NON_CAO, "Hai báo nhỏ", story="nho"),
        told(SONG_BANG, "Hai báo nhỏ", story="nho"),
    ]
    neutral = next(one for one in build_digest(PLAN, DAY, docs).sections if one.id == "neutral")
    assert [item.story for item in neutral.items] == ["nho", "lon"]


def test_an_outlet_that_criticises_after_a_plain_report_counts_once_and_as_critical() -> None:
    plain = told(NON_CAO, "Khánh thành", doc_id="1", hours_before_close=9)
    critical = told(NON_CAO, "Mới khánh thành đã hỏng", doc_id="2", hours_before_close=4, tone="negative")
    digest = build_digest(PLAN, DAY, [critical, plain])
    assert (digest.counts.total, digest.counts.negative, digest.counts.articles) == (1, 1, 2)
    section, item = only(digest)
    assert (section, item.title, item.articles) == ("negative", critical.article.title, 2)


def test_a_doubtful_criticism_marks_its_item_and_does_not_move_the_story() -> None:
    doubtful = told(NON_CAO, "Có thể là chê", tone="negative", sure=0.6)
    section, item = only(build_digest(replace(PLAN, sure_negative=0.7), DAY, [doubtful]))
    assert (section, item.sure) == ("neutral", False)
    assert only(build_digest(replace(PLAN, sure_negative=0.5), DAY, [doubtful]))[1].sure is True


def test_a_story_of_yesterday_says_since_when() -> None:
    docs = bridge()
    fresh = only(build_edition(PLAN, Period.daily(DAY), docs, Background()))[1]
    assert fresh.since is None
    went_on = only(build_edition(PLAN, Period.daily(DAY), docs, Background(began={BRIDGE: YESTERDAY})))[1]
    assert (went_on.since, went_on.first_seen_at) == (DAY - ONE_DAY, YESTERDAY)


def test_a_late_report_of_a_story_nobody_else_told_did_not_go_on_from_yesterday() -> None:
    late = document(NON_CAO, "Đến muộn", hours_before_close=26, fetched_after_h=5)
    background = Background(began={"muon": late.article.published_at})
    item = only(build_edition(PLAN, Period.daily(DAY), [replace(late, story="muon")], background))[1]
    assert (item.late, item.since, item.first_seen_at) == (True, None, None)


def test_a_muted_outlet_is_missing_from_the_story_too() -> None:
    digest = build_digest(replace(PLAN, mute=MuteSettings(sources=(NHAT_TRIEU.id,))), DAY, bridge())
    section, item = only(digest)
    assert (section, digest.counts.total, digest.muted) == ("prominent", 3, 1)
    assert NHAT_TRIEU.name not in [copy.outlet for copy in item.copies]


# ---- several days ---------------------------------------------------------------------------------------------------


def week() -> list[Document]:
    """Return a story told on three days, by one outlet on each of them."""
    return [
        told(NON_CAO, "Ngày đầu", doc_id="1", hours_before_close=60),
        told(NON_CAO, "Ngày hai", doc_id="2", hours_before_close=36, tone="negative"),
        told(NON_CAO, "Ngày ba", doc_id="3", hours_before_close=12),
        told(SONG_BANG, "Báo khác", doc_id="4", hours_before_close=12),
        told(GUANGXI, "河内", story=None, doc_id="5", hours_before_close=30, tone="negative"),
        told(MEKONG, "News", story=None, doc_id="6", hours_before_close=10, tone="positive"),
    ]


def test_an_outlet_counts_once_a_story_over_all_days_of_a_range() -> None:
    period = Period.of_days(DAY - 2 * ONE_DAY, DAY)
    digest = build_edition(PLAN, period, week(), Background(previous_period=7))
    assert (digest.counts.total, digest.counts.articles, digest.counts.negative) == (4, 6, 2)
    assert (digest.counts.previous_period, digest.counts.previous_day, digest.counts.mean_28d) == (7, None, None)
    assert [count.day for count in digest.last_days] == [DAY - 2 * ONE_DAY, DAY - ONE_DAY, DAY]
    assert (digest.window_from_at, digest.window_to_at) == (WINDOW_END - 3 * ONE_DAY, WINDOW_END)


def test_days_that_nobody_looked_at_are_left_out_of_a_range() -> None:
    missing = Background(uncollected=frozenset({DAY - ONE_DAY}))
    digest = build_edition(PLAN, Period.of_days(DAY - 2 * ONE_DAY, DAY), [], missing)
    assert [count.day for count in digest.last_days] == [DAY - 2 * ONE_DAY, DAY]


def test_a_foreign_week_holds_the_foreign_press_in_one_section() -> None:
    digest = build_edition(PLAN, Period.foreign_week(DAY), week(), Background())
    assert {section.id: len(section.items) for section in digest.sections if section.items} == {"foreign": 2}
    assert (digest.counts.total, digest.counts.foreign) == (2, 2)
    assert all(item.also == () for section in digest.sections for item in section.items)


def test_what_was_published_within_a_range_is_not_late_for_it() -> None:
    late = document(NON_CAO, "Đến muộn", hours_before_close=26, fetched_after_h=5)
    assert only(build_digest(PLAN, DAY, [late]))[1].late
    assert not only(build_edition(PLAN, Period.of_days(DAY - ONE_DAY, DAY), [late], Background()))[1].late


# ---- what always holds ----------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(documents(), st.sampled_from([None, "a", "b", "c", "d"]), st.booleans()), max_size=60),
    st.sampled_from([Period.daily(DAY), Period.of_days(DAY - 3 * ONE_DAY, DAY), Period.foreign_week(DAY)]),
)
def test_reports_add_up_whatever_tells_what(drawn: list[tuple[Document, str | None, bool]], period: Period) -> None:
    docs = [replace(doc, story=story, copy_of="x" if copied else None) for doc, story, copied in drawn]
    digest = build_edition(PLAN, period, docs, Background())
    counts, items = digest.counts, [item for section in digest.sections for item in section.items]
    assert counts.total == sum(item.reports for item in items) + sum(section.folded for section in digest.sections)
    assert counts.stories <= counts.total <= counts.articles
    assert len({item.story for item in items if item.story}) == sum(bool(item.story) for item in items)
    tones = sum((Counter(item.tones) for item in items), Counter[str]())
    if not any(section.folded for section in digest.sections):
        assert tones == Counter({t: n for t in ("positive", "neutral", "negative") if (n := getattr(counts, t))})
        assert counts.stories == len(items)
    if period.kind == "daily":
        sure = [item for item in items if item.tone == "negative" and item.sure]
        negative = next(section for section in digest.sections if section.id == "negative")
        assert all(item in negative.items for item in sure)
    assert build_edition(PLAN, period, list(reversed(docs)), Background()) == digest


@pytest.mark.parametrize(
    ("period", "name", "days"),
    [
        (Period.daily(DAY), "daily", 1),
        (Period.foreign_week(DAY), "foreign-weekly", 7),
        (Period.of_days(DAY - 4 * ONE_DAY, DAY), "range.2026-03-01", 5),
    ],
)
def test_periods(period: Period, name: str, days: int) -> None:
    assert (period.name, len(period.days), len(period.before.days)) == (name, days, days)
    assert period.before.last == period.first - ONE_DAY
