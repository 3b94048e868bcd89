"""An article as the search for stories sees it."""

from dataclasses import dataclass
from datetime import date

from config.localtime import local_day
from pipeline.dedupe.shingles import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An article, and the story it was found to tell so far."""

    article: Candidate
    story: str | None = None
    """None when it was never looked at."""
    copy_of: str | None = None
    """Id of the article it reprints; None for an original."""

    @property
    def id(self) -> str:
        return self.article.id

    @property
    def day(self) -> date | None:
        """Local day of publication."""
        at = self.article.published_at
        return None if at is None else local_day(at)
