"""What the installation chose never to report: outlets, URL patterns, phrases."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from config.settings import MuteSettings
from pipeline.records import Document

MuteReason = Literal["source", "url", "phrase"]


@dataclass(frozen=True, slots=True)
class MuteRules:
    """Mute settings, ready to match."""

    sources: frozenset[str]
    url_patterns: tuple[str, ...]
    phrases: re.Pattern[str] | None

    @classmethod
    def of(cls, settings: MuteSettings) -> "MuteRules":
        """Compile the settings."""
        return cls(
            sources=frozenset(settings.sources),
            url_patterns=settings.url_patterns,
            phrases=phrase_pattern(settings.phrases),
        )

    def mutes_url(self, url: str) -> bool:
        """Tell whether an address fits one of the patterns."""
        return any(fnmatchcase(url, pattern) for pattern in self.url_patterns)

    def reason(self, doc: Document) -> MuteReason | None:
        """Return which setting mutes the document; None when none does."""
        if doc.source_id in self.sources:
            return "source"
        if self.mutes_url(doc.article.url):
            return "url"
        if says(doc, self.phrases):
            return "phrase"
        return None


def phrase_pattern(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """Return what finds any of the phrases as whole words, whatever the case; None when there is none."""
    folded = [re.escape(_fold(phrase.strip())) for phrase in phrases if phrase.strip()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(folded)})(?!\w)") if folded else None


def says(doc: Document, phrases: re.Pattern[str] | None) -> bool:
    """Tell whether one of the phrases stands in title or lead."""
    return bool(phrases and phrases.search(_fold(f"{doc.article.title}\n{doc.article.lead}")))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
