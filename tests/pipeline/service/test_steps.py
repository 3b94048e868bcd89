"""What jobs do with an installation whose work is cut into slices, with a clock of the test's own."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.app import Installation
from pipeline.correcting import Wish
from pipeline.digest.period import Period
from pipeline.process import BATCH_PAGES
from pipeline.service.steps import BACKLOG_PATIENCE, digest, process
from pipeline.store import STORIES
from tests.pipeline.documents import make_document
from tests.pipeline.test_process import NOW as FETCHED
from tests.pipeline.test_process import fill, page

CLOSED = datetime(2026, 3, 5, 0, 0, tzinfo=UTC)
"""07:00 of 5 March in Việt Nam; the pages were published on the 4th."""


@dataclass
class Clock:
    """Goes on by a step whenever somebody looks."""

    at: datetime
    step: timedelta = timedelta()

    def __call__(self) -> datetime:
        self.at += self.step
        return self.at


SLOW = timedelta(minutes=4)
"""A slice ends behind its first batch."""


def installation(home: Path, clock: Clock, *, watch: str = "[]") -> Installation:
    (home / "diembao.yaml").write_text(f"province: cao-bang\nwatch: {watch}\n", encoding="utf-8")
    return Installation(home, now=clock)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two batches of pages fetched before the edition closed."""
    pages = [page(number, hours=-2) for number in range(BATCH_PAGES + 3)]
    inbox = fill(tmp_path / "inbox", *pages)
    (segment,) = inbox.iterdir()
    segment.rename(inbox / "20260304T233000000000Z-abcdef.warc.gz")
    return tmp_path


def never() -> bool:
    return False


def test_pages_are_read_again_once_for_a_new_unit_however_many_slices_it_takes(home: Path) -> None:
    with installation(home, Clock(FETCHED)).locked() as before:
        before.process()
    with installation(home, Clock(FETCHED, SLOW), watch="[lang-son]").locked() as grown:
        first, second = process(grown, never), process(grown, never)
        assert (first.more, first.counts["read"]) == (True, BATCH_PAGES)
        assert second.counts["read"] == 3
        assert not grown.has_unread_pages()


def test_an_edition_waits_for_its_pages_and_no_longer_than_is_good(home: Path) -> None:
    with installation(home, Clock(CLOSED, SLOW)).locked() as office:
        waiting = digest(office, never)
        assert (waiting.outcome, office.store.sealed_digest("cao-bang", CLOSED.date())) == ("failed", None)
        assert waiting.problem
        done = digest(office, never)
        sealed = office.store.sealed_digest("cao-bang", CLOSED.date())
        assert sealed
        assert (done.outcome, sealed.facts["counts"]["articles"]) == ("done", BATCH_PAGES + 3)


def test_what_is_read_after_the_sealing_comes_late(home: Path) -> None:
    with installation(home, Clock(CLOSED + BACKLOG_PATIENCE, SLOW)).locked() as office:
        assert digest(office, never).outcome == "done"
        assert office.store.outbox_size(STORIES) == 0, "what a run that was cut short read has its stories"
        process(office, never)
        process(office, never)
        following = office.editions.issue(Period.daily(CLOSED.date() + timedelta(days=1))).digest
        assert following.counts.articles == 3
        assert all(item.late for section in following.sections for item in section.items)


def test_a_correction_that_makes_an_article_ours_has_its_story_looked_for(tmp_path: Path) -> None:
    with installation(tmp_path, Clock(FETCHED)).locked() as office:
        doc = make_document(text="")
        office.store.put_documents([doc], targets=())
        office.desk.correct(doc.id, Wish(relevance="about", tone="neutral"), by="Lan")
        assert office.store.outbox_size(STORIES) == 1
