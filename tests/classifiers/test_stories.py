"""The score of story pairs on invented articles; its figures are pinned by the floors."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from classifiers.folding import fold
from classifiers.model_files import (
    MODELS,
    STORY_FILES,
    STORY_RARITIES,
    STORY_WEIGHTS,
    models_digest,
    packed_arrays,
    write_files,
)
from classifiers.stories import StoryScorer, candidates
from classifiers.story_text import StoryText, tokens_of
from config.errors import ModelError

NOON = datetime(2026, 3, 1, 5, tzinfo=UTC)
SCORER = StoryScorer.load()


def article(title: str, lead: str = "", *, hours: float = 0, outlet: str = "") -> StoryText:
    return SCORER.read(title, lead, published_at=NOON + timedelta(hours=hours), outlet=outlet)


def score(one: StoryText, other: StoryText) -> float | None:
    """Return the log-odds of a pair; None when it is not even compared."""
    texts = SCORER.lay_out([one, other])
    left, right = candidates(texts, np.array([True, True]))
    return float(SCORER.score(texts, left, right)[0]) if len(left) else None


BRIDGE = article(
    "Sập cầu treo Nà Thử ở Cao Bằng, 12 người bị thương",
    "Sáng 1/3, cầu treo Nà Thử bắc qua sông Mẫu, huyện Trùng Khánh, tỉnh Cao Bằng đổ sập khi 12 người đi qua.",
)


@pytest.mark.parametrize("content", [b"", packed_arrays(unseen=np.array(3))[:-7], packed_arrays(unseen=np.array(3))])
def test_rarities_that_cannot_be_read_are_named(content: bytes, tmp_path: Path) -> None:
    write_files(tmp_path, {STORY_WEIGHTS: (MODELS / STORY_WEIGHTS).read_bytes(), STORY_RARITIES: content})
    with pytest.raises(ModelError) as caught:
        StoryScorer.load(tmp_path)
    assert str(tmp_path / STORY_RARITIES) in caught.value.text("vi")


def test_two_reports_of_one_event_are_joined_and_of_two_events_are_not() -> None:
    again = article(
        "Cầu treo Nà Thử đổ sập, 12 người nhập viện",
        "12 người bị thương khi cầu treo Nà Thử qua sông Mẫu (Cao Bằng) đổ sập sáng nay.",
        hours=2,
    )
    elsewhere = article(
        "Sập cầu treo ở Lào Cai, 3 người bị thương",
        "Chiều 1/3, một cầu treo ở Lào Cai đổ sập làm 3 người bị thương, phải vào bệnh viện.",
        hours=3,
    )
    assert (score(BRIDGE, again) or 0) > 0
    assert (score(BRIDGE, elsewhere) or -1) < 0


def test_the_same_words_days_apart_are_less_likely_one_event() -> None:
    title, lead = "Cháy nhà dân ở phường Mẫu, Cao Bằng", "Ngọn lửa bùng lên trong đêm tại một căn nhà ở phường Mẫu."
    soon, later = (score(article(title, lead), article(title, lead, hours=hours)) for hours in (1, 70))
    assert soon is not None
    assert later is not None
    assert soon > later


ABROAD = {
    "en": (
        "Bridge collapse in Vietnam's Cao Bang injures 12",
        "Twelve people were hurt when the Na Thu suspension bridge in Trung Khanh, Cao Bang, collapsed on March 1; "
        "all 12 are in hospital.",
    ),
    "zh": ("越南高平省吊桥坍塌 12人受伤", "3月1日，越南高平省一座吊桥坍塌，12人受伤。"),
    "ja": (
        "ベトナム・カオバン省でつり橋崩落、12人負傷",
        "3月1日、ベトナム北部カオバン省でつり橋が崩落し、12人が負傷した。",
    ),
}
OTHER_ABROAD = {
    "en": ("Vietnam's Da Nang opens fireworks festival", "Ten teams compete in Da Nang from May 30."),
    "zh": ("越南岘港国际烟花节开幕", "来自10国的队伍将在岘港参赛。"),
    "ja": ("ベトナム・ダナンで国際花火大会", "10チームがダナンで競う。"),
}


@pytest.mark.parametrize("language", ABROAD)
def test_languages_meet_in_places_numbers_and_dates(language: str) -> None:
    assert (score(BRIDGE, article(*ABROAD[language], hours=5)) or -1) > 0
    assert (score(BRIDGE, article(*OTHER_ABROAD[language], hours=5)) or -1) < 0


def test_a_place_alone_joins_nothing_across_languages() -> None:
    council = article("UBND tỉnh Cao Bằng họp phiên thường kỳ", "Phiên họp bàn nhiều nội dung của tỉnh Cao Bằng.")
    for title in ("Cao Bang looks ahead to a busy spring", "越南高平省展望新的一年"):
        assert (score(council, article(title, hours=1)) or -1) < 0
    other = article("Cao Bang opens waterfall festival", "Visitors came to Trung Khanh, Cao Bang, on March 1.", hours=5)
    assert (score(BRIDGE, other) or -1) < 0


def test_two_foreign_languages_meet_too() -> None:
    assert (score(article(*ABROAD["en"]), article(*ABROAD["zh"], hours=5)) or -1) > 0
    assert (score(article(*ABROAD["zh"]), article(*OTHER_ABROAD["zh"], hours=5)) or -1) < 0


def test_what_is_read_of_a_text() -> None:
    tokens = tokens_of(fold("Ngày 1.3, ông Nông Văn Thử (Cao Bằng) nộp 1.200 tỉ, tăng 3,5%: CSGT vào cuộc"))
    assert set(tokens.full_names) == {"nông văn thử", "cao bằng"}
    assert "csgt" in tokens.capitals
    assert "ngày" not in tokens.capitals, "a sentence begins with a capital"
    assert {"#1200", "#3.5"} <= set(tokens.numbers)
    assert "#0301" in tokens.days
    assert "cao bằng" in tokens.pairs
    assert "bằng nộp" not in tokens.pairs, "a bracket parts words"
    assert "~nong van" in tokens.plain_names()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("on July 12 the", "#0712"),
        ("12 July", "#0712"),
        ("ngày 12 tháng 7", "#0712"),
        ("7月12日", "#0712"),
        ("12/7", "#0712"),
    ],
)
def test_days_are_one_in_all_languages(text: str, day: str) -> None:
    assert day in tokens_of(fold(text)).days


def test_empty_texts_are_compared_with_nothing() -> None:
    assert score(article("…"), article("")) is None


def test_the_weights_of_stories_are_no_part_of_what_judges_articles() -> None:
    assert models_digest(without=STORY_FILES) != models_digest()
