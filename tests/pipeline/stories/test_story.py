from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.records import Document, Tone
from pipeline.stories.story import build_stories, build_story
from tests.pipeline.documents import NOON, judged, make_document


def report(name: str, *, hours: float = 0, tier: int = 2, country: str = "VN", tone: Tone = "negative") -> Document:
    doc = make_document(
        name,
        source_id=name.partition("-")[0],
        outlet=name.partition("-")[0].title(),
        published_at=NOON + timedelta(hours=hours),
        annotation=judged("cao-bang", tone=tone),
    )
    return replace(doc, tier=tier, country=country, story="s1")


def test_a_story_tells_who_was_first_and_who_followed_at_home_and_abroad() -> None:
    original = report("sonbang-1", tier=3)
    reprint = replace(report("nonnuoc-1", hours=2, tier=1), copy_of=original.id)
    again = report("sonbang-2", hours=5, tone="positive")
    abroad = report("herald-1", hours=9, country="GB", tone="neutral")
    story = build_story([abroad, again, reprint, original])
    assert (story.id, story.first.source_id, story.first.published_at) == ("s1", "sonbang", NOON)
    assert [(one.source_id, one.articles) for one in story.reports] == [("sonbang", 2), ("nonnuoc", 1), ("herald", 1)]
    assert [one.copy_of for one in story.reports] == [None, original.id, None]
    assert ([one.source_id for one in story.domestic], len(story.foreign)) == (["sonbang", "nonnuoc"], 1)
    assert dict(story.tiers) == {1: 1, 2: 1, 3: 1}
    assert story.articles == 4
    assert story.last_at == NOON + timedelta(hours=9)
    (tone,) = story.tones
    assert (tone.unit, tone.negative, tone.neutral, tone.positive) == ("cao-bang", 2, 1, 0)


def test_of_two_articles_of_one_minute_the_wider_outlet_is_first() -> None:
    assert build_story([report("a-1", tier=3), report("b-1", tier=1)]).first.source_id == "b"


def test_articles_without_a_story_are_each_their_own() -> None:
    alone, late = make_document("x"), replace(make_document("y"), story="s2")
    stories = build_stories([late, alone], edited=frozenset({"s2"}))
    assert {story.id: story.edited for story in stories} == {alone.id: False, "s2": True}


def test_there_is_no_story_without_a_document() -> None:
    with pytest.raises(ValueError, match="at least one"):
        build_story([])


@pytest.mark.parametrize(
    ("titles", "chosen"),
    [
        (["Sốc: cầu sập ở Sơn Bằng!", "Cầu Sơn Bằng sập, hai người bị thương"], 1),
        (["Vì sao cầu Sơn Bằng sập?", "“Tôi nghe tiếng nổ lớn”", "Sập cầu Sơn Bằng, hai người bị thương"], 2),
        (["Cầu Sơn Bằng sập, hai người bị thương", "Sập cầu Sơn Bằng"], 0),
        (["Video: khoảnh khắc cầu sập", "Khởi tố vụ sập cầu Sơn Bằng"], 1),
        (["Cầu sập?!", "Ai chịu trách nhiệm?"], 1),
    ],
)
def test_the_title_is_the_first_headline_that_only_tells(titles: list[str], chosen: int) -> None:
    docs = [
        replace(make_document(str(at), title=title, published_at=NOON + timedelta(hours=at)), story="s")
        for at, title in enumerate(titles)
    ]
    assert build_story(docs).title == titles[chosen]


def test_a_vietnamese_headline_stands_for_a_story_that_began_abroad() -> None:
    abroad = replace(make_document("e", title="Bridge collapses in Cao Bang", language="en"), story="s")
    home = replace(make_document("v", title="Sập cầu ở Cao Bằng", published_at=NOON + timedelta(hours=3)), story="s")
    assert build_story([abroad, home]).title == "Sập cầu ở Cao Bằng"
