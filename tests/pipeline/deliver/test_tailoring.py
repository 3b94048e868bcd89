"""Each recipient's own edition: the right items, and the same figures for all."""

from dataclasses import replace

import pytest

from dashboards.digest.render import render_html, render_text
from pipeline.deliver.recipients import Recipient
from pipeline.deliver.tailoring import tailor
from pipeline.records import Digest, DigestItem, DigestSection, Tone, TopicCount
from tests.dashboards.specimen import specimen


def recipient(**wishes: object) -> Recipient:
    return Recipient(**{"name": "Lan", "channel": "email", "address": "lan@tinh.example"} | wishes)  # type: ignore[arg-type]


def items(digest: Digest) -> list[DigestItem]:
    return [item for section in digest.sections for item in section.items]


def test_who_wants_everything_gets_the_very_same_edition() -> None:
    whole = specimen()
    assert tailor(whole, recipient()) is whole


@pytest.mark.parametrize(
    ("min_tone", "tones"),
    [
        ("negative", {"negative"}),
        ("neutral", {"negative", "neutral"}),
        ("positive", {"negative", "neutral", "positive"}),
    ],
)
def test_a_least_tone(min_tone: Tone, tones: set[Tone]) -> None:
    own = tailor(
        specimen(), recipient(min_tone=min_tone, topics=("tourism_sport", "economy", "environment", "society"))
    )
    assert {item.tone for item in items(own)} == tones


def test_topics_with_their_subtopics_and_a_subtopic_alone() -> None:
    broad = items(tailor(specimen(), recipient(topics=("economy",))))
    narrow = items(tailor(specimen(), recipient(topics=("economy.land_realestate",))))
    assert {item.topics[0].partition(".")[0] for item in broad} == {"economy"}
    assert [item.topics for item in narrow] == [("economy.land_realestate",)]


def test_units_named_beside_the_own_one() -> None:
    whole = specimen()
    own = items(tailor(whole, recipient(units=("lang-son",))))
    assert own
    assert all("lang-son" in item.units for item in own)
    assert len(own) == sum("lang-son" in item.units for item in items(whole))


def test_figures_stay_those_of_the_edition_and_the_excerpt_says_what_it_is() -> None:
    whole = specimen()
    own = tailor(whole, recipient(min_tone="negative", topics=("tourism_sport",)))
    assert (own.counts, own.last_days, own.outlet_tones) == (whole.counts, whole.last_days, whole.outlet_tones)
    assert own.excerpt
    assert own.excerpt.shown == len(items(own)) > 0
    for printed in (" ".join(render_text(own).split()), render_html(own)):
        assert f"in {own.excerpt.shown} trong 25 tin" in printed
        assert "sắc thái: tiêu cực" in printed.lower()


def test_folded_reports_stay_where_they_may_fit() -> None:
    topics = (TopicCount(topic="economy", reports=4), TopicCount(topic="culture", reports=3))
    sections = (
        DigestSection(id="foreign", title="", folded=7, folded_topics=topics),
        DigestSection(id="positive", title="", folded=7, folded_topics=topics),
    )
    digest = replace(specimen(), sections=sections)
    kept = [section.folded for section in tailor(digest, recipient(topics=("economy.trade",))).sections]
    assert kept == [4, 4]
    kept = [section.folded for section in tailor(digest, recipient(min_tone="negative")).sections]
    assert kept == [7, 7], "nobody knows their tones"


def test_another_language() -> None:
    own = tailor(specimen(), recipient(language="en"))
    assert (own.language, own.excerpt) == ("en", None)
    assert own.sections[0].title != specimen().sections[0].title
    assert "Press digest" in render_text(own) or "PRESS" in render_text(own)
