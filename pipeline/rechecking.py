"""What became of asking for articles again, counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from pipeline.store.presence import PresenceCounts

if TYPE_CHECKING:
    from crawlers.recheck import RecheckSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckReport:
    """One run of checks."""

    asked: int
    present: int
    missing: int
    """Answers that said the article is gone; two in a row count."""
    disappeared: int
    """Articles that count as gone since this run."""
    returned: int
    """Articles that counted as gone and were seen again."""
    unasked: int
    """Left for the next run: their hosts rest, or time was up."""
    unclear: Mapping[str, int]
    """Named reason to number of the answers that say nothing about the article."""
    interrupted: bool

    @classmethod
    def of(cls, summary: "RecheckSummary", changes: PresenceCounts) -> Self:
        """Count what was seen and what that changed."""
        found = Counter(check.found for check in summary.checks)
        return cls(
            asked=len(summary.checks),
            present=found["present"],
            missing=found["gone"],
            disappeared=changes.disappeared,
            returned=changes.returned,
            unasked=summary.unasked,
            unclear=Counter(check.reason for check in summary.checks if check.found == "unknown"),
            interrupted=summary.interrupted,
        )

    def counts(self) -> dict[str, int]:
        """Return the figures for the log of runs."""
        return {"asked": self.asked, "disappeared": self.disappeared, "returned": self.returned}
