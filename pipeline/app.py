"""One installation, wired: the only place that constructs adapters. Commands call its methods and print the results."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Self

import structlog

from config.errors import IndexUnavailableError, UsageError
from config.files import data_path
from config.localtime import local_day, local_hour
from config.messages import Lang
from config.reporting import reminders_on
from config.secrets import read_secret
from config.settings import SETTINGS_FILE, Settings, load_settings
from config.units import find_unit, members, unit_names
from crawlers.inbox import unread_segments, written_at
from crawlers.sources import SOURCES_FILE, add_source, load_sources
from crawlers.summary import CrawlSummary
from pipeline.alert_desk import AlertDesk
from pipeline.deliver.checkup import examine_sending
from pipeline.deliver.due import DeliveryReport
from pipeline.deliver.office import SendingOffice
from pipeline.deliver.recipients import RECIPIENTS_FILE, load_recipients
from pipeline.desk import Desk
from pipeline.digest.facts import digest_of
from pipeline.digest.issue import IssuedDigest
from pipeline.digest.judgement import naming_of
from pipeline.digest.mute import MuteRules
from pipeline.digest.period import Period
from pipeline.digest.ranking import has_sensitive_topic
from pipeline.digest.window import window
from pipeline.doctor import Finding, Patient, examine
from pipeline.editions import Editions
from pipeline.housekeeping import PurgeReport, backup, purge, restore
from pipeline.importing import ItemFile
from pipeline.index.embedded import EmbeddedIndex
from pipeline.index.feed import ELASTIC, EMBEDDED
from pipeline.indexing import Advance, Indexes, silent
from pipeline.locks import running_service, work_lock
from pipeline.rechecking import RecheckReport
from pipeline.records import Document, Item, Source, Story
from pipeline.schedule.vitals import Vitals, take_vitals
from pipeline.status import installation_status, service_status
from pipeline.store import STORIES, Store, open_store
from pipeline.store.digests import SealedDigest

if TYPE_CHECKING:
    from classifiers.annotator import Annotator
    from crawlers.check import SourceCheck
    from pipeline.index.elastic import ElasticIndex
    from pipeline.process import ProcessLoop, ProcessReport
    from pipeline.story_search import StoryDesk

# ruff: noqa: PLC0415
# Scrapy, spaCy and the chart library take two seconds to import. They are imported by the methods that need them, so
# that a search or a status answers at once.

log = structlog.get_logger()

VERSION = version("diembao")

RECHECK_DAYS = 7
"""Articles are asked for again so long after publication: what is read still, and what a digest may still cite."""

UNITS_READ_FOR = "units_read_for"
"""Key in the store: the units that the inbox was last read for."""

EDITIONS_PLANNED = "editions_planned"
"""Key in the store: the sealed editions that messages were last planned for."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def init_home(home: Path, *, province: str, contact: str, lang: Lang) -> Path:
    """Write a commented ``diembao.yaml`` and return its path. Raises UsageError when there is one already."""
    slug = find_unit(province)
    path = home / SETTINGS_FILE
    template = data_path(f"templates/diembao.{lang}.yaml").read_text(encoding="utf-8")
    text = template.replace("{province}", slug).replace("{name}", unit_names()[slug])
    if contact:
        text = text.replace('contact: ""', f"contact: {json.dumps(contact, ensure_ascii=False)}")
    home.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as exc:
        raise UsageError("cli.init_exists", path=path) from exc
    with suppress(FileExistsError), (home / RECIPIENTS_FILE).open("x", encoding="utf-8") as stream:
        stream.write(data_path(f"templates/recipients.{lang}.yaml").read_text(encoding="utf-8"))
    return path


def restore_home(archive: Path, home: Path) -> int:
    """Restore a backup into an empty home, rebuild its index, and return the number of documents searchable."""
    restore(archive, home)
    with Installation(home).locked() as installation:
        installation.store.forget_target(ELASTIC)  # what an old store says of a server need not be so any more
        try:
            installation.indexes.rebuild()
        except IndexUnavailableError:
            if not installation.elastic:
                raise  # the next run fills Elasticsearch; all else is restored
        return installation.index.count()


def load_annotator() -> "Annotator":
    """Load the classifiers for the batch commands. Raises ModelError."""
    from classifiers.annotator import Annotator

    return Annotator.load()


def find_item_stories(items: Iterable[Item], on_progress: Advance) -> list[dict[str, str | None]]:
    """Return the rows of the batch command ``stories``. Raises ModelError."""
    from classifiers.stories import StoryScorer
    from crawlers.sources import SourceDirectory
    from pipeline.stories.batch import find_stories, outlets_by
    from pipeline.stories.finder import StoryFinder

    outlet_of = outlets_by(SourceDirectory(load_sources(None)).find)
    return find_stories(items, StoryFinder(StoryScorer.load()), outlet_of, on_progress)


def models_version() -> str:
    """Return what tells the installed rules and weights from others. Raises ModelError."""
    from classifiers.annotator import annotator_version

    return annotator_version()


@dataclass(slots=True)
class RunRecord:
    """What the log of runs will say of the work at hand."""

    counts: dict[str, int] = field(default_factory=dict)
    partial: bool = False
    """Done, with part missing."""


def _is_sensitive(doc: Document) -> bool:
    from classifiers.topics import sensitive_topics

    return has_sensitive_topic(doc, sensitive_topics())


class Installation:
    """Everything of one home folder. Adapters open when they are first asked for; `close` or `locked` closes them."""

    def __init__(self, home: Path, *, now: Callable[[], datetime] = utc_now) -> None:
        self.home = home
        self.settings: Settings = load_settings(home)
        self.now = now
        self.inbox_folder = home / "inbox"
        self.index_path = home / "index.sqlite"

    @cached_property
    def store(self) -> Store:
        return open_store(self.settings.store.url or f"sqlite:///{self.home / 'store.sqlite'}")

    @cached_property
    def index(self) -> EmbeddedIndex:
        return EmbeddedIndex(self.index_path)

    @cached_property
    def elastic(self) -> "ElasticIndex | None":
        """Elasticsearch, where the settings choose it; it is asked for nothing before it is used."""
        settings = self.settings.index
        if settings.kind != "elastic":
            return None
        from pipeline.index.elastic import ElasticIndex
        from pipeline.index.elastic_client import ElasticServer, connect
        from pipeline.index.elastic_document import OwnView

        server = ElasticServer(
            urls=settings.urls,
            api_key=self._secret("api_key"),
            user=settings.user,
            password=self._secret("password"),
            ca_file=self.home / settings.ca_file if settings.ca_file else None,
            verify=settings.verify,
        )
        own = OwnView(judge=partial(naming_of, units=members(self.settings.province)), is_sensitive=_is_sensitive)
        return ElasticIndex(connect(server), ", ".join(settings.urls), own=own)

    def _secret(self, name: str) -> str:
        path: Path | None = getattr(self.settings.index, f"{name}_file")
        return read_secret(
            f"index.{name}_file",
            self.home / path.expanduser() if path else None,
            variable=f"DIEMBAO_INDEX_{name.upper()}",
            environment=os.environ,
        )

    @property
    def indexes(self) -> Indexes:
        """What people search."""
        return Indexes(
            store=self.store, embedded=self.index, elastic=self.elastic, index_all=self._index_all, now=self.now
        )

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        return load_sources(self.home)

    @contextmanager
    def locked(self, patience_s: float | None = None) -> Iterator[Self]:
        """Hold the installation alone (`pipeline.locks`), and close what was opened. Raises UsageError."""
        with work_lock(self.home, patience_s):
            try:
                yield self
            finally:
                self.close()

    def close(self) -> None:
        """Close what was opened."""
        for name in ("office", "alerts"):  # they hold the store
            self.__dict__.pop(name, None)
        for name in ("store", "index", "elastic"):
            if adapter := self.__dict__.pop(name, None):
                adapter.close()

    @contextmanager
    def _recorded(self, kind: str) -> Iterator[RunRecord]:
        """Log a run with its outcome, whatever ends it."""
        run, record = self.store.start_run(kind, self.now()), RunRecord()
        outcome = "failed"
        try:
            yield record
            outcome = "partial" if record.partial else "done"
        finally:
            self.store.finish_run(run, self.now(), outcome, record.counts)

    # ---- collecting ---------------------------------------------------------------------------------------------

    def crawl(
        self, *, force: bool = False, time_limit_s: float | None = None, on_progress: Advance = silent
    ) -> CrawlSummary:
        """Poll what is due (everything with ``force``) and fetch new pages into the inbox."""
        from crawlers.crawl import TIME_LIMIT_S, CrawlRequest, crawl

        request = CrawlRequest(
            sources=self.sources,
            crawl=self.settings.crawl,
            contact=self.settings.contact,
            version=VERSION,
            force=force,
            skip_url=MuteRules.of(self.settings.mute).mutes_url,
            time_limit_s=time_limit_s or TIME_LIMIT_S,
        )
        with self._recorded("crawl") as run:
            summary = crawl(
                request,
                ledger=self.store.ledger,
                inbox_folder=self.inbox_folder,
                clock=self.now,
                on_progress=on_progress,
            )
            run.partial = bool(summary.failed_sources) or summary.interrupted
            run.counts = {"pages": summary.pages, "failed_sources": len(summary.failed_sources)}
        return summary

    def check_sources(self, ids: Sequence[str], *, on_progress: Advance = silent) -> "Sequence[SourceCheck]":
        """Fetch every address of the named sources (of all enabled ones when none is named) once."""
        from crawlers.check import check_sources

        known = {source.id: source for source in self.sources}
        if unknown := [source_id for source_id in ids if source_id not in known]:
            raise UsageError("cli.unknown_source", source=", ".join(unknown))
        chosen = [known[source_id] for source_id in ids] or [source for source in self.sources if source.enabled]
        return check_sources(
            chosen,
            crawl=self.settings.crawl,
            contact=self.settings.contact,
            version=VERSION,
            clock=self.now,
            on_progress=on_progress,
        )

    def add_source(self, source: Source) -> Path:
        """Add an outlet to ``HOME/sources.yaml``. Raises SourceError when its id is taken or an address is off."""
        add_source(self.home, source)
        return self.home / SOURCES_FILE

    # ---- processing ---------------------------------------------------------------------------------------------

    def process(
        self,
        *,
        news_only: bool = False,
        is_stopping: Callable[[], bool] = lambda: False,
        on_progress: Advance = silent,
    ) -> "ProcessReport":
        """Enrich, store and index what the inbox holds; then judge stored documents anew after a change of units or
        models, unless ``news_only``.

        When ``is_stopping`` it ends behind the batch at hand.
        """
        with self._recorded("process") as run:
            if self._new_units():
                self.store.forget_progress()
            # Said at once: what is left to read for them is told by the progress in the segments.
            self.store.set_meta(UNITS_READ_FOR, " ".join(sorted(self.settings.units)))
            loop = replace(self._loop(on_progress), is_stopping=is_stopping)
            report = loop.inbox(self.inbox_folder)
            if not (news_only or report.stopped):
                self.find_stories()  # of what is new: judging anew may take many runs
                loop.reassess(report)
            run.counts, run.partial = report.counts(), report.stopped
            if not report.stopped:
                self.find_stories()
                self.indexes.feed()
        return report

    def has_unread_pages(self) -> bool:
        """Tell whether `process` would find pages to read."""
        return self._new_units() or bool(self._unread_segments())

    def has_unread_pages_of(self, day: date) -> bool:
        """Tell whether pages wait that were fetched while the window of an edition was open."""
        from_at, to_at = window(day, self.settings.digest.window_hour)
        return any(from_at <= written_at(segment) < to_at for segment, _ in self._unread_segments())

    def _unread_segments(self) -> list[tuple[Path, int]]:
        return unread_segments(self.inbox_folder, self.store.segments_progress)

    def replay(self, warc: Path, *, on_progress: Advance = silent) -> "ProcessReport":
        """Enrich, store and index every page of a WARC file."""
        with self._recorded("replay") as run:
            report = self._loop(on_progress).replay(warc)
            self.find_stories()
            self.indexes.feed()
            run.counts = report.counts()
        return report

    def import_items(
        self, path: Path, days: tuple[date | None, date | None], *, on_progress: Advance = silent
    ) -> "tuple[ProcessReport, ItemFile]":
        """Take in the items of a JSON Lines file published within the days; bad lines are set aside."""
        items = ItemFile(path=path, since=days[0], until=days[1])
        with self._recorded("import") as run:
            report = self._loop(on_progress).items(items.items())
            for line in items.bad:
                self.store.set_aside("line", f"{path.name}:{line.number}", line.reason, line.raw, self.now())
            self.find_stories()
            self.indexes.feed()
            run.partial = bool(items.bad)
            run.counts = report.counts()
        return report, items

    def find_stories(self) -> int:
        """Look for the stories of documents that wait for it; returns how many documents changed."""
        if self.store.next_story_at() is None:
            return 0  # nothing waits: the models need not be loaded
        from pipeline.story_search import StorySearch

        return StorySearch(store=self.store, targets=self._targets, index_all=self._index_all).run()

    def stories_between(self, first: date, last: date) -> list[Story]:
        """Return the stories that an own or watched unit has part in and that grew on these local days."""
        units = self.settings.units
        ids = self.store.story_ids(local_hour(first), local_hour(last + timedelta(days=1)), units=units)
        return self.store.stories(ids)

    @property
    def story_desk(self) -> "StoryDesk":
        """Where people merge and split stories."""
        from pipeline.story_search import StoryDesk

        return StoryDesk(store=self.store, targets=self._targets, now=self.now, index_all=self._index_all)

    @property
    def _targets(self) -> tuple[str, ...]:
        return (EMBEDDED, ELASTIC) if self.settings.index.kind == "elastic" else (EMBEDDED,)

    def _new_units(self) -> bool:
        """Tell whether pages of the inbox were kept thin that name a province watched only since."""
        read_for = self.store.get_meta(UNITS_READ_FOR)
        return read_for is not None and not self.settings.units <= set(read_for.split())

    @property
    def _index_all(self) -> bool:
        return self.settings.index.scope == "all"

    def _loop(self, on_progress: Advance) -> "ProcessLoop":
        from pipeline.enrich import EnrichSpec
        from pipeline.process import ProcessLoop

        return ProcessLoop(
            store=self.store,
            spec=EnrichSpec(units=self.settings.units, home=self.home),
            targets=(*self._targets, STORIES),
            index_all=self._index_all,
            now=self.now,
            on_progress=on_progress,
        )

    # ---- the analyst's hand -------------------------------------------------------------------------------------

    @property
    def desk(self) -> Desk:
        """What persons say of articles; `feed_if_free` lets the indexes learn it."""
        return Desk(
            store=self.store,
            province=self.settings.province,
            targets=(*self._targets, STORIES),
            index_all=self._index_all,
            now=self.now,
        )

    def feed_if_free(self) -> None:
        """Feed the indexes; where one is out of order, or another command holds the installation, a later run will."""
        try:
            with self.locked(0.0):
                self.indexes.feed()
        except IndexUnavailableError as problem:
            log.warning("index_behind", problem=str(problem))
        except UsageError as busy:
            if busy.code != "cli.busy":
                raise

    def recheck(
        self, *, days: int = RECHECK_DAYS, time_limit_s: float | None = None, on_progress: Advance = silent
    ) -> RecheckReport:
        """Ask for the assessed articles of the last days again, and keep which of them are gone or back.

        As `crawl`, once a process, in its main thread.
        """
        from crawlers.recheck import TIME_LIMIT_S, recheck_pages

        with self._recorded("recheck") as run:
            summary = recheck_pages(
                self.store.pages_to_check(self.now() - timedelta(days=days)),
                crawl=self.settings.crawl,
                contact=self.settings.contact,
                version=VERSION,
                clock=self.now,
                time_limit_s=time_limit_s or TIME_LIMIT_S,
                on_progress=on_progress,
            )
            changes = self.store.record_checks(summary.checks, targets=self._targets, index_all=self._index_all)
            self.indexes.feed()
            report = RecheckReport.of(summary, changes)
            run.partial = report.unasked > 0
            run.counts = report.counts()
        return report

    # ---- reading ------------------------------------------------------------------------------------------------

    @property
    def editions(self) -> Editions:
        """What drafts, issues and writes digests."""
        return Editions(
            home=self.home,
            settings=self.settings,
            store=self.store,
            sources=self.sources,
            alerts=self.alerts,
            software=VERSION,
            now=self.now,
        )

    def vitals(self) -> Vitals:
        """Return the figures that monitoring reads. Raises StoreError."""
        units = (self.settings.province, *self.settings.watch)
        return take_vitals(self.store, self.sources, self.home, self.inbox_folder, self.now(), units=units)

    def status(self) -> dict[str, object]:
        """Return last runs, sources, queue, counts, disk use, and how the service and its jobs are doing."""
        state = installation_status(self.store, self.indexes.state(), self.sources, self.home, self.now())
        return state | service_status(running_service(self.home), self.vitals(), self.settings.language)

    def doctor(self) -> list[Finding]:
        """Examine configuration, store, index, disk and clock."""
        patient = Patient(
            home=self.home,
            settings=self.settings,
            open_sources=lambda: self.sources,
            open_store=lambda: self.store,
            examine_index=lambda: self.indexes.state(),  # noqa: PLW0108 - the store opens, which may be what is wrong
            now=self.now(),
        )
        load = partial(load_recipients, self.home, earliest_hour=self.settings.digest.window_hour)
        sending = examine_sending(self.settings, load, lambda: self.store, self.now())
        return [*examine(patient), *sending]

    @cached_property
    def alerts(self) -> AlertDesk:
        """What checks for alerts, tells of them and takes answers."""
        return AlertDesk(self.home, self.settings, self.store, self.sources, self.office, self.now)

    # ---- sending ------------------------------------------------------------------------------------------------

    @cached_property
    def office(self) -> SendingOffice:
        """What sends from here; nothing connects before something is due."""
        return SendingOffice(self.home, self.settings, self.store, os.environ, self.now)

    def plan_digest(self, issued: IssuedDigest) -> int:
        """Plan a sealed edition for those who want it and have none yet; returns how many messages are new."""
        from dashboards.digest.mail import compose_mail
        from dashboards.digest.note import note_of

        return self.office.plan_digest(issued.digest, compose_mail, note_of) if issued.sealed_at else 0

    def deliver(self, should_stop: Callable[[], bool] = lambda: False) -> DeliveryReport:
        """Plan the sealed editions of the day that is due, and send what is due."""
        due = self._due_editions()
        for sealed in due.values():
            self.plan_digest(IssuedDigest(digest=digest_of(sealed.facts), sealed_at=sealed.sealed_at))
        self.store.set_meta(EDITIONS_PLANNED, " ".join(due))
        return self.office.deliver(should_stop=should_stop)

    def has_unplanned_editions(self) -> bool:
        """Tell whether an edition of the day that is due was sealed since `deliver` looked for them last."""
        return " ".join(self._due_editions()) != (self.store.get_meta(EDITIONS_PLANNED) or "")

    def _due_editions(self) -> dict[str, SealedDigest]:
        """Return the latest revision of each sealed edition of the day that is due, by a name of its own."""
        day = self.editions.due_day()
        found = {}
        for period in (Period.daily(day), Period.foreign_week(day)):
            if sealed := self.store.sealed_digest(self.settings.province, day, edition=period.name):
                found[f"{period.name}/{day.isoformat()}/{sealed.revision}"] = sealed
        return found

    def plan_reminders(self) -> int:
        """Plan what is to be reminded of today; returns how many messages are new."""
        today = local_day(self.now())
        return self.office.plan_reminders(reminders_on(today, home=self.home), today)

    # ---- keeping ------------------------------------------------------------------------------------------------

    def purge(self) -> PurgeReport:
        """Apply the retention settings."""
        report = purge(
            self.store,
            self.settings.retention,
            self.inbox_folder,
            self.now(),
            targets=self._targets,
            index_all=self._index_all,
        )
        self.indexes.feed()
        return report

    def backup(self, folder: Path, *, whole_inbox: bool = True) -> Path:
        """Write one dated archive of the installation into a folder."""
        return backup(self.home, self.store, folder, self.now(), whole_inbox=whole_inbox)
