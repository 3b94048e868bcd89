"""What persons say in place of the machine, as data: a correction stands until it is undone, whatever judges anew.

The machine's judgement of a document and the corrections in force give what holds: `apply_corrections`. Of two that
speak of the same thing the later one holds; when it is undone, the earlier one does again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, get_args

from config.messages import message
from config.units import historic_units
from pipeline.records import Annotation, Assessment, CorrectionKind, Tone, TopicScore

CorrectedRelevance = Literal["about", "mention", "none"]
"""``none``: the document does not speak of the unit."""

CERTAIN: Final = 1.0
"""Score of what a person said: it outweighs every probability of the machine's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What one person said of one document at one time. None: of this nothing was said."""

    number: int = 0
    """Rises through the store; what an undoing names. 0 before it is stored."""
    document_id: str
    version: int
    """Of the document that the person read."""
    made_by: str
    made_at: datetime
    unit: str | None = None
    """Slug of the historic unit that relevance and tone are about."""
    relevance: CorrectedRelevance | None = None
    tone: Tone | None = None
    bad_event: bool | None = None
    topics: tuple[str, ...] | None = None
    """In place of all topics of the machine's, best first."""
    dropped: bool = False
    """The article is no matter of ours."""
    note: str = ""
    undone_by: str | None = None
    undone_at: datetime | None = None
    """None: it is in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSaid:
    """What the corrections in force say of one unit."""

    relevance: CorrectedRelevance | None = None
    """None only before anything was said."""
    tone: Tone | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the corrections in force say of one document, the last word on each thing."""

    units: Mapping[str, UnitSaid] = field(default_factory=dict)
    bad_event: bool | None = None
    topics: tuple[str, ...] | None = None
    dropped: bool = False


def in_force(corrections: Iterable[Correction]) -> list[Correction]:
    """Return the corrections that were not undone, oldest first."""
    return sorted((one for one in corrections if one.undone_at is None), key=lambda one: one.number)


def last_words(corrections: Iterable[Correction]) -> Said:
    """Return what holds of several corrections; those undone do not count."""
    said = Said()
    for one in in_force(corrections):
        units = dict(said.units)
        if one.unit:
            units[one.unit] = _of_unit(units.get(one.unit, UnitSaid()), one)
        said = Said(
            units=units,
            bad_event=said.bad_event if one.bad_event is None else one.bad_event,
            topics=said.topics if one.topics is None else one.topics,
            dropped=said.dropped or one.dropped,
        )
    return said


def _of_unit(before: UnitSaid, one: Correction) -> UnitSaid:
    """A tone is one toward what the document is about; who says that it is not about the unit takes the tone back."""
    if one.tone:
        return UnitSaid(relevance="about", tone=one.tone)
    return UnitSaid(relevance=one.relevance, tone=before.tone if one.relevance == "about" else None)


def apply_corrections(
    annotation: Annotation | None, corrections: Iterable[Correction], *, language: str = ""
) -> Annotation | None:
    """Return what holds of a document that the machine judged so; ``language`` is the document's own.

    Order and repetition of the corrections do not matter, their numbers do. None stays None unless a person said that
    the document speaks of a unit. Being ``about`` without a tone keeps the machine's tone, if it had one.
    """
    said = last_words(corrections)
    if annotation is None:
        if not any(one.relevance in ("about", "mention") for one in said.units.values()):
            return None
        annotation = Annotation(language=language)
    if said.units:
        annotation = replace(annotation, assessments=tuple(_assessments(annotation.assessments, said.units)))
    if said.bad_event is not None:
        annotation = replace(annotation, bad_event=said.bad_event, bad_event_score=CERTAIN if said.bad_event else 0.0)
    if said.topics is not None:
        topics = tuple(TopicScore(id=topic, score=CERTAIN) for topic in said.topics)
        annotation = replace(annotation, topics=topics)
    return annotation


def kinds_of(corrections: Iterable[Correction], version: int) -> tuple[CorrectionKind, ...]:
    """Return what corrections in force speak of, in the order of `CorrectionKind`; ``version`` is the document's."""
    standing = in_force(corrections)
    said = last_words(standing)
    holds: dict[CorrectionKind, bool] = {
        "relevance": any(one.relevance for one in said.units.values()),
        "tone": any(one.tone for one in said.units.values()),
        "bad_event": said.bad_event is not None,
        "topics": said.topics is not None,
        "dropped": said.dropped,
        "before_edit": any(one.version < version for one in standing),
    }
    return tuple(kind for kind in get_args(CorrectionKind) if holds[kind])


def _assessments(machine: Iterable[Assessment], said: Mapping[str, UnitSaid]) -> Iterable[Assessment]:
    """Yield the judgements in the machine's order, then those of units that it did not see."""
    found = {one.unit: one for one in machine}
    for unit, one in found.items():
        if unit not in said:
            yield one
        elif said[unit].relevance != "none":
            yield _corrected(one, said[unit])
    for unit in sorted(said.keys() - found.keys()):
        if said[unit].relevance in ("about", "mention"):
            current = historic_units()[unit].current
            yield _corrected(Assessment(unit=unit, current=current, relevance="mention", score=CERTAIN), said[unit])


def _corrected(machine: Assessment, said: UnitSaid) -> Assessment:
    """The sentences that carried another tone are no evidence of this one."""
    if said.relevance not in ("about", "mention"):
        return machine
    about = said.relevance == "about"
    tone = (said.tone or machine.tone) if about else None
    tone_score = (CERTAIN if said.tone else machine.tone_score) if about else None
    return replace(
        machine,
        relevance=said.relevance,
        score=CERTAIN,
        tone=tone,
        tone_score=tone_score,
        evidence=machine.evidence if tone == machine.tone else (),
        why=(message("corrections.why"), *machine.why),
    )
