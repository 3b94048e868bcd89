"""A day and a night of the service: outlets, mail server and index fail, and it is killed three times.

Every article is there once, every edition and alert was sent once or is shown as uncertain, and what the national press
printed was told within twenty minutes.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from config.localtime import LOCAL_ZONE
from crawlers.inbox import read_segment, segments
from pipeline.app import Installation
from pipeline.records import Page
from pipeline.schedule.health import examine
from pipeline.store.deliveries import Delivery
from tests.elastic.cluster import Cluster
from tests.elastic.gateway import Fault, Gateway, opened
from tests.press.server import Press
from tests.smtp.server import Mailroom, Received
from tests.soak.clock import SimulatedClock
from tests.soak.day import END, START, Happening, day_site, local, outages, waves
from tests.soak.driver import Driver, Kill

PROVINCE = "cao-bang"
PEOPLE = ("mau@tinh.example", "thu@tinh.example")
TOLD_WITHIN = timedelta(minutes=20)
FORBIDDEN = "/noi-bo/"
"""By the robots.txt of one outlet."""
AWAY = Fault(times=10**9, status=503)
SETTINGS = """\
province: {province}
contact: baochi@tinh.example
crawl: {{allow_loopback: true}}
index: {{kind: elastic, urls: ["{index}"]}}
smtp: {{host: 127.0.0.1, port: {port}, security: none, sender: diembao@tinh.example}}
"""
RECIPIENTS = """\
groups:
  office: {editions: [daily, weekly, alerts, reminders]}
recipients:
  - {name: Nguyễn Thị Mẫu, to: mau@tinh.example, groups: [office]}
  - {name: Trần Văn Thử, to: thu@tinh.example, groups: [office]}
"""


class Mail:
    """The office's mail server, which may be away, and everything it ever took in."""

    def __init__(self) -> None:
        self.port = 0
        self.rooms: list[Mailroom] = []
        self.is_up = False

    def up(self) -> None:
        self.rooms.append(Mailroom(port=self.port))
        self.room.__enter__()
        self.port, self.is_up = self.room.port, True

    def down(self) -> None:
        if self.is_up:
            self.room.__exit__(None, None, None)
            self.is_up = False

    @property
    def room(self) -> Mailroom:
        return self.rooms[-1]

    @property
    def received(self) -> list[Received]:
        return [message for room in self.rooms for message in room.messages]


@dataclass
class World:
    """Everything around the service."""

    home: Path
    press: Press
    mail: Mail
    gateway: Gateway
    elastic: Cluster


@pytest.fixture
def world(tmp_path: Path, elastic: Cluster) -> Iterator[World]:
    mail = Mail()
    with ExitStack() as stack:
        press = stack.enter_context(Press(day_site()))
        gateway = stack.enter_context(opened(elastic.url))
        mail.up()
        stack.callback(mail.down)
        settings = SETTINGS.format(province=PROVINCE, index=gateway.url, port=mail.port)
        (tmp_path / "diembao.yaml").write_text(settings, encoding="utf-8")
        (tmp_path / "recipients.yaml").write_text(RECIPIENTS, encoding="utf-8")
        (tmp_path / "sources.yaml").write_text(press.sources_yaml(), encoding="utf-8")
        yield World(home=tmp_path, press=press, mail=mail, gateway=gateway, elastic=elastic)


def happenings(world: World) -> list[Happening]:
    """Return what happens, in order of time; the edition of the day falls due while the mail server is away."""
    index = [
        Happening(local(13), lambda: world.gateway.faults.append(AWAY)),
        Happening(local(13, 40), world.gateway.faults.clear),
    ]
    mail = [Happening(local(6, 40), world.mail.down), Happening(local(7, 25), world.mail.up)]
    return sorted([*waves(world.press), *outages(world.press), *index, *mail], key=lambda one: one.at)


def kills(world: World) -> list[Kill]:
    """Return the kills: while pages are fetched, while they are read, while a mail lies with its server unanswered."""
    return [
        Kill(
            after=local(10),
            job="crawl",
            struck=_grown(lambda: sum(".html" in line.path for line in world.press.log), 3),
        ),
        Kill(after=local(16), job="process", struck=_after(4.0)),
        Kill(
            after=local(7, 26),
            job="deliver",
            prepare=lambda: world.mail.room.fail("DOT", hang_s=20.0, keep=True),
            struck=_grown(lambda: len(world.mail.room.messages), 1),
        ),
    ]


def _pages_asked(press: Press) -> int:
    return sum(".html" in line.path for line in list(press.log))


def _grown(count: Callable[[], int], by: int) -> Callable[[], bool]:
    """Tell when a count has grown since it was asked for the first time in a turn."""
    before: list[int] = []

    def struck() -> bool:
        before.append(count()) if not before else None
        return count() >= before[0] + by

    return struck


def _after(seconds: float) -> Callable[[], bool]:
    """Tell when a turn has taken so long; a new turn begins after half a second without a question.

    After each turn that took less, less is asked for: a fast machine is interrupted in the middle of its work, too.
    """
    asked: list[float] = []
    patience = seconds

    def struck() -> bool:
        nonlocal patience
        now = time.monotonic()
        if asked and now - asked[-1] > 0.5:
            asked.clear()
            patience *= 0.9
        asked.append(now)
        return now - asked[0] > patience

    return struck


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_a_day_and_a_night(world: World) -> None:
    began = time.monotonic()
    driver = Driver(home=world.home, happenings=happenings(world), kills=kills(world))
    driver.run(START, END)
    assert driver.killed_in == ["crawl", "process", "deliver"]
    installation = Installation(world.home, now=SimulatedClock(END))
    try:
        check_articles(world, installation)
        check_index(world, installation)
        check_sending(world, installation)
        check_jobs(installation)
        print(f"\n{json.dumps(dict(driver.turns))}\n{time.monotonic() - began:.0f} s of real time")
    finally:
        installation.close()


def check_articles(world: World, installation: Installation) -> None:
    """Every article that robots.txt allows is stored once, in its first version, and was fetched once."""
    allowed = [one for one in world.press.site.articles if not one.path.startswith(FORBIDDEN)]
    expected = Counter(world.press.article_url(article.id) for article in allowed)
    docs = list(installation.store.all_documents())
    assert Counter(doc.article.url for doc in docs) == expected
    assert {doc.version for doc in docs} == {1}
    fetched = Counter(
        page.entry.url if page.entry else page.url
        for segment in segments(installation.inbox_folder)
        for page, _ in read_segment(segment)
        if isinstance(page, Page)
    )
    print(f"\n{len(docs)} articles, {fetched.total()} pages fetched, {len(world.press.log)} requests")
    assert max(fetched.values()) == 1


def check_index(world: World, installation: Installation) -> None:
    """Both indexes hold what the store says."""
    state = installation.indexes.state()
    assert state.in_step, state
    assert world.elastic.count("diembao-articles") == state.wanted


def check_sending(world: World, installation: Installation) -> None:
    """Everything that was planned was sent once, or nobody knows and it says so."""
    store = installation.store
    deliveries = store.deliveries()
    arrived = Counter(mail.mail["Message-ID"] for mail in world.mail.received)
    assert max(arrived.values()) == 1
    assert {one.state for one in deliveries} == {"sent", "uncertain"}
    uncertain = [one for one in deliveries if one.state == "uncertain"]
    assert len(uncertain) == 1, "one mail lay with its server when the service was killed"
    assert len(deliveries) - len(uncertain) <= arrived.total() <= len(deliveries)

    kinds = Counter(one.kind for one in deliveries)
    print(f"deliveries: {dict(kinds)}; uncertain: {[(one.kind, one.recipient) for one in uncertain]}")
    for kind in ("digest", "weekly"):
        assert Counter(one.recipient for one in deliveries if one.kind == kind) == Counter(PEOPLE)
    edition = store.sealed_digest(PROVINCE, END.date())
    assert edition is not None
    assert edition.sealed_at < local(7, 10), "it is sealed on time, whatever became of the mail server"
    check_alerts(world, installation, [one for one in deliveries if one.kind == "alert"])


def check_alerts(world: World, installation: Installation, told: list[Delivery]) -> None:
    """Every step of every alert was told once to everybody, what the national press printed within twenty minutes."""
    store = installation.store
    alerts = store.alerts(units=frozenset({PROVINCE}))
    assert alerts
    assert len({one.key for one in told}) == len(told)
    published = {world.press.article_url(article.id): article.published_at for article in world.press.site.articles}
    tiers = {outlet.id: outlet.tier for outlet in world.press.site.outlets}
    lags = []
    for alert in alerts:
        first = alert.stories[0]
        article = next(one for one in world.press.site.articles if world.press.article_url(one.id) == first.url)
        opened_after = alert.opened_at - published[first.url]
        if tiers[article.outlet_id] == 1 and published[first.url] >= START:
            lags.append(opened_after)
        at = alert.opened_at.astimezone(LOCAL_ZONE)
        print(
            f"alert {alert.kind} {alert.level}: {at:%d/%m %H:%M}, {opened_after} after {article.outlet_id} printed it"
        )
    assert lags, "the national press printed something grave"
    print(f"from publication to alert, tier 1: {[str(lag) for lag in sorted(lags)]}")
    assert max(lags) <= TOLD_WITHIN
    by_alert = Counter(one.key.rpartition("/")[0] for one in told)
    assert set(by_alert.values()) == {len(PEOPLE)}


def check_jobs(installation: Installation) -> None:
    """No job was left failing, and monitoring would find nothing to do but look at the uncertain mail."""
    vitals = installation.vitals()
    assert {job.id: job.problem for job in vitals.jobs.values() if job.failures} == {}
    assert {job.id for job in vitals.jobs.values() if job.outcome in ("", "stopped")} == set()
    assert [reason.code for reason in examine(vitals).reasons] == ["uncertain"]
    assert sorted((installation.home / "backups").glob("diembao-*.tar"))
