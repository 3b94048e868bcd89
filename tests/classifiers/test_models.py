"""What linear models and encoder together say of plain headlines; their figures are pinned by the floors."""

from collections.abc import Iterator, Mapping

import numpy as np
import pytest

from classifiers.annotator import Annotator
from classifiers.bad_event import BadEventModel
from classifiers.encoder import Encoder
from classifiers.features import MarkedText, Passage, mark
from classifiers.linear import DOCUMENT_TASKS, UNIT_TASKS, Floats, load_models
from classifiers.model_files import MODELS
from classifiers.nlp import split_sentences
from classifiers.places import find_mentions
from classifiers.relevance import RelevanceClass, RelevanceModel
from classifiers.tone import ToneModel, TonePrediction, said_of_all
from classifiers.vote import Pool, TaskVote, load_votes
from classifiers.windows import window, windows
from pipeline.records import Item


def read(item: Item, unit: str) -> tuple[MarkedText, Mapping[str, Floats], Mapping[str, Floats]]:
    mentions = find_mentions(item, "vi")
    body = [(each.start, each.end) for each in split_sentences(item, "vi") if each.field == "text"]
    own = [each for each in mentions if each.unit == unit]
    marked = mark(item, unit, own, (each for each in mentions if each.unit != unit), body)
    models = load_models()
    vectors = models.read_unit(marked, models.read_document(item.title, item.summary))
    return marked, models.probabilities(UNIT_TASKS, vectors), Encoder.load().read(windows(marked))


def tone(item: Item, unit: str) -> TonePrediction:
    marked, linear, encoded = read(item, unit)
    return ToneModel.load().predict(marked, linear["tone"], encoded["tone"])


def relevance(item: Item, unit: str) -> dict[RelevanceClass, float]:
    marked, linear, encoded = read(item, unit)
    return RelevanceModel.load().predict(marked, linear["relevance"], encoded["relevance"])


def item(title: str, summary: str = "", text: str = "") -> Item:
    return Item(id="1", title=title, summary=summary, text=text)


@pytest.mark.parametrize(
    ("title", "unit", "expected"),
    [
        ("Bắt cựu phó chủ tịch tỉnh Lạng Sơn nhận hối lộ", "lang-son", "negative"),
        ("Cao Bằng dẫn đầu cả nước, vượt kế hoạch thu hút đầu tư", "cao-bang", "positive"),
        ("Cao Bằng họp triển khai kế hoạch phòng cháy rừng mùa khô", "cao-bang", "neutral"),
    ],
)
def test_tone_of_plain_headlines(title: str, unit: str, expected: str) -> None:
    found = tone(item(title), unit)
    assert found.tone == expected
    assert 1 / 3 < found.score <= 1
    assert found.evidence == (title,)


def test_blame_is_as_sure_as_the_encoder_alone_finds_it_and_praise_as_both_do() -> None:
    vote, model = load_votes().tasks["tone"], ToneModel.load()
    marked, _, _ = read(item("Bắt cựu phó chủ tịch tỉnh Lạng Sơn nhận hối lộ"), "lang-son")
    for tone, linear_says, encoder_says in (("negative", 0.96, 0.3), ("positive", 0.96, 0.3), ("negative", 0.5, 2.0)):
        at = vote.classes.index(tone)
        said = np.where(np.arange(3) == at, linear_says, (1 - linear_says) / 2).astype(np.float32)
        encoded = np.where(np.arange(3) == at, encoder_says, 0).astype(np.float32)
        found = model.predict(marked, said, encoded[None])
        together, alone = vote.probabilities(encoded, said)[at], vote.probabilities(encoded, None)[at]
        assert found.tone == tone
        assert found.score == pytest.approx(min(together, alone) if tone == "negative" else together)


def test_a_full_text_is_voted_on_with_numbers_of_its_own_where_both_models_can_read_it() -> None:
    def vote(positive: float) -> TaskVote:
        return TaskVote(
            classes=("negative", "neutral", "positive"),
            both=Pool(encoder=1.0, linear=1.0, memory=1.0, shift=(0.0, 0.0, positive)),
            alone=Pool(encoder=0.5, linear=0.0, memory=0.0, shift=(0.0, 0.0, positive)),
            lean=(0.0, 0.0, 0.0),
        )

    model = ToneModel(load_models(), vote(0.0), vote(9.0))
    body = "Đoàn đến Cao Bằng hôm qua."
    full_text, headline = read(item("Họp báo", "", body), "cao-bang")[0], read(item("Cao Bằng họp báo"), "cao-bang")[0]
    named_in_title_only = read(item("Cao Bằng họp báo", "", "Đoàn đến hôm qua."), "cao-bang")[0]
    linear, encoded = np.array([0.2, 0.6, 0.2], np.float32), np.array([[0.0, 1.0, 0.0]], np.float32)
    assert model.predict(full_text, linear, encoded).tone == "positive"
    assert model.predict(headline, linear, encoded).tone == "neutral"
    assert model.predict(named_in_title_only, linear, encoded).tone == "neutral"
    assert model.predict(full_text, None, encoded).tone == "neutral", "learnt with the linear model, not without"
    alone = model.predict(full_text, linear, None)
    assert alone.tone == "neutral"
    assert alone.score == pytest.approx(0.6), "the linear model is calibrated already"


def test_blame_of_a_full_text_is_as_sure_as_the_less_sure_of_two_answers() -> None:
    vote, model = load_votes().full_text_tone, ToneModel.load()
    marked = read(item("Bắt cựu phó chủ tịch tỉnh", "", "Lạng Sơn khởi tố ông A. vì nhận hối lộ."), "lang-son")[0]
    linear, encoded = np.array([0.96, 0.02, 0.02], np.float32), np.array([[0.3, 0.0, 0.0]], np.float32)
    found = model.predict(marked, linear, encoded)
    assert found.tone == "negative"
    assert found.score == pytest.approx(vote.probabilities(encoded[0], None)[0])
    assert found.score < vote.probabilities(encoded[0], linear)[0]


def test_title_and_lead_say_as_much_as_two_windows_of_the_body() -> None:
    title, body = [3.0, 0.0, -3.0], [0.0, 3.0, 3.0]
    assert said_of_all(np.array([title, body], np.float32)).tolist() == [2.0, 1.0, -1.0]
    assert said_of_all(np.array([title], np.float32)).tolist() == title


def test_evidence_is_verbatim_and_of_the_text() -> None:
    summary = "Hội nghị diễn ra sáng 5/3. Nhiều cán bộ Cao Bằng bị khởi tố vì sai phạm đất đai, người dân bức xúc."
    given = item("Cao Bằng họp báo quý 1", summary)
    found = tone(given, "cao-bang")
    assert 1 <= len(found.evidence) <= 2
    assert all(sentence in (given.title, *map(str.strip, _sentences(summary))) for sentence in found.evidence)


def test_evidence_is_not_cut_after_an_abbreviation() -> None:
    first = "Sáng nay Công an TP. Cao Bằng phối hợp TS. Nông Văn A. khởi tố nhóm cán bộ vì sai phạm đất đai."
    found = tone(item("Cao Bằng họp báo quý 1", f"{first} Người dân bức xúc."), "cao-bang")
    assert first in found.evidence
    body = "Vụ án xảy ra ở P. Sông Hiến, TP. Cao Bằng, nhiều cán bộ bị khởi tố vì nhận hối lộ."
    found = tone(item("Họp báo quý 1", "Nội dung ngắn.", body), "cao-bang")
    assert body in found.evidence


def _sentences(text: str) -> Iterator[str]:
    first, second = text.split(". ", 1)
    yield from (f"{first}.", second)


def test_probabilities_of_relevance_add_up() -> None:
    scores = relevance(item("Cao Bằng khởi công đường mới"), "cao-bang")
    assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
    assert scores["about"] > 0.8


def test_a_province_in_one_sentence_of_the_body_is_a_mention_in_many_it_is_the_matter() -> None:
    filler = "Trời hôm nay nắng nhẹ. "
    sentence = "Nông dân Cao Bằng thu hoạch lúa. "

    def judged(text: str) -> str:
        (found,) = Annotator.load().annotate(item("Mùa vàng", "Vụ lúa mới.", text)).assessments
        return found.relevance

    assert judged(filler + sentence) == "mention"
    assert judged(filler + sentence * 5) == "about"


def test_a_headline_name_that_the_text_never_takes_up_is_less_likely_the_matter() -> None:
    title = "Cao Bằng đón đoàn khách"
    alone = relevance(item(title), "cao-bang")
    dropped = relevance(item(title, "", "Trời nắng. Đường vắng."), "cao-bang")
    assert dropped["about"] < alone["about"]


@pytest.mark.parametrize(
    ("title", "bad"),
    [
        ("Xe khách lật trên đèo, 3 người chết", True),
        ("Lũ quét cuốn trôi nhiều nhà dân, 2 người mất tích", True),
        ("Khai mạc lễ hội hoa, đông du khách", False),
        ("Khởi công xây dựng khu công nghiệp mới", False),
    ],
)
def test_bad_event_of_plain_headlines(title: str, bad: bool) -> None:
    models = load_models()
    document = models.probabilities(DOCUMENT_TASKS, models.read_document(title, ""))["bad_event"]
    encoded = Encoder.load().read([window(Passage(text=title))])["bad_event"][0]
    assert (BadEventModel.load().predict(document, encoded) >= 0.5) is bad
    assert (BadEventModel.load().predict(document, None) >= 0.5) is bad


def test_what_no_model_has_read_is_no_bad_event() -> None:
    assert BadEventModel.load().predict(None, None) == 0.0


def test_a_lottery_draw_is_about_no_province() -> None:
    draw = relevance(item("Xổ số miền Nam ngày 3 tháng 4: Đài Cao Bằng có vé trúng lớn", "Đại lý báo tin."), "cao-bang")
    assert draw["mention"] > 0.85
    assert sum(draw.values()) == pytest.approx(1, abs=1e-5)
    firm = relevance(item("Công ty Xổ số kiến thiết Cao Bằng nộp ngân sách vượt kế hoạch tỉnh giao"), "cao-bang")
    assert firm["about"] > 0.5


def test_in_other_languages_the_encoder_alone_tells_what_a_text_is_about() -> None:
    marked, _, encoded = read(item("Da Nang opens a new bridge", "Officials in Da Nang cut the ribbon."), "da-nang")
    opening = RelevanceModel.load().predict(marked, None, encoded["relevance"])["about"]
    passing, _, encoded = read(item("Singer tours Asia", "She will perform in Tokyo, Seoul, Da Nang."), "da-nang")
    assert RelevanceModel.load().predict(passing, None, encoded["relevance"])["about"] < opening - 0.2
    assert opening > 0.8


def test_all_models_together_stay_below_sixty_megabytes() -> None:
    assert sum(path.stat().st_size for path in MODELS.iterdir()) <= 60_000_000
