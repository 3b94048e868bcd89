"""Documents for the tests of the store and the indexes: invented, with every field that matters to them."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from pipeline.records import Annotation, Article, Assessment, Document, Tone, TopicScore

NOON = datetime(2026, 3, 1, 5, tzinfo=UTC)
"""1 March 2026, 12:00 in Việt Nam."""


def document_id(name: str) -> str:
    return blake2b(name.encode(), digest_size=10).hexdigest()


def make_document(
    name: str = "a",
    *,
    title: str = "Cao Bằng khánh thành cầu mới",
    lead: str = "Cây cầu nối hai bờ sông Bằng.",
    text: str = "",
    published_at: datetime = NOON,
    fetched_at: datetime | None = None,
    outlet: str = "Báo Non Nước",
    source_id: str = "non-nuoc",
    language: str = "vi",
    gate_units: tuple[str, ...] = (),
    annotation: Annotation | None = None,
    version: int = 1,
) -> Document:
    """Return a document called ``name``, fetched an hour after publication."""
    fetched = fetched_at or published_at + timedelta(hours=1)
    return Document(
        id=document_id(name),
        article=Article(
            url=f"https://non-nuoc.example/{name}.html",
            title=title,
            lead=lead,
            text=text,
            published_at=published_at,
            fetched_at=fetched,
            published_raw="2026-03-01T12:00:00+07:00",
            author="Hoàng Thị Thử",
            section="Thời sự",
            outlet="Báo Non Nước điện tử",
            language="vi-VN",
            flags=("no_date", "paywalled"),
            rules={"title": "json-ld", "lead": "og:description"},
        ),
        source_id=source_id,
        outlet=outlet,
        country="VN",
        tier=3,
        kind="local",
        language=language,
        gate_units=gate_units,
        annotation=annotation,
        version=version,
        fetched_at=fetched,
    )


def judged(
    *units: str,
    tone: Tone = "negative",
    mentions: tuple[str, ...] = (),
    topics: tuple[str, ...] = ("environment.natural_disaster",),
) -> Annotation:
    """Return an annotation: about ``units`` in a tone, mentioning others."""
    about = [
        Assessment(
            unit=unit,
            current=unit,
            relevance="about",
            score=0.1 + 0.2,
            tone=tone,
            tone_score=0.75,
            evidence=("Cầu “sập” sau lũ.",),
            matched=("Cao Bằng",),
            why=("tên tỉnh trong tựa",),
        )
        for unit in units
    ]
    passing = [Assessment(unit=unit, current=unit, relevance="mention", score=0.6) for unit in mentions]
    return Annotation(
        language="vi",
        topics=tuple(TopicScore(id=topic, score=0.9 - place / 10) for place, topic in enumerate(topics)),
        bad_event=True,
        bad_event_score=0.8,
        assessments=(*about, *passing),
    )
