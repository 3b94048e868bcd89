"""The demo's content: enough of everything, labelled, dated inside its three days, and readable on every page."""

import re
import signal
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, time, timedelta
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from config.units import unit_names
from crawlers.sources import load_sources
from tests.press.client import fetch
from tests.press.demo import LOCAL, demo_site, spell_dates
from tests.press.server import Press
from tests.press.site import Article, Site

DAY = date(2026, 3, 5)
OPENS_AT = datetime.combine(DAY - timedelta(days=1), time(7), tzinfo=LOCAL)
CLOSES_AT = datetime.combine(DAY, time(7), tzinfo=LOCAL)


@pytest.fixture(scope="module")
def site() -> Site:
    return demo_site(DAY)


def edition(site: Site) -> list[Article]:
    return [article for article in site.articles if OPENS_AT <= article.published_at < CLOSES_AT]


def about(articles: list[Article], unit: str) -> list[Article]:
    return [article for article in articles for label in article.labels if label.unit == unit and label.tone]


def test_the_press_is_as_large_as_promised(site: Site) -> None:
    assert len(site.outlets) == 12
    assert len(site.articles) == 120
    assert {outlet.language for outlet in site.outlets} == {"vi", "en", "zh", "fr"}
    assert {outlet.listing for outlet in site.outlets} == {"rss", "atom", "news_sitemap", "section"}
    assert {outlet.layout for outlet in site.outlets} == {"json_ld", "open_graph", "meta_time", "microdata"}


def test_everything_is_published_and_edited_inside_the_three_days(site: Site) -> None:
    moments = [article.published_at for article in site.articles]
    moments += [article.edit.updated_at for article in site.articles if article.edit]
    assert min(moments) >= OPENS_AT - timedelta(days=2)
    assert max(moments) < CLOSES_AT


def test_the_demo_edition_tells_of_cao_bang_in_every_tone(site: Site) -> None:
    items = edition(site)
    assert 45 <= len(items) <= 50
    told = about(items, "cao-bang")
    assert 20 <= len(told) <= 26
    tones = Counter(label.tone for article in told for label in article.labels if label.unit == "cao-bang")
    assert min(tones[tone] for tone in ("negative", "neutral", "positive")) >= 6
    assert sum(site.outlet(article.outlet_id).country != "VN" for article in told) >= 3
    assert any(article.bad_event for article in told)


def test_labels_are_sound(site: Site) -> None:
    for article in site.articles:
        units = [label.unit for label in article.labels]
        assert len(units) == len(set(units)), article.id
        assert set(units) <= set(unit_names()), article.id
        for label in article.labels:
            assert (label.relevance == "about") == (label.tone is not None), article.id


def test_reprints_share_their_text_and_their_labels_with_the_original(site: Site) -> None:
    reprints = [article for article in site.articles if article.copy_of]
    assert len(reprints) >= 8
    for article in reprints:
        original = site.article(str(article.copy_of))
        assert article.outlet_id != original.outlet_id
        assert article.published_at > original.published_at
        assert article.labels == original.labels
        texts = (original.lead, *original.paragraphs), (article.lead, *article.paragraphs)
        assert SequenceMatcher(None, *texts).ratio() > 0.5, article.id


def test_no_two_articles_are_alike_by_chance(site: Site) -> None:
    paragraphs = [text for article in site.articles if not article.copy_of for text in article.paragraphs]
    assert len(paragraphs) == len(set(paragraphs))


def test_one_article_is_edited_and_some_appear_at_stage_two(site: Site) -> None:
    (edited,) = [article for article in site.articles if article.edit]
    assert edited.at_stage(2)[0] != edited.title
    assert edited.at_stage(2)[2] != edited.paragraphs
    assert len([article for article in site.articles if article.stage == 2]) == 2


def test_no_placeholder_is_left_in_any_text(site: Site) -> None:
    for article in site.articles:
        assert not re.search(r"[{}]", " ".join((article.title, article.lead, *article.paragraphs))), article.id


@pytest.mark.parametrize(
    ("language", "spelled"),
    [("vi", "4/3, thứ Tư"), ("en", "4 March, Wednesday"), ("zh", "3月4日, 星期三"), ("fr", "4 mars, mercredi")],
)
def test_dates_are_spelled_in_the_language_of_the_outlet(language: str, spelled: str) -> None:
    assert spell_dates("{d-1}, {w-1}", DAY, language) == spelled


def test_one_outlet_fails_at_stage_two_and_every_page_of_the_others_reads(site: Site) -> None:
    with Press(site) as press:
        press.advance(2)
        for article in site.articles:
            response, body = fetch(press.article_url(article.id))
            if article.outlet_id == "bao-vung-than":
                assert response.status == 503
            elif article.gone_from:
                assert response.status == 410
            else:
                title, lead, paragraphs, _ = article.at_stage(2)
                texts = (title, lead) if article.paywalled else (title, lead, *paragraphs)
                page = body.decode()
                assert all(escaped(text) in page for text in texts), article.id


def test_the_press_can_be_run_by_hand(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.press", "--day", DAY.isoformat(), "--home", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        lines = [process.stdout.readline() for _ in range(13)]
        assert len(load_sources(tmp_path)) == 12
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "Stage 2.\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 0
    assert lines[0].startswith("Thời Báo Việt: http://127.0.0.1:")


def escaped(text: str) -> str:
    for char, reference in (("&", "&amp;"), ('"', "&#34;"), ("'", "&#39;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(char, reference)
    return text
