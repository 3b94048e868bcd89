"""One article from its publication to its removal: crawled, corrected, edited by its outlet, removed, back again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from crawlers.urls import canonical_url, document_id
from pipeline.app import Installation
from pipeline.correcting import Wish
from pipeline.digest.period import Period
from pipeline.index.protocol import Filters, SearchRequest
from pipeline.rechecking import RecheckReport
from pipeline.records import DigestItem, Mark
from tests.crawlers.crawling import in_a_process
from tests.press.server import Press
from tests.press.small import small_site

NOW = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
EDITION = date(2026, 3, 5)


@pytest.fixture
def press() -> Iterator[Press]:
    with Press(small_site(NOW, outlets=1, articles=3)) as press:
        yield press


@pytest.fixture
def home(tmp_path: Path, press: Press) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    (home / "diembao.yaml").write_text("province: cao-bang\ncrawl: {allow_loopback: true}\n", encoding="utf-8")
    (home / "sources.yaml").write_text(press.sources_yaml(), encoding="utf-8")
    return home


def collect(home: Path, at: datetime) -> None:
    """Crawl and process as if it were ``at``; Twisted starts once a process."""
    in_a_process(partial(_crawl, home, at))
    with Installation(home, now=lambda: at).locked() as installation:
        installation.process()


def _crawl(home: Path, at: datetime) -> None:
    with Installation(home, now=lambda: at).locked() as installation:
        installation.crawl(force=True)


def recheck(home: Path, at: datetime) -> RecheckReport:
    return in_a_process(partial(_recheck, home, at))


def _recheck(home: Path, at: datetime) -> RecheckReport:
    with Installation(home, now=lambda: at).locked() as installation:
        return installation.recheck()


def test_the_life_of_two_articles(home: Path, press: Press) -> None:
    edited, removed = (press.article_url(f"outlet-1-article-{number}") for number in (1, 2))
    collect(home, NOW)
    with Installation(home, now=lambda: NOW + HOUR).locked() as installation:
        installation.desk.correct(edited, Wish(tone="negative", note="Dân phản ánh"), by="Lan")
        installation.indexes.feed()

    press.advance()  # the first article reads differently, the second is gone
    collect(home, NOW + 2 * HOUR)
    first = recheck(home, NOW + 3 * HOUR)
    assert (first.missing, first.disappeared) == (1, 0)
    second = recheck(home, NOW + 5 * HOUR)
    assert (second.present, second.missing, second.disappeared) == (3, 1, 1)

    with Installation(home, now=lambda: NOW + 24 * HOUR).locked() as installation:
        life = installation.desk.history(edited)
        assert [version.number for version in life.versions] == [1, 2]
        before, now = life.versions
        assert "".join(piece.text for piece in now.changes["title"] if piece.kind == "new").strip() == "(cập nhật)"
        assert any("đèn" in piece.text for piece in now.changes["text"] if piece.kind == "new")
        for version in (before, now):
            assert version.annotation
            assert [one.tone for one in version.annotation.assessments] == ["negative"]
        assert (before.corrected, now.corrected) == (("relevance", "tone"), ("relevance", "tone", "before_edit"))
        assert [one.made_by for one in life.corrections] == ["Lan"]
        assert life.machine
        assert life.machine.assessments[0].tone != "negative", "the machine's own word is kept beside it"

        (gone,) = installation.desk.history(removed).disappearances
        assert (gone.gone_at, gone.reason, gone.back_at) == (NOW + 3 * HOUR, "http_410", None)
        marks = {item.url: item.marks for item in _items(installation)}
        assert marks[canonical_url(edited)] == ("corrected_before_edit",)
        (kept,) = installation.store.documents_by_id([document_id(canonical_url(removed))])
        assert kept.marks == ("removed",), "told with the other articles of its story"
        assert _found(installation, "removed") == [canonical_url(removed)]
        installation.editions.issue(Period.daily(EDITION))

    press.advance(1)
    assert recheck(home, NOW + 25 * HOUR).returned == 1
    with Installation(home, now=lambda: NOW + 26 * HOUR).locked() as installation:
        (gone,) = installation.desk.history(removed).disappearances
        assert gone.back_at == NOW + 25 * HOUR
        assert _found(installation, "removed") == []
        sealed = installation.editions.issue(Period.daily(EDITION)).digest
        assert {item.url: item.marks for section in sealed.sections for item in section.items} == marks


def _items(installation: Installation) -> Iterator[DigestItem]:
    digest = installation.editions.issue(Period.daily(EDITION)).digest
    return (item for section in digest.sections for item in section.items)


def _found(installation: Installation, mark: Mark) -> list[str]:
    request = SearchRequest(filters=Filters(marks=(mark,)))
    return [hit.url for hit in installation.indexes.search(request).hits]
