"""What an editor asks for is done, recorded, and changes no count; what cannot be done is told with its line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import DraftError
from pipeline.digest.build import Background, build_edition
from pipeline.digest.editing import Edits, ItemEdit, ItemTexts
from pipeline.digest.period import Period
from pipeline.digest.ranking import PROMINENT_CAP
from pipeline.records import Digest, DigestItem, Document, SectionId
from tests.dashboards.specimen import (
    DAY,
    GUANGXI,
    LU_HANH,
    NHAT_TRIEU,
    NON_CAO,
    PLAN,
    SONG_BANG,
    document,
    specimen_documents,
)
from tests.pipeline.digest.daily import build_digest
from tests.pipeline.digest.told import BRIDGE, bridge, told

SAVED_AT = datetime(2026, 3, 4, 23, 40, tzinfo=UTC)
BLANK = Edits(place="nhap.yaml", edited_at=SAVED_AT, by="Hoàng Thị Thử")


def edited(docs: list[Document], edits: Edits) -> Digest:
    return build_edition(PLAN, Period.daily(DAY), docs, Background(), edits=edits)


def items(digest: Digest, section: SectionId) -> tuple[DigestItem, ...]:
    return next(one for one in digest.sections if one.id == section).items


def entries(*ids: str) -> tuple[ItemEdit, ...]:
    return tuple(ItemEdit(id=one, line=line) for line, one in enumerate(ids, start=10))


def listing(section: SectionId, *listed: ItemEdit) -> Edits:
    return replace(BLANK, sections={section: listed})


def neutral(count: int) -> list[Document]:
    return [document(NON_CAO, f"Tin {n}", doc_id=f"n{n}", hours_before_close=n + 1) for n in range(count)]


def sensitive(count: int) -> list[Document]:
    return [
        document(NON_CAO, f"Nhạy cảm {n}", doc_id=f"s{n}", topic="environment.pollution", hours_before_close=n + 1)
        for n in range(count)
    ]


def refused(docs: list[Document], edits: Edits) -> DraftError:
    with pytest.raises(DraftError) as caught:
        edited(docs, edits)
    for lang in ("vi", "en"):
        assert "nhap.yaml" in caught.value.text(lang)
    return caught.value


# ---- what is done ---------------------------------------------------------------------------------------------------


def test_an_untouched_draft_leaves_no_trace() -> None:
    docs = neutral(4)
    plain = build_digest(PLAN, DAY, docs)
    assert edited(docs, listing("neutral", *entries("n0", "n1", "n2", "n3"))) == plain
    assert edited(docs, replace(BLANK, by="")) == plain


def test_words_are_recorded_with_who_and_when() -> None:
    digest = edited(neutral(1), replace(BLANK, outlook=("Mưa lớn kéo dài.",), proposals=("Trả lời báo.",)))
    part = digest.editor
    assert part
    assert (part.by, part.edited_at, part.outlook, part.proposals) == (
        "Hoàng Thị Thử",
        SAVED_AT,
        ("Mưa lớn kéo dài.",),
        ("Trả lời báo.",),
    )
    assert (part.left_out, part.arranged) == ((), ())


def test_the_order_of_the_draft_wins_and_what_it_does_not_list_comes_after() -> None:
    docs = neutral(5)
    digest = edited(docs, listing("neutral", *entries("n3", "n1")))
    assert [item.id for item in items(digest, "neutral")] == ["n3", "n1", "n0", "n2", "n4"]
    assert digest.editor
    assert digest.editor.arranged == ("neutral",)


def test_what_comes_after_the_draft_keeps_its_rank_where_the_editor_did_not_reorder() -> None:
    edits = replace(listing("neutral", *entries("n1", "n3")), drafted={"neutral": ("n1", "n3")})
    digest = edited(neutral(4), edits)
    assert [item.id for item in items(digest, "neutral")] == ["n0", "n1", "n2", "n3"]
    assert digest.editor is None
    assert not edits.says_something
    reordered = replace(edits, drafted={"neutral": ("n3", "n1")})
    assert [item.id for item in items(edited(neutral(4), reordered), "neutral")] == ["n1", "n3", "n0", "n2"]
    assert reordered.says_something


def test_replaced_texts_keep_what_stood_there() -> None:
    docs = [document(GUANGXI, "高平省代表团访问桂江市", "双方交换意见。", doc_id="z")]
    texts = ItemTexts(title="Đoàn Cao Bằng thăm Quế Giang", summary="")
    (item,) = items(edited(docs, listing("foreign", ItemEdit(id="z", line=5, texts=texts))), "foreign")
    assert (item.title, item.original_title, item.summary) == (texts.title, "高平省代表团访问桂江市", "")
    assert [(one.field, one.was) for one in item.edited] == [
        ("title", "高平省代表团访问桂江市"),
        ("summary", "双方交换意见。"),
    ]


def test_an_item_left_out_stays_counted() -> None:
    docs = bridge()
    plain = build_digest(PLAN, DAY, docs)
    entry = ItemEdit(id=BRIDGE, line=7, drop=True, why="đã trả lời")
    digest = edited(docs, listing("negative", entry))
    assert digest.counts == plain.counts
    assert digest.outlet_tones == plain.outlet_tones
    assert not any(section.items for section in digest.sections)
    assert digest.editor
    (left_out,) = digest.editor.left_out
    assert (left_out.title, left_out.outlet, left_out.section, left_out.reports, left_out.why) == (
        "Cầu treo mới, đường dẫn dang dở",
        NHAT_TRIEU.name,
        "negative",
        4,
        "đã trả lời",
    )


def test_a_story_is_found_by_any_document_that_tells_it() -> None:
    for one in (BRIDGE, f"{NON_CAO.id}-{BRIDGE}", f"{SONG_BANG.id}-{BRIDGE}"):
        texts = ItemTexts(title="Tựa mới")
        digest = edited(bridge(), listing("negative", ItemEdit(id=one, line=1, texts=texts)))
        assert [item.title for item in items(digest, "negative")] == ["Tựa mới"]


def test_an_item_can_be_made_prominent_and_sent_back() -> None:
    digest = edited(neutral(2), listing("prominent", *entries("n1")))
    assert [item.id for item in items(digest, "prominent")] == ["n1"]
    assert [item.id for item in items(digest, "neutral")] == ["n0"]
    assert digest.editor
    assert digest.editor.arranged == ("prominent", "neutral")
    back = edited(sensitive(2), listing("neutral", *entries("s0")))
    assert [item.id for item in items(back, "prominent")] == ["s1"]
    assert [item.id for item in items(back, "neutral")] == ["s0"]


def test_a_full_prominent_section_yields_to_the_editor() -> None:
    docs = [*sensitive(5), *neutral(1)]
    digest = edited(docs, listing("prominent", *entries("n0", "s0", "s1", "s2", "s3")))
    assert [item.id for item in items(digest, "prominent")] == ["n0", "s0", "s1", "s2", "s3"]
    assert [item.id for item in items(digest, "neutral")] == ["s4"]


def test_a_withdrawn_item_without_changes_is_no_mistake() -> None:
    docs = neutral(2)
    gone = ItemEdit(id="đã rút", line=9, drop=True)
    assert edited(docs, listing("neutral", gone, *entries("n0", "n1"))) == build_digest(PLAN, DAY, docs)


# ---- what cannot be done --------------------------------------------------------------------------------------------


def test_changes_by_nobody_are_refused() -> None:
    assert refused(neutral(1), replace(BLANK, by="", outlook=("Mưa.",))).code == "draft.nobody"


def test_a_headline_for_an_item_that_is_not_there_is_refused() -> None:
    error = refused(neutral(1), listing("neutral", ItemEdit(id="lạ", line=31, texts=ItemTexts(title="Mới"))))
    assert (error.code, error.fields["line"], error.fields["id"]) == ("draft.unknown_item", 31, "lạ")


def test_two_changes_of_one_story_are_refused() -> None:
    first = ItemEdit(id=BRIDGE, line=4, texts=ItemTexts(title="Một"))
    second = ItemEdit(id=f"{NON_CAO.id}-{BRIDGE}", line=8, texts=ItemTexts(title="Hai"))
    error = refused(bridge(), listing("negative", first, second))
    assert (error.code, error.fields["line"], error.fields["other"]) == ("draft.same_story", 8, 4)


def test_an_item_stands_only_where_it_fits() -> None:
    error = refused(neutral(1), listing("foreign", *entries("n0")))
    assert (error.code, error.fields["known"]) == ("draft.wrong_section", "neutral, prominent")


def test_the_foreign_week_has_one_section() -> None:
    docs = [document(GUANGXI, "新闻", doc_id="z")]
    edits = listing("prominent", *entries("z"))
    with pytest.raises(DraftError) as caught:
        build_edition(PLAN, Period.foreign_week(DAY), docs, Background(), edits=edits)
    assert (caught.value.code, caught.value.fields["known"]) == ("draft.wrong_section", "foreign")


def test_no_more_prominent_items_than_can_be_read() -> None:
    docs = neutral(PROMINENT_CAP + 1)
    error = refused(docs, listing("prominent", *entries(*(doc.id for doc in docs))))
    assert (error.code, error.fields["line"]) == ("draft.too_prominent", 10 + PROMINENT_CAP)


# ---- what always holds ----------------------------------------------------------------------------------------------

DOCS = [*specimen_documents(), *bridge(), told(LU_HANH, "Thêm một báo", hours_before_close=2)]
PLACES = [(section.id, item.id) for section in build_digest(PLAN, DAY, DOCS).sections for item in section.items]


@settings(max_examples=60, deadline=timedelta(seconds=5), suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(PLACES), st.integers(0, len(PLACES)), st.data())
def test_nothing_is_lost_or_counted_anew(order: list[tuple[SectionId, str]], listed: int, data: st.DataObject) -> None:
    dropped = data.draw(st.sets(st.sampled_from([item_id for _, item_id in PLACES])))
    sections: dict[SectionId, tuple[ItemEdit, ...]] = {}
    for section, item_id in order[:listed]:
        entry = ItemEdit(id=item_id, line=1, drop=item_id in dropped)
        sections[section] = (*sections.get(section, ()), entry)
    plain, digest = build_digest(PLAN, DAY, DOCS), edited(DOCS, replace(BLANK, sections=sections))
    left_out = digest.editor.left_out if digest.editor else ()
    printed = [item for section in digest.sections for item in section.items]
    assert digest.counts == plain.counts
    assert sum(item.reports for item in printed) + sum(one.reports for one in left_out) == digest.counts.total
    assert {item.id for item in printed} | {one.id for one in left_out} == {item_id for _, item_id in PLACES}
    assert {one.id for one in left_out} == dropped & {item_id for _, item_id in order[:listed]}
