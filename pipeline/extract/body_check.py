"""Holding an extracted text against the body that the page itself declares (JSON-LD ``articleBody``)."""

from collections import Counter
from itertools import pairwise
from typing import Final

from pipeline.extract.words import tidy, words

MIN_BODY_WORDS: Final = 120
"""A shorter declared body is a teaser."""
MUCH_SHORTER: Final = 0.75
"""An extracted text below this share of the declared body has lost a part of it."""
MIN_COVERED: Final = 0.85
"""Share of the extracted words that the body must hold, or the body its words, for the two to be one text."""
ENDING_WORDS: Final = 8
"""The body's last words must be visible: what a paywall hides is not taken from its data."""
LINE_COVERED: Final = 0.6
"""Share of a line's word pairs found in the body, above which the line is part of it."""


def align_with_declared_body(lines: list[str], body: str, visible: str) -> tuple[list[str], bool]:
    """Return the lines that are the article, and whether the body was used.

    A text much shorter than the declared body is replaced by it; lines before the first and behind the last one that
    stand in the body are cut when the body covers most of the text: teasers of other articles, appeals. Lines between
    stay, because outlets leave subheadings out of the declared body.
    """
    if "<p" in body or "</" in body:
        return lines, False
    declared = words(body)
    if len(declared) < MIN_BODY_WORDS:
        return lines, False
    shown = words(" ".join(lines))
    shared = (Counter(declared) & Counter(shown)).total()
    lost = len(shown) < MUCH_SHORTER * len(declared) and shared >= MIN_COVERED * len(shown)
    if lost and " ".join(declared[-ENDING_WORDS:]) in " ".join(words(visible)):
        return [tidy(line) for line in body.splitlines() if line.strip()], True
    if shared < MIN_COVERED * len(declared):
        return lines, False
    pairs = set(pairwise(declared))
    inside = [position for position, line in enumerate(lines) if _stands_in(line, pairs)]
    if not inside:
        return lines, False
    return lines[inside[0] : inside[-1] + 1], True


def _stands_in(line: str, pairs: set[tuple[str, str]]) -> bool:
    said = words(line)
    own = list(pairwise(said))
    return len(own) >= 3 and sum(pair in pairs for pair in own) >= LINE_COVERED * len(own)
