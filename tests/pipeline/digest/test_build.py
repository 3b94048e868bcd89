from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.settings import MuteSettings
from config.units import historic_units
from pipeline.digest.ranking import PRECEDENCE, PRINT_ORDER, PROMINENT_CAP, SECTION_CAPS
from pipeline.digest.reports import DigestPlan, count_days
from pipeline.records import Assessment, DayCount, Digest, DigestSection, Document, Relevance, SectionId, Tone
from tests.dashboards.specimen import (
    DAY,
    GUANGXI,
    HISTORY,
    LU_HANH,
    MEKONG,
    NHAT_TRIEU,
    NON_CAO,
    PLAN,
    REGION,
    SENSITIVE,
    SONG_BANG,
    document,
    specimen,
    specimen_documents,
)
from tests.pipeline.digest.daily import build_digest

SECTION_CAP = SECTION_CAPS["daily"]


def sections(digest: Digest) -> dict[SectionId, DigestSection]:
    return {section.id: section for section in digest.sections}


def owner(doc: Document) -> SectionId:
    """Return the section that owns the only report of a digest."""
    digest = build_digest(PLAN, DAY, [doc])
    (section,) = (section for section in digest.sections if section.items)
    return section.id


def assessed(doc: Document, *assessments: Assessment) -> Document:
    assert doc.annotation
    return replace(doc, annotation=replace(doc.annotation, assessments=assessments))


def judged(unit: str, tone: Tone, score: float, relevance: Relevance = "about") -> Assessment:
    return Assessment(
        unit=unit,
        current=historic_units()[unit].current,
        relevance=relevance,
        score=score,
        tone=tone if relevance == "about" else None,
        tone_score=0.5,
    )


# ---- what belongs to the edition ------------------------------------------------------------------------------------


def test_specimen_is_counted_as_laid_out() -> None:
    digest = specimen()
    assert {section.id: len(section.items) for section in digest.sections} == {
        "prominent": 2,
        "negative": 3,
        "positive": 9,
        "neutral": 6,
        "foreign": 3,
        "related": 2,
    }
    assert digest.muted == 1
    assert [section.id for section in digest.sections] == list(PRINT_ORDER)


def test_mentions_and_thin_documents_are_no_reports() -> None:
    thin = replace(document(NON_CAO, "Chưa phân tích"), annotation=None)
    assert build_digest(PLAN, DAY, [document(NON_CAO, "Quê quán", relevance="mention"), thin]).counts.total == 0


def test_a_late_item_is_marked_and_stays_out_of_its_own_edition() -> None:
    late = document(NON_CAO, "Đến muộn", hours_before_close=26, fetched_after_h=5)
    (item,) = sections(build_digest(PLAN, DAY, [late]))["neutral"].items
    assert item.late
    assert build_digest(PLAN, DAY - timedelta(days=1), [late]).counts.total == 0


def test_only_the_latest_version_of_a_document_counts() -> None:
    first = document(NON_CAO, "Bản đầu", doc_id="same", tone="negative")
    edited = replace(document(NON_CAO, "Bản sửa", doc_id="same"), version=2)
    digest = build_digest(PLAN, DAY, [edited, first])
    assert (digest.counts.total, digest.counts.negative) == (1, 0)
    assert sections(digest)["neutral"].items[0].title == "Bản sửa"


def test_muted_reports_are_counted_apart() -> None:
    plan = replace(PLAN, mute=MuteSettings(sources=("non-cao",)))
    digest = build_digest(plan, DAY, [document(NON_CAO, "Một"), document(SONG_BANG, "Hai")])
    assert (digest.counts.total, digest.muted) == (1, 1)


# ---- the province's judgement ---------------------------------------------------------------------------------------

MERGED = replace(PLAN, province="tuyen-quang")


@pytest.mark.parametrize(
    ("province", "assessments", "tone"),
    [
        ("tuyen-quang", [judged("ha-giang", "positive", 0.7), judged("tuyen-quang", "negative", 0.9)], "negative"),
        ("tuyen-quang", [judged("ha-giang", "positive", 0.9), judged("tuyen-quang", "negative", 0.7)], "positive"),
        ("tuyen-quang", [judged("ha-giang", "positive", 0.9), judged("tuyen-quang", "negative", 0.9)], "negative"),
        ("ha-giang", [judged("ha-giang", "positive", 0.5), judged("tuyen-quang", "negative", 0.9)], "positive"),
        (
            "tuyen-quang",
            [judged("ha-giang", "neutral", 0.9, "mention"), judged("tuyen-quang", "positive", 0.6)],
            "positive",
        ),
    ],
)
def test_old_units_of_one_province(province: str, assessments: Sequence[Assessment], tone: Tone) -> None:
    doc = assessed(document(NON_CAO, "Hai tỉnh cũ"), *assessments)
    digest = build_digest(replace(PLAN, province=province), DAY, [doc])
    (item,) = (item for section in digest.sections for item in section.items)
    assert item.tone == tone


# ---- sections -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("doc", "section"),
    [
        (document(MEKONG, "x", tone="negative", topic="environment.pollution"), "negative"),
        (document(MEKONG, "x", tone="positive", topic="environment.pollution"), "foreign"),
        (document(NON_CAO, "x", tone="positive", topic="environment.pollution", units=REGION), "prominent"),
        (document(NON_CAO, "x", tone="positive", units=REGION), "positive"),
        (document(NON_CAO, "x", units=REGION), "related"),
        (document(NON_CAO, "x", units=REGION[:2]), "neutral"),
        (document(MEKONG, "x", units=REGION), "foreign"),
        (document(NHAT_TRIEU, "x", bad_event=True), "prominent"),
        (document(NON_CAO, "x", bad_event=True), "neutral"),
        (document(NON_CAO, "x"), "neutral"),
    ],
)
def test_precedence(doc: Document, section: SectionId) -> None:
    assert owner(doc) == section


def test_a_negative_tone_that_is_not_sure_is_counted_but_asks_for_no_answer() -> None:
    doc = document(NON_CAO, "x", tone="negative")
    assert doc.annotation
    (own,) = doc.annotation.assessments
    doubtful = replace(doc, annotation=replace(doc.annotation, assessments=(replace(own, tone_score=0.6),)))
    expected: dict[float, SectionId] = {0.5: "negative", 0.6: "negative", 0.7: "neutral"}
    for threshold, section in expected.items():
        digest = build_digest(replace(PLAN, sure_negative=threshold), DAY, [doubtful])
        assert (digest.counts.negative, digest.counts.total) == (1, 1)
        (item,) = sections(digest)[section].items
        assert item.tone == "negative"


def test_a_sensitive_phrase_in_passing_does_not_make_a_report_prominent() -> None:
    doc = document(NON_CAO, "x", topic="environment.pollution")
    assert doc.annotation
    (topic,) = doc.annotation.topics
    faint = replace(doc.annotation, topics=(replace(topic, id="economy"), replace(topic, score=0.1)))
    assert owner(replace(doc, annotation=faint)) == "neutral"


def test_two_old_units_of_one_neighbour_are_one_other_province() -> None:
    units = (("cao-bang", "cao-bang"), ("ha-giang", "tuyen-quang"), ("tuyen-quang", "tuyen-quang"))
    assert owner(document(NON_CAO, "x", units=units)) == "neutral"


def test_other_sections_refer_to_what_they_do_not_own() -> None:
    digest = build_digest(PLAN, DAY, [document(GUANGXI, "x", tone="negative", topic="environment.pollution")])
    assert sections(digest)["negative"].items[0].also == ("foreign", "prominent")


def test_a_sixth_prominent_report_goes_where_it_fits_next_and_leads_there() -> None:
    docs = [document(NON_CAO, f"Nhạy cảm {n}", topic="environment.pollution", doc_id=f"s{n}") for n in range(7)]
    plain = document(NHAT_TRIEU, "Thường", doc_id="plain")
    found = sections(build_digest(PLAN, DAY, [*docs, plain]))
    assert len(found["prominent"].items) == PROMINENT_CAP
    assert [item.id == "plain" for item in found["neutral"].items] == [False, False, True]
    assert all(item.also == ("prominent",) for item in found["neutral"].items[:2])


def test_ranking_is_sensitive_then_tier_then_newest() -> None:
    docs = [
        document(NON_CAO, "cũ, hẹp", doc_id="4", hours_before_close=9, tone="negative"),
        document(NON_CAO, "mới, hẹp", doc_id="3", hours_before_close=2, tone="negative"),
        document(NHAT_TRIEU, "cũ, rộng", doc_id="2", hours_before_close=20, tone="negative"),
        document(
            LU_HANH, "nhạy cảm", doc_id="1", hours_before_close=22, tone="negative", topic="environment.pollution"
        ),
    ]
    items = sections(build_digest(PLAN, DAY, docs))["negative"].items
    assert [item.id for item in items] == ["1", "2", "3", "4"]


def test_a_full_section_folds_the_rest_by_topic() -> None:
    docs = [document(NON_CAO, f"Tin {n}", doc_id=f"{n:02d}", topic="society.education") for n in range(18)]
    section = sections(build_digest(PLAN, DAY, docs))["neutral"]
    assert (len(section.items), section.folded) == (SECTION_CAP, 3)
    assert [(one.topic, one.reports) for one in section.folded_topics] == [("society", 3)]


# ---- history --------------------------------------------------------------------------------------------------------


def day_count(day: date, total: int) -> DayCount:
    return DayCount(day=day, positive=total, neutral=0, negative=0)


def history(*totals_by_days_back: tuple[int, int]) -> dict[date, DayCount]:
    return {
        DAY - timedelta(days=back): day_count(DAY - timedelta(days=back), total) for back, total in totals_by_days_back
    }


@pytest.mark.parametrize(
    ("earlier", "previous_day", "mean"),
    [
        ({}, None, None),
        (history((1, 0)), 0, None),
        (history((7, 4), (14, 5), (21, 6), (28, 8)), None, 5.75),
        (history((7, 4), (14, 5), (21, 6)), None, None),
        (history((7, 4), (21, 6), (28, 8)), None, 6),
        (history((7, 4), (14, 5), (21, 6), (27, 9)), None, 5),
        (history((7, 4), (28, 8)), None, None),
        (history((0, 99), (1, 3)), 3, None),
    ],
)
def test_earlier_days(earlier: dict[date, DayCount], previous_day: int | None, mean: float | None) -> None:
    counts = build_digest(PLAN, DAY, [], earlier=earlier).counts
    assert (counts.previous_day, counts.mean_28d) == (previous_day, mean)


def test_last_days_leave_out_what_was_never_collected() -> None:
    days = build_digest(PLAN, DAY, specimen_documents(), earlier=HISTORY).last_days
    assert [(DAY - count.day).days for count in days] == [6, 5, 4, 2, 1, 0]
    assert days[-1] == DayCount(day=DAY, positive=12, neutral=10, negative=3)


def test_counting_days_agrees_with_their_digests() -> None:
    docs = specimen_documents()
    for day, count in count_days(PLAN, docs).items():
        counts = build_digest(PLAN, day, docs).counts
        assert (count.positive, count.neutral, count.negative) == (counts.positive, counts.neutral, counts.negative)


# ---- what always holds ----------------------------------------------------------------------------------------------

UNITS = st.sampled_from((*REGION, ("quang-ninh", "quang-ninh")))


@st.composite
def documents(draw: st.DrawFn) -> Document:
    outlet = draw(st.sampled_from([NON_CAO, NHAT_TRIEU, SONG_BANG, GUANGXI, MEKONG]))
    return document(
        outlet,
        draw(st.text(st.characters(exclude_categories=()), max_size=30)),
        draw(st.text(max_size=60)),
        doc_id=draw(st.uuids()).hex,
        tone=draw(st.sampled_from(["negative", "neutral", "positive"])),
        topic=draw(st.sampled_from([*SENSITIVE, "society.education", "economy"])),
        units=tuple(draw(st.lists(UNITS, min_size=1, max_size=5, unique=True))),
        relevance=draw(st.sampled_from(["about", "about", "about", "mention"])),
        bad_event=draw(st.booleans()),
        hours_before_close=draw(st.floats(-30, 80)),
        fetched_after_h=draw(st.floats(0, 90)),
    )


PLANS = st.sampled_from(
    [PLAN, replace(PLAN, province="thai-nguyen", hour=0), DigestPlan(province="ha-giang", language="en")]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(documents(), max_size=70), PLANS)
def test_invariants(docs: list[Document], plan: DigestPlan) -> None:
    digest = build_digest(plan, DAY, docs)
    counts = digest.counts
    items = [item for section in digest.sections for item in section.items]
    assert counts.total == counts.positive + counts.neutral + counts.negative
    assert counts.total == len(items) + sum(section.folded for section in digest.sections)
    assert len({item.id for item in items}) == len(items)
    assert counts.total == sum(row.positive + row.neutral + row.negative for row in digest.outlet_tones)
    assert len(digest.outlet_tones) == counts.outlets
    assert {section.id for section in digest.sections} == set(PRECEDENCE)
    for section in digest.sections:
        assert len(section.items) <= (PROMINENT_CAP if section.id == "prominent" else SECTION_CAP)
        assert sum(one.reports for one in section.folded_topics) == section.folded
        assert section.folded == 0 or len(section.items) == SECTION_CAP
        assert all(section.id not in item.also for item in section.items)
    owned = sections(digest)
    assert counts.negative == len(owned["negative"].items) + owned["negative"].folded
    assert Counter(item.country != "VN" for item in owned["foreign"].items)[False] == 0
    assert build_digest(plan, DAY, list(reversed(docs))) == digest


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(documents(), max_size=40), PLANS)
def test_a_document_is_in_one_edition_at_most(docs: list[Document], plan: DigestPlan) -> None:
    editions = [build_digest(plan, DAY + timedelta(days=shift), docs) for shift in range(-6, 7)]
    seen = Counter(item.id for digest in editions for section in digest.sections for item in section.items)
    assert set(seen.values()) <= {1}
