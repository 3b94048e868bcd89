"""What the installation chose never to report: outlets, URL patterns, phrases."""

import re
import unicodedata
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
        """Compile the settings. A phrase matches whole words, whatever the case."""
        phrases = [re.escape(_fold(phrase.strip())) for phrase in settings.phrases if phrase.strip()]
        return cls(
            sources=frozenset(settings.sources),
            url_patterns=settings.url_patterns,
            phrases=re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)") if phrases else None,
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
        if self.phrases and self.phrases.search(_fold(f"{doc.article.title}\n{doc.article.lead}")):
            return "phrase"
        return None


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
