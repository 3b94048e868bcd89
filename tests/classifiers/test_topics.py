import pytest

from classifiers.linear import load_models
from classifiers.topics import (
    OTHER,
    TopicModel,
    sensitive,
    sensitive_topics,
    subtopics,
    topic_label,
    topics,
    topics_by_phrases,
)


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
    document = load_models().read_document(title, "")
    found = TopicModel.load().predict(document, title)
    assert found[0].id == topic
    assert [each.score for each in found[1:]] == sorted((each.score for each in found[1:]), reverse=True)
    parents = {each.id for each in found if "." not in each.id}
    assert {each.id.split(".")[0] for each in found} == parents


def test_a_language_without_a_model_gets_phrases_or_other_with_a_low_score() -> None:
    assert [each.id for each in topics_by_phrases("Rain expected")] == [OTHER]
    found = topics_by_phrases("Human Rights Watch criticises")
    assert found[0].id == "rights_ethnic_religion"
    assert found[0].score <= 0.2
