"""What one document says about the chosen province, when it may have judged several of its old units."""

from collections.abc import Iterable

from pipeline.records import Assessment, Document, Tone

OTHER_UNITS = 2
"""Two or more other provinces of today make a report a survey of the region rather than news of the province."""

TONE_WEIGHT: dict[Tone | None, int] = {"negative": 3, "positive": 2, "neutral": 1, None: 0}
"""Who wins among equal scores: the negative judgement, so that a tie hides nothing that needs an answer."""


def judgement_of(doc: Document, units: frozenset[str]) -> Assessment | None:
    """Return the judgement that stands for all historic ``units`` together; None unless the document is about one.

    The highest relevance score wins; on a tie the negative one.
    """
    return _weightiest(one for one in _assessments_of(doc, units) if one.relevance == "about")


def naming_of(doc: Document, units: frozenset[str]) -> Assessment | None:
    """Return `judgement_of`; where a document only mentions the units, the surest mention."""
    return judgement_of(doc, units) or _weightiest(_assessments_of(doc, units))


def _assessments_of(doc: Document, units: frozenset[str]) -> list[Assessment]:
    return [one for one in doc.annotation.assessments if one.unit in units] if doc.annotation else []


def _weightiest(assessments: Iterable[Assessment]) -> Assessment | None:
    return max(assessments, key=lambda one: (one.score, TONE_WEIGHT[one.tone], one.unit), default=None)


def is_related(doc: Document, own: Assessment) -> bool:
    """Tell whether the document is about the own province and at least two other provinces of today."""
    assessments = doc.annotation.assessments if doc.annotation else ()
    others = {one.current for one in assessments if one.relevance == "about"} - {own.current}
    return len(others) >= OTHER_UNITS
