"""Reports that tell one invented event: what the tests of sections, drafts and renderings begin with."""

from dataclasses import replace
from datetime import timedelta

from pipeline.records import Document, Tone
from tests.dashboards.specimen import BAN_TIN, NHAT_TRIEU, NON_CAO, SONG_BANG, WINDOW_END, Outlet, document

BRIDGE = "cau-treo"
"""Id of the story that most tests tell."""


def told(
    outlet: Outlet,
    title: str,
    *,
    story: str | None = BRIDGE,
    doc_id: str = "",
    tone: Tone = "neutral",
    hours_before_close: float = 5.0,
    copy_of: str | None = None,
    topic: str = "economy.growth_budget",
    sure: float = 0.88,
) -> Document:
    """Return a document that tells a story."""
    doc = document(
        outlet,
        title,
        f"Tóm tắt của {outlet.name}.",
        doc_id=doc_id or f"{outlet.id}-{story}",
        tone=tone,
        topic=topic,
        hours_before_close=hours_before_close,
    )
    assert doc.annotation
    own = tuple(replace(one, tone_score=sure) for one in doc.annotation.assessments)
    return replace(doc, story=story, copy_of=copy_of, annotation=replace(doc.annotation, assessments=own))


def bridge() -> list[Document]:
    """Return four outlets' reports of one event: a local original, a reprint, a critical one, a later one."""
    return [
        told(NON_CAO, "Cầu treo Nà Rị khánh thành", hours_before_close=20),
        told(BAN_TIN, "Cầu treo Nà Rị khánh thành", hours_before_close=18, copy_of=f"{NON_CAO.id}-{BRIDGE}"),
        told(NHAT_TRIEU, "Cầu treo mới, đường dẫn dang dở", hours_before_close=8, tone="negative"),
        told(SONG_BANG, "Bà con Nà Rị qua suối bằng cầu mới", hours_before_close=3, tone="positive"),
    ]


YESTERDAY = WINDOW_END - timedelta(hours=30)
