"""From what a person asks to the correction that is stored: checked against the article it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from config.errors import UsageError
from config.localtime import spell_local
from config.units import find_unit, historic_units, members
from pipeline.corrections import CorrectedRelevance, Correction
from pipeline.index.topic_names import find_topic, near_topics
from pipeline.records import Assessment, Document, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person wants said of an article, in their words."""

    unit: str = ""
    """A province by name or slug; empty: the own one."""
    relevance: CorrectedRelevance | None = None
    tone: Tone | None = None
    bad_event: bool | None = None
    topics: tuple[str, ...] = ()
    """By name or id; empty: nothing is said of them."""
    dropped: bool = False
    note: str = ""


def correction_of(doc: Document, wish: Wish, *, own: str, by: str, at: datetime) -> Correction:
    """Return the correction that a wish means; ``own`` is the slug of the installation's province.

    A tone says that the article is about the unit. Raises UsageError for what cannot be meant.
    """
    name = name_of(by)
    unit = None
    relevance = wish.relevance
    if wish.tone and relevance not in (None, "about"):
        raise UsageError("corrections.tone_of_no_subject", tone=wish.tone)
    if wish.tone or relevance:
        unit = unit_meant(doc, wish.unit or own)
        relevance = "about" if wish.tone else relevance
        if relevance == "about" and not wish.tone and not any(one.tone for one in _judged(doc, {unit})):
            raise UsageError("corrections.tone_needed", unit=unit)
    elif wish.unit:
        raise UsageError("corrections.unit_without_label", unit=wish.unit)
    topics = tuple(dict.fromkeys(map(_topic, wish.topics)))
    if not (relevance or wish.bad_event is not None or topics or wish.dropped):
        raise UsageError("corrections.nothing")
    if doc.annotation is None and relevance not in ("about", "mention") and not wish.dropped:
        raise UsageError("corrections.unread", document=doc.id)
    return Correction(
        document_id=doc.id,
        version=doc.version,
        made_by=name,
        made_at=at,
        unit=unit,
        relevance=relevance,
        tone=wish.tone,
        bad_event=wish.bad_event,
        topics=topics or None,
        dropped=wish.dropped,
        note=wish.note.strip(),
    )


def undoable(one: Correction | None, number: int) -> Correction:
    """Return a correction that is in force. Raises UsageError when there is none under its number, or it was undone."""
    if one is None:
        raise UsageError("corrections.no_such_number", number=number)
    if one.undone_at:
        raise UsageError("corrections.already_undone", number=number, by=one.undone_by, at=spell_local(one.undone_at))
    return one


def name_of(by: str) -> str:
    """Return the name of who corrects. Raises UsageError for an empty one."""
    name = " ".join(by.split())
    if not name:
        raise UsageError("corrections.no_name")
    return name


def unit_meant(doc: Document, wanted: str) -> str:
    """Return the historic unit that a person means who names a province beside an article.

    The one just called so where the article was judged for it, else the only one judged among those that the name
    stands for. Raises UsageError for an unknown name, and where several could be meant.
    """
    slug = find_unit(wanted)
    units = members(slug)
    judged = [one.unit for one in _judged(doc, units)]
    if slug in judged:
        return slug
    found = judged or ([slug] if slug in historic_units() else sorted(units))
    if len(found) > 1:
        raise UsageError("corrections.which_unit", unit=wanted, found=", ".join(found))
    return found[0]


def _judged(doc: Document, units: frozenset[str] | set[str]) -> Sequence[Assessment]:
    return [one for one in doc.annotation.assessments if one.unit in units] if doc.annotation else []


def _topic(value: str) -> str:
    topic = find_topic(value)
    if topic is None:
        raise UsageError("corrections.bad_topic", value=value, meant=", ".join(near_topics(value)))
    return topic
