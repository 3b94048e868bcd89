"""One text, several views of equal length: what the reader of names compares.

The view ``text`` is NFC with unified, single spaces; ``low`` is lower case with one placement of the tone mark
(``hoà`` becomes ``hòa``) and hyphens as spaces; ``plain`` is ``low`` without any diacritic. All have the same length,
so one offset serves all; ``Folded.span`` leads back to the text as it was given, whatever its normalisation was.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

VIETNAMESE_LETTERS = frozenset("ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")
"""Letters that no other language of the press uses in quantity."""
ACCENTED_SHARE = 0.035
"""Vietnamese text has about 0.15 such letters a letter; English text that spells one name with accents stays below."""

_DROPPED = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_DOUBLED = re.compile("[ \u00a0]{2}")
_BLANKS = frozenset(" \u00a0")
_SPACES = dict.fromkeys(
    map(ord, "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000\t\r\n"), " "
)
_UNIFIED: dict[int, str] = {
    **_SPACES,
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    ord("Ð"): "Đ",
    ord("Ɖ"): "Đ",
    ord("ð"): "đ",
    ord("İ"): "I",  # the only letter whose lower case is longer
}
_LOW_HYPHEN = {ord("-"): " "}

_OLD_TONES = {
    old: new
    for olds, news in (
        ("oà oá oả oã oạ", "òa óa ỏa õa ọa"),
        ("oè oé oẻ oẽ oẹ", "òe óe ỏe õe ọe"),
        ("uỳ uý uỷ uỹ uỵ", "ùy úy ủy ũy ụy"),
    )
    for old, new in zip(olds.split(), news.split(), strict=True)
}
_OLD_TONE = re.compile("(" + "|".join(_OLD_TONES) + r")(?!\w)")
_OLD_TONE_HINT = re.compile("[oO][àáảãạèéẻẽẹ]|[uU][ỳýỷỹỵ]")


def _plain_table() -> dict[int, str]:
    """Map every composed Latin letter to its base letter, one character for one."""
    table = {ord("đ"): "d", ord("ø"): "o", ord("ł"): "l"}
    for code in (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base != chr(code):
            table[code] = base
    return table


_PLAIN = _plain_table()


@dataclass(frozen=True, slots=True)
class Folded:
    """A text and its views, all of one length."""

    text: str
    """NFC, case kept, spaces and dashes unified."""
    low: str
    accented: bool
    """True for Vietnamese written with its diacritics; then names without them do not count."""
    origin: Sequence[int] | None
    """Offset in the given text of each character of ``text``, and its length at the end; None when they agree."""

    @property
    def plain(self) -> str:
        """The lower-case view without diacritics."""
        return strip_diacritics(self.low)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return offsets in the text as given."""
        if self.origin is None:
            return start, end
        return self.origin[start], self.origin[end]

    def position(self, offset: int) -> int:
        """Return the offset in ``text`` of an offset in the text as given."""
        return offset if self.origin is None else max(0, bisect_right(self.origin, offset) - 1)


def fold(given: str) -> Folded:
    """Return the views of a text in any normalisation form."""
    origin: list[int] | None = None
    doubled = _DOUBLED.search(given) is not None
    if given.isascii() and not doubled:
        text = given.translate(_UNIFIED)
        return Folded(text, text.lower().translate(_LOW_HYPHEN), False, None)
    if unicodedata.is_normalized("NFC", given) and not doubled and not _DROPPED.search(given):
        text = given.translate(_UNIFIED)
    else:
        text, origin = _compose(given)
    low = lower(text)
    return Folded(text, low, is_accented(low), origin)


def lower(text: str) -> str:
    """Return the view that names are compared in: lower case, one tone placement, hyphens as spaces."""
    low = text.lower().translate(_LOW_HYPHEN)
    if _OLD_TONE_HINT.search(low):
        low = _OLD_TONE.sub(lambda found: _OLD_TONES[found.group(1)], low)
    return low


def strip_diacritics(low: str) -> str:
    """Return lower-case text with Latin letters bare (``đ`` as ``d``), of the same length."""
    return low.translate(_PLAIN)


def is_accented(low: str) -> bool:
    """Return whether lower-case text is Vietnamese written with its diacritics."""
    letters = sum(map(low.count, VIETNAMESE_LETTERS))
    return letters > ACCENTED_SHARE * len(low)


def _compose(given: str) -> tuple[str, list[int]]:
    """Return NFC text without invisible characters and doubled blanks, and where each of its characters came from."""
    parts: list[str] = []
    origin: list[int] = []
    start = 0
    while start < len(given):
        end = start + 1
        while end < len(given) and not _starts_cluster(given[end]):
            end += 1
        doubled = end == start + 1 and start > 0 and given[start] in _BLANKS and given[start - 1] in _BLANKS
        if not doubled and not _DROPPED.match(given[start]):
            composed = unicodedata.normalize("NFC", _DROPPED.sub("", given[start:end])).translate(_UNIFIED)
            parts.append(composed)
            origin.extend([start] * len(composed))
        start = end
    origin.append(len(given))
    return "".join(parts), origin


def _starts_cluster(char: str) -> bool:
    """Return whether a character cannot compose with the one before it (Hangul vowels and finals can)."""
    return not unicodedata.combining(char) and not "\u1160" <= char <= "\u11ff"
