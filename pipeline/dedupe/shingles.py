"""An article as a set of runs of words, for comparing texts that were copied and cut."""

import re
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from classifiers.folding import lower

TEXT_RUN = 5
"""Words of a shingle of a text: two reporters seldom choose the same five."""
HEADLINE_RUN = 2
"""The same of title and lead, which are short."""
LEAST_TEXT_WORDS = 60
"""A shorter text is a caption or a paywall's teaser; the article is compared by title and lead."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An article that may be a reprint, or be reprinted."""

    id: str
    title: str
    lead: str = ""
    text: str = ""
    """Paragraphs joined by line breaks; empty when only the headline is known."""
    published_at: datetime | None = None
    outlet: str = ""
    tier: int = 3

    @property
    def precedence(self) -> tuple[bool, float, int, str]:
        """Return what makes one of two equal texts the original: earlier publication, then the wider outlet."""
        at = self.published_at
        return at is None, at.timestamp() if at else 0.0, self.tier, self.id

    def paragraphs(self) -> tuple[str, ...]:
        """Return the lead and each paragraph of the text as plain words, empty ones left out."""
        return tuple(filter(None, map(plain_words, (self.lead, *self.text.splitlines()))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shingled:
    """What is compared of a candidate; shingles are 32-bit numbers."""

    text: frozenset[int]
    """Empty for an article known by its headline."""
    headline: frozenset[int]
    title_words: frozenset[str]
    exact: bytes
    """Equal for articles that are word for word the same."""


def shingle(candidate: Candidate, boilerplate: Collection[str] = ()) -> Shingled:
    """Cut a candidate into shingles, without the paragraphs (plain words) that are boilerplate of its outlet."""
    title, lead = plain_words(candidate.title), plain_words(candidate.lead)
    lead = "" if lead in boilerplate else lead
    lines = map(plain_words, candidate.text.splitlines())
    words = " ".join(line for line in lines if line not in boilerplate).split()
    is_text = len(words) >= LEAST_TEXT_WORDS
    whole = " ".join(words) if is_text else f"{title}\n{lead}"
    return Shingled(
        text=_runs(words, TEXT_RUN) if is_text else frozenset(),
        headline=_runs(title.split(), HEADLINE_RUN) | _runs(lead.split(), HEADLINE_RUN),
        title_words=frozenset(title.split()),
        exact=blake2b(whole.encode(), digest_size=16).digest(),
    )


def plain_words(text: str) -> str:
    """Return the words of a text, lower case, joined by blanks."""
    return " ".join(_WORD.findall(lower(text)))


def _runs(words: Sequence[str], length: int) -> frozenset[int]:
    starts = range(max(1, len(words) - length + 1)) if words else ()
    return frozenset(zlib.crc32(" ".join(words[at : at + length]).encode()) for at in starts)
