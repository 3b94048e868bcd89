"""Whether a page shows only the beginning of its article."""

from typing import Final

from pipeline.extract.structured import StructuredArticle
from pipeline.extract.words import words

TEASER_SHARE: Final = 0.5
"""Text below this share of what the page declares is a teaser."""
MIN_DECLARED_WORDS: Final = 200
"""Shorter declarations are too near to a lead to compare with."""
TEASER_WORDS: Final = 250
"""A page that says it is not free, without saying how long it is, shows a teaser when it shows less than this."""


def is_paywalled(text: str, structured: StructuredArticle) -> bool:
    """True when the page says it is not free, or how long it is, and shows much less.

    ``isAccessibleForFree: false`` alone proves nothing: outlets say it of pages whose whole text they show. A page that
    says it is free is believed; its ``wordCount`` then counts something else.
    """
    if structured.free:
        return False
    shown = len(words(text))
    declared = max(structured.word_count, len(words(structured.body)))
    if declared >= MIN_DECLARED_WORDS and shown < TEASER_SHARE * declared:
        return True
    return structured.free is False and shown < TEASER_WORDS
