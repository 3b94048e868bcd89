"""Documents and a watchroom for the tests of live alerts: invented outlets, one province."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from config.alert_rules import load_alert_rules
from config.calendar import load_calendar
from config.localtime import LOCAL_ZONE
from config.settings import Settings
from crawlers.ledger import PollRecord, PollState
from pipeline.alerts.check import Watchroom
from pipeline.records import Assessment, Document, Source, Tone, TopicScore
from pipeline.store import Store
from pipeline.store.stories import StoryAssignment
from tests.pipeline.documents import judged, make_document

UNIT = "cao-bang"
SENSITIVE = "environment.pollution"
CORRUPTION = "politics.anti_corruption"
START = date(2026, 6, 22)
"""First day of the quiet weeks; no expected event lies in the ten weeks after it but 19 August."""
SOURCES = tuple(
    Source(id=f"bao-{number}", name=f"Báo {number}", kind="central", tier=2, country="VN", language="vi")
    for number in range(10)
)


def local(day: date, hour: int = 12, minute: int = 0) -> datetime:
    """Return a local clock time as an instant."""
    return datetime.combine(day, time(hour, minute), LOCAL_ZONE).astimezone(UTC)


def report(
    name: str,
    day: date,
    *,
    hour: int = 10,
    minute: int = 0,
    outlet: int = 0,
    tone: Tone = "negative",
    score: float = 0.7,
    topic: str | tuple[str, ...] = "economy.trade",
    tier: int = 2,
    country: str = "VN",
    story: str | None = None,
    late: timedelta = timedelta(minutes=20),
    unit: str = UNIT,
) -> Document:
    """Return an article of one outlet about the province."""
    at = local(day, hour, minute)
    annotation = judged(unit, tone=tone)
    (own,) = annotation.assessments
    annotation = replace(
        annotation,
        topics=tuple(TopicScore(id=each, score=0.9) for each in ((topic,) if isinstance(topic, str) else topic)),
        assessments=(replace(own, score=0.98, tone_score=score, evidence=(f"Câu nói của {name}.",)),),
    )
    doc = make_document(name, title=f"Chuyện {name}", published_at=at, fetched_at=at + late, annotation=annotation)
    return replace(doc, source_id=f"bao-{outlet}", outlet=f"Báo {outlet}", tier=tier, country=country, story=story)


def about(doc: Document) -> Assessment:
    assert doc.annotation
    return doc.annotation.assessments[0]


def quiet_weeks(days: int = 40, *, start: date = START) -> list[Document]:
    """Return one negative report a day, two on every third."""
    return [
        report(f"cũ-{number}-{place}", start + timedelta(days=number), outlet=place)
        for number in range(days)
        for place in range(1 + (number % 3 == 0))
    ]


def burst(
    day: date, count: int, *, name: str = "mới", hour: int = 10, late: timedelta = timedelta(minutes=20)
) -> list[Document]:
    """Return reports of as many outlets on one day, four minutes apart."""
    return [
        report(f"{name}-{day}-{place}", day, hour=hour, minute=4 * place, outlet=place % 10, late=late)
        for place in range(count)
    ]


def put(store: Store, docs: list[Document]) -> None:
    """Store documents with the stories they tell."""
    store.put_documents(docs, targets=())
    told = [StoryAssignment(document_id=doc.id, story=doc.story) for doc in docs if doc.story]
    store.assign_stories(told, targets=())


def room_of(store: Store, *, watch: tuple[str, ...] = (), assume_complete: bool = True) -> Watchroom:
    rules = load_alert_rules()
    rules = rules.model_copy(
        update={"baseline": rules.baseline.model_copy(update={"assume_complete": assume_complete})}
    )
    return Watchroom(
        store=store,
        settings=Settings(province=UNIT, watch=watch),
        sources=SOURCES,
        rules=rules,
        calendar=load_calendar(),
        sensitive=frozenset({SENSITIVE, CORRUPTION}),
    )


def poll(
    store: Store,
    day: date,
    *,
    failing: int = 0,
    hour: int = 6,
    interval_s: int = 86_400,
    sources: Sequence[Source] = SOURCES,
) -> None:
    """Let every source be asked once on a day, the last ``failing`` in vain."""
    for number, source in enumerate(sources):
        ok = number < len(sources) - failing
        at = local(day, hour)
        url = f"https://{source.id}.example/rss"
        store.ledger.record_poll(
            PollRecord(url=url, source_id=source.id, at=at, ok=ok, reason="ok" if ok else "timeout"),
            PollState(url=url, source_id=source.id, polled_at=at, interval_s=interval_s),
            (),
        )
