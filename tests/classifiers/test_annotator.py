"""Rules and models together: what is listed, what is not, and that every judgement can be checked."""

import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from classifiers.annotator import COMPONENTS, Annotator, can_read, decide_relevance
from classifiers.batch import annotation_row
from classifiers.linear import load_models
from classifiers.relevance import RelevanceClass
from config.errors import ModelError
from config.units import historic_units
from pipeline.records import Assessment, Item

AT = datetime(2026, 3, 5, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    return Annotator.load()


def test_products_keep_to_one_core_from_the_loading_on() -> None:
    with threadpool_limits(limits=2, user_api="blas"):
        Annotator.load()
        threads = {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}
    assert threads == {1}


def item(title: str, summary: str = "", text: str = "") -> Item:
    return Item(id="1", title=title, summary=summary, text=text, published_at=AT)


def by_unit(annotator: Annotator, given_item: Item, units: frozenset[str] | None = None) -> dict[str, Assessment]:
    return {found.unit: found for found in annotator.annotate(given_item, units).assessments}


def test_the_province_of_the_headline_is_what_it_is_about(annotator: Annotator) -> None:
    found = by_unit(
        annotator,
        item(
            "Cao Bằng khởi công tuyến đường nối cửa khẩu Trà Lĩnh",
            "UBND tỉnh Cao Bằng khởi công tuyến đường dài 9 km, dự kiến xong trước Tết.",
        ),
    )["cao-bang"]
    assert found.relevance == "about"
    assert found.current == "cao-bang"
    assert found.matched == ("Cao Bằng", "Trà Lĩnh")
    assert "«Cao Bằng»: tên tỉnh, thành phố" in found.why
    assert found.why[-1] == "Tên đứng trong tiêu đề."
    assert found.tone is not None
    assert found.tone_score is not None


def test_vietnamese_words_of_several_syllables_are_kept(annotator: Annotator) -> None:
    vietnamese = annotator.annotate(item("Công an tỉnh Cao Bằng giữ gìn an ninh trật tự, an ninh biên giới"))
    assert {"an ninh", "công an", "trật tự"} <= set(vietnamese.compounds)
    assert list(vietnamese.compounds) == sorted(set(vietnamese.compounds))
    assert not any("ninh trật" in compound for compound in vietnamese.compounds)
    assert annotator.annotate(item("Police in Cao Bang keep order")).compounds == ()


def test_a_merged_province_is_given_with_its_successor(annotator: Annotator) -> None:
    found = by_unit(annotator, item("Lũ quét ở vùng cao Bắc Kạn cũ, ba ngôi nhà bị cuốn trôi"))
    assert found["bac-kan"].current == "thai-nguyen"


@pytest.mark.parametrize(
    "title",
    [
        "Hai nước nối lại đàm phán hòa bình",
        "Phó thủ tướng Nguyễn Hòa Bình làm việc với ngân hàng",
        "Nobel Hòa Bình gây tranh cãi",
        "Diễn đàn châu Á - Thái Bình Dương bế mạc",
    ],
)
def test_a_homonym_is_not_listed(annotator: Annotator, title: str) -> None:
    assert by_unit(annotator, item(title)) == {}


def test_each_unit_has_its_own_judgement(annotator: Annotator) -> None:
    found = by_unit(
        annotator,
        item(
            "Cà Mau: Sạt lở nuốt thêm 40 m đê biển, dân bức xúc vì chậm khắc phục",
            "Đoàn công tác tỉnh Bạc Liêu cũ và Cần Thơ cũng có mặt.",
        ),
    )
    assert found["ca-mau"].relevance == "about"
    assert {"bac-lieu", "can-tho"} <= found.keys()


def test_only_units_asked_for_are_judged(annotator: Annotator) -> None:
    title = "Cao Bằng và Lạng Sơn ký kết hợp tác du lịch"
    assert by_unit(annotator, item(title), frozenset({"lang-son"})).keys() == {"lang-son"}
    assert by_unit(annotator, item(title), frozenset()) == {}
    assert annotator.annotate(item(title), frozenset()).topics


def test_why_tells_when_the_model_decided_what_the_rules_could_not(annotator: Annotator) -> None:
    found = by_unit(annotator, item("Đồng Nai họp khẩn", "Sông Đồng Nai đổi màu, cá chết nổi trắng."))
    assert "«Đồng Nai»: tên sông? Mô hình cho là địa danh" in found["dong-nai"].why
    found = by_unit(annotator, item("Cao Bằng khởi công khu tái định cư vùng sạt lở"))
    assert found["cao-bang"].why[0] == "«Cao Bằng»: tên tỉnh, thành phố"


def test_a_mention_has_no_tone(annotator: Annotator) -> None:
    for found in by_unit(
        annotator, item("Hà Nội mở tuyến buýt điện", "Xe do một nhà máy ở Hải Phòng lắp ráp, khách từ Huế thích thú.")
    ).values():
        assert (found.tone is None) == (found.tone_score is None) == (found.relevance == "mention")


def test_a_foreign_item_is_read_by_rules_and_the_encoder(annotator: Annotator) -> None:
    annotation = annotator.annotate(item("Police in Vietnam's Cao Bang seize timber", "The trucks crossed at night."))
    assert annotation.language == "en"
    assert [found.unit for found in annotation.assessments] == ["cao-bang"]
    assert annotation.assessments[0].evidence == ("Police in Vietnam's Cao Bang seize timber",)
    assert annotation.topics


def test_evidence_of_a_foreign_item_is_the_sentences_that_name_the_unit(annotator: Annotator) -> None:
    lead = "It rained all night. Floods cut off Cao Bang in Vietnam. A bridge fell. Help is on its way."
    (found,) = annotator.annotate(item("Heavy rain in the north", lead)).assessments
    assert found.evidence == ("Floods cut off Cao Bang in Vietnam.",)
    (found,) = annotator.annotate(item("北部大雨", "雨下了一夜。越南高平省发生山洪。桥梁倒塌。")).assessments
    assert found.evidence == ("越南高平省发生山洪。",)


def test_signs_that_are_not_ascii_are_no_accents() -> None:
    assert not can_read(item("Cao Bang – “cong an” bat giu nhom buon lau…"), "vi")
    assert can_read(item("Công an Cao Bằng bắt giữ nhóm buôn lậu"), "vi")
    assert can_read(item(unicodedata.normalize("NFD", "Công an Cao Bằng bắt giữ nhóm buôn lậu")), "vi")


def test_vietnamese_without_accents_is_read_by_rules_and_the_encoder(annotator: Annotator) -> None:
    annotation = annotator.annotate(item("Cong an tinh Cao Bang bat giu nhom buon lau", "Vu viec xay ra dem qua."))
    assert annotation.language == "vi"
    (found,) = annotation.assessments
    assert (found.unit, found.relevance) == ("cao-bang", "about")
    assert found.tone in ("neutral", "positive")


def test_a_name_in_the_body_alone_is_a_mention(annotator: Annotator) -> None:
    body = "Đoàn xe dừng ở nhiều nơi. Có lúc xe nghỉ tại Cao Bằng. Sau đó đoàn đi tiếp về xuôi."
    found = by_unit(annotator, item("Chuyến xe cuối năm của những người thợ", "Họ đi hơn nghìn cây số.", body))
    assert found["cao-bang"].relevance == "mention"
    assert found["cao-bang"].why[-1] == "Tên chỉ có trong thân bài (1 câu)."


def test_a_text_that_returns_to_its_headline_is_about_it(annotator: Annotator) -> None:
    title = "CLB Nam Định chia điểm trên sân khách"
    body = "Nam Định nhập cuộc chậm. Đội khách ghi bàn trước. Nam Định gỡ hòa phút 80. Người Nam Định vui trở lại."
    assert by_unit(annotator, item(title, "", body))["nam-dinh"].relevance == "about"


TITLES = st.lists(
    st.sampled_from(
        ["Cao Bằng", "hòa bình", "TP.HCM", "Nguyễn Hòa Bình", "sạt lở", "Công an", "xã Hòa An", "。", "\n", "越南"]
    )
    | st.text(max_size=15),
    max_size=8,
).map(" ".join)


@settings(max_examples=50, deadline=None)
@given(title=TITLES, summary=TITLES, text=TITLES)
def test_whatever_is_read_can_be_checked(annotator: Annotator, title: str, summary: str, text: str) -> None:
    given_item = item(title, summary, text)
    annotation = annotator.annotate(given_item)
    whole = "\n".join((title, summary, text))
    for found in annotation.assessments:
        assert found.current == historic_units()[found.unit].current
        assert 0 <= found.score <= 1
        assert found.matched
        assert found.why
        assert all(name in whole for name in found.matched)
        assert all(sentence in whole for sentence in found.evidence)
    assert annotation_row(given_item, annotation)["id"] == "1"


def test_names_decide_before_the_model() -> None:
    doubtful: dict[RelevanceClass, float] = {"about": 0.2, "mention": 0.1, "not_it": 0.7}
    assert decide_relevance(doubtful, sure=False) == (None, 0.7)
    relevance, score = decide_relevance(doubtful, sure=True)
    assert (relevance, round(score, 3)) == ("about", 0.667)


def test_the_pipelines_hold_the_listed_components(annotator: Annotator) -> None:
    assert {name: nlp.pipe_names for name, nlp in annotator.pipelines.items()} == {
        name: list(COMPONENTS) for name in ("vi", "en", "xx")
    }


def test_a_damaged_model_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"manifest\.json"):
        load_models(tmp_path)
