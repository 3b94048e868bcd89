"""Daily editions of a handful of documents."""

from collections.abc import Iterable, Mapping
from datetime import date

from pipeline.digest.build import Background, build_edition
from pipeline.digest.period import Period
from pipeline.digest.reports import DigestPlan
from pipeline.records import Coverage, DayCount, Digest, Document


def build_digest(
    plan: DigestPlan,
    day: date,
    documents: Iterable[Document],
    *,
    coverage: Coverage | None = None,
    earlier: Mapping[date, DayCount] | None = None,
    revision: int = 1,
) -> Digest:
    """Return the daily edition of ``day`` with the least that is known beside its documents."""
    background = Background(coverage=coverage, earlier=earlier or {})
    return build_edition(plan, Period.daily(day), documents, background, revision=revision)
