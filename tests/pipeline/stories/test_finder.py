"""Settling days: what is decided anew, what is left alone, and what a round-up does not do."""

import random
from datetime import timedelta

import pytest

from classifiers.stories import StoryScorer
from pipeline.dedupe.shingles import Candidate
from pipeline.stories.finder import StoryFinder
from pipeline.stories.roundups import is_roundup
from pipeline.stories.told import Told
from tests.pipeline.documents import NOON

FIRE = [
    ("Cháy kho hàng ở phường Mẫu Sơn, Cao Bằng", "Ngọn lửa bùng lên trưa 1/3 tại kho hàng ở phường Mẫu Sơn, Cao Bằng."),
    (
        "Cao Bằng: Dập tắt đám cháy kho hàng ở Mẫu Sơn",
        "Bốn xe cứu hỏa dập tắt đám cháy kho hàng ở phường Mẫu Sơn, Cao Bằng.",
    ),
]
COURT = [
    (
        "Xử cựu giám đốc Nông Văn Thử nhận hối lộ ở Lạng Sơn",
        "Sáng 1/3, TAND tỉnh Lạng Sơn mở phiên tòa xử Nông Văn Thử nhận hối lộ.",
    ),
    (
        "Cựu giám đốc Nông Văn Thử lãnh 7 năm tù",
        "TAND tỉnh Lạng Sơn tuyên phạt Nông Văn Thử 7 năm tù về tội nhận hối lộ.",
    ),
]
BOTH = (
    "Điểm tin 17h: Cháy kho hàng ở Mẫu Sơn, Cao Bằng | Xử cựu giám đốc Nông Văn Thử",
    "Cháy kho hàng ở phường Mẫu Sơn, Cao Bằng; TAND tỉnh Lạng Sơn xử Nông Văn Thử nhận hối lộ.",
)


def told(name: str, text: tuple[str, str], *, hours: float = 0, story: str | None = None) -> Told:
    article = Candidate(
        id=name, title=text[0], lead=text[1], published_at=NOON + timedelta(hours=hours), outlet=f"báo {name}"
    )
    return Told(article=article, story=story)


def stories(*day: Told, around: tuple[Told, ...] = ()) -> dict[str, str | None]:
    settled = StoryFinder(StoryScorer.load()).settle(day, around)
    return {one.id: one.story for one in settled.told}


PRESS = (told("f1", FIRE[0]), told("f2", FIRE[1], hours=1), told("c1", COURT[0]), told("c2", COURT[1], hours=4))


def test_a_round_up_does_not_pull_its_events_together() -> None:
    found = stories(*PRESS, told("both", BOTH, hours=5))
    assert found == {"f1": "f1", "f2": "f1", "c1": "c1", "c2": "c1", "both": "both"}
    assert not is_roundup(FIRE[0][0])


@pytest.mark.parametrize("seed", range(5))
def test_the_order_within_a_day_changes_nothing(seed: int) -> None:
    shuffled = list(PRESS)
    random.Random(seed).shuffle(shuffled)
    assert stories(*shuffled) == stories(*PRESS)


def test_stories_around_stay_whole_and_grow() -> None:
    around = (told("c1", COURT[0], hours=-30, story="old"), told("x", FIRE[0], hours=-30, story="old"))
    found = stories(told("c2", COURT[1]), around=around)
    assert (found["c1"], found["x"]) == ("old", "old")


def test_a_late_article_joins_two_stories_and_the_older_keeps_its_id() -> None:
    first, last = told("f1", FIRE[0], hours=-24, story="f1"), told("f2", FIRE[1], hours=24, story="f2")
    between = told("mid", (FIRE[0][0], f"{FIRE[0][1]} {FIRE[1][1]}"))
    settled = StoryFinder(StoryScorer.load()).settle([between], [first, last])
    assert {one.story for one in settled.told} == {"f1"}
    assert settled.merged == {"f2": "f1"}
    assert settled.changed == {"mid", "f2"}
