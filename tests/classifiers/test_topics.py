import json

import pytest

from classifiers.encoder import Encoder
from classifiers.features import Passage
from classifiers.linear import DOCUMENT_TASKS, load_models
from classifiers.topics import (
    OTHER,
    SUBTOPIC_SHARE,
    TopicModel,
    sensitive,
    sensitive_topics,
    subtopics,
    topic_label,
    topics,
    topics_by_phrases,
)
from classifiers.windows import window
from config.files import data_path


def test_the_taxonomy_has_thirteen_topics_and_sixty_one_subtopics() -> None:
    assert len(topics()) == 14
    assert [name for name in topics() if name == OTHER] == [OTHER]
    children = [child for topic in topics().values() for child in topic.children]
    assert len({child.id for child in children}) == len(children) == 61
    assert all(child.id.startswith(f"{topic.id}.") for topic in topics().values() for child in topic.children)


def test_every_subtopic_can_fire() -> None:
    assert [child.id for topic in topics().values() for child in topic.children if not child.phrases] == []


def test_labels_in_both_languages() -> None:
    assert topic_label("society.accidents_fire", "en") != topic_label("society.accidents_fire", "vi")
    with pytest.raises(KeyError):
        topic_label("society.none")


def test_sensitive_topics_are_subtopics_marked_so() -> None:
    assert sensitive("politics.anti_corruption")
    assert not sensitive("politics.party_congress")
    assert not sensitive("politics")
    assert not sensitive("no_such_topic")
    assert len(sensitive_topics()) > 10


def test_a_weak_phrase_never_fires_alone() -> None:
    assert list(subtopics("society", 0.8, "Khởi công xây trường, y tế xã")) == []
    assert [each.id for each in subtopics("society", 0.8, "Bệnh viện tuyến huyện thiếu y tế")] == [
        "society.health_epidemic"
    ]


def test_two_weak_phrases_fire_together() -> None:
    assert list(subtopics("society", 0.8, "Xe tải bốc cháy trên cao tốc")) == []
    assert [each.id for each in subtopics("society", 0.8, "Cháy nhà, một người tử vong")] == ["society.accidents_fire"]


def test_one_phrase_within_another_counts_once() -> None:
    (one,) = subtopics("politics", 0.8, "Cán bộ nhận hối lộ")
    (two,) = subtopics("politics", 0.8, "Cán bộ nhận hối lộ, tham ô")
    assert one.score == pytest.approx(0.8 * SUBTOPIC_SHARE / 2)
    assert two.score > one.score


def test_two_spellings_of_a_phrase_count_once() -> None:
    (found,) = subtopics("sovereignty_border", 0.8, "Tuần lễ biển, đảo quê hương")
    assert found.score == pytest.approx(0.8 * SUBTOPIC_SHARE / 2)


@pytest.mark.parametrize(
    ("topic", "text"),
    [
        ("politics", "Ông Nguyễn Văn A làm Phó tổng Thanh tra Chính phủ"),
        ("security", "Khởi tố nhóm thanh niên gây rối trật tự công cộng"),
        ("environment", "Thuế bảo vệ môi trường với xăng giảm"),
        ("security", "Cấm xe quanh quảng trường Ba Đình\nCông an thành phố điều chỉnh giờ cấm"),
        ("security", "Người dân bất đình. Công an vào cuộc"),
        ("security", "Bắt giam Nguyễn Đình Công về tội lừa đảo"),
    ],
)
def test_what_only_looks_like_a_sensitive_phrase_does_not_fire(topic: str, text: str) -> None:
    assert [each.id for each in subtopics(topic, 0.8, text) if sensitive(each.id)] == []


@pytest.mark.parametrize(
    ("topic", "text", "subtopic"),
    [
        ("politics", "Thanh tra chỉ ra nhiều vi phạm tại dự án", "politics.anti_corruption"),
        ("security", "Chục hộ dân phản đối, chặn xe chở rác", "security.protest_collective"),
        ("sovereignty_border", "Tuần tra dọc biên giới", "sovereignty_border.land_border"),
        ("sovereignty_border", "Bốn thuyền trưởng bị phạt vì vi phạm IUU", "sovereignty_border.iuu_fishing"),
        ("rights_ethnic_religion", "Đại lễ Phật đản ở Huế", "rights_ethnic_religion.religion_belief"),
        ("rights_ethnic_religion", "Báo cáo nhân quyền thiếu khách quan", "rights_ethnic_religion.human_rights"),
        ("rights_ethnic_religion", "Già làng của bản", "rights_ethnic_religion.ethnic_affairs"),
        (
            "rights_ethnic_religion",
            "Bị phạt vì cản trở phóng viên",
            "rights_ethnic_religion.speech_press_internet",
        ),
        ("environment", "Rác thải sinh hoạt ùn ứ, bốc mùi", "environment.pollution"),
        ("economy", "Mỏ cát khai thác vượt phép", "economy.land_realestate"),
        ("tourism_sport", "Quán ăn chặt chém khách", "tourism_sport.tourism_incident"),
        ("information_work", "Xử phạt người tung tin sai sự thật", "information_work.claims_to_verify"),
    ],
)
def test_sensitive_subtopics_by_their_phrases(topic: str, text: str, subtopic: str) -> None:
    assert subtopic in [each.id for each in subtopics(topic, 0.8, text)]
    assert sensitive(subtopic)


def test_a_tone_mark_may_stand_on_either_vowel() -> None:
    for text in ("Tỉnh ủy kỷ luật một đảng viên", "Tỉnh uỷ kỷ luật một đảng viên"):
        assert "politics.party_congress" in [each.id for each in subtopics("politics", 0.8, text)]


def test_weak_phrases_and_exceptions_belong_to_their_subtopic() -> None:
    """A weak phrase is listed among the phrases; an exception covers one of them, or it would change nothing."""
    for row in json.loads(data_path("topics.json").read_text(encoding="utf-8")):
        for child in row["children"]:
            phrases = set(child["phrases_vi"])
            assert len(phrases) == len(child["phrases_vi"]), child["id"]
            assert set(child["weak_phrases_vi"]) <= phrases, child["id"]
            for exception in child.get("except_phrases_vi", ()):
                assert any(phrase in exception for phrase in phrases), f"{child['id']}: {exception}"


def test_a_phrase_fires_as_whole_words_only() -> None:
    assert [each.id for each in subtopics("society", 0.8, "hộ nghèo")] == ["society.poverty_ntp"]
    assert list(subtopics("society", 0.8, "hộ nghèox")) == []


def test_more_phrases_bring_a_subtopic_nearer_to_its_topic() -> None:
    (one,) = subtopics("society", 0.8, "hộ nghèo")
    (two,) = subtopics("society", 0.8, "Giảm nghèo cho hộ nghèo")
    assert one.score < two.score < 0.8


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("Đội bóng vô địch giải hạng nhất sau loạt luân lưu", "tourism_sport"),
        ("Bão số 5 gây mưa lớn, nhiều nơi ngập sâu, sạt lở", "environment"),
        ("Doanh nghiệp xuất khẩu gạo tăng doanh thu trong quý 3", "economy"),
    ],
)
def test_the_model_names_the_topic_first_and_its_subtopics_after_it(title: str, topic: str) -> None:
    models = load_models()
    document = models.probabilities(DOCUMENT_TASKS, models.read_document(title, ""))["topics"]
    encoded = Encoder.load().read([window(Passage(text=title))])["topics"][0]
    model = TopicModel.load()
    assert model.rank(model.probabilities(document, None), title)[0].id == topic
    assert model.rank(model.probabilities(None, encoded), title)[0].id == topic
    found = model.rank(model.probabilities(document, encoded), title)
    assert found[0].id == topic
    assert [each.score for each in found[1:]] == sorted((each.score for each in found[1:]), reverse=True)
    parents = {each.id for each in found if "." not in each.id}
    assert {each.id.split(".")[0] for each in found} == parents


def test_a_language_without_a_model_gets_phrases_or_other_with_a_low_score() -> None:
    model = TopicModel.load()
    assert [each.id for each in model.rank(model.probabilities(None, None), "Rain expected")] == [OTHER]
    found = topics_by_phrases("Human Rights Watch criticises")
    assert found[0].id == "rights_ethnic_religion"
    assert found[0].score <= 0.2
