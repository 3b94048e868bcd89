"""Cutting text into the words an index holds: one way for documents and queries, for every index.

Each token has two forms. *Exact* is lower case with its diacritics; *plain* is without them (``đ`` becomes ``d``), so
that “cao bang” finds “Cao Bằng”. The two ways to place a Vietnamese tone (``hoà``, ``hòa``) are one exact form.

Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese do not separate words by blanks (or glue particles to them).
They are cut into single characters with their marks; a name is then a sequence of them, found inside any sentence.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_TOKEN = 64
"""Characters kept of one token; longer ones are data, not words."""

_MARKED_SCRIPTS = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))
"""Thai and Lao, Burmese, Khmer: their vowel and tone marks belong to the character before them."""
_CHARACTER_SCRIPTS = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"  # kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u1100-\u11ff\uac00-\ud7af"  # Hangul
)
_LATIN_MARKS = "\u0300-\u036f"


def _of_category(initials: str) -> str:
    blocks = (chr(code) for first, last in _MARKED_SCRIPTS for code in range(first, last + 1))
    return "".join(char for char in blocks if unicodedata.category(char)[0] in initials)


_CHARACTERS = _CHARACTER_SCRIPTS + _of_category("LN")
_LETTER = f"[^\\W_{_CHARACTERS}]"
_TOKEN = re.compile(f"{_LETTER}+(?:[{_LATIN_MARKS}]+{_LETTER}*)*|[{_CHARACTERS}][{_of_category('M')}]*")

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width Latin of East Asian pages, one character for one."""
_ANY_WIDE = re.compile("[\uff01-\uff5e]")

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_EARLY_TONE = re.compile(f"(o(?=.[ae])|u(?=.y))([{_TONES}])([aey])")
"""A tone on the first vowel of oa, oe, uy."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word, or one character of a script without blanks."""

    exact: str
    plain: str
    start: int
    """Character offsets in the normalised text; end is exclusive."""
    end: int

    @property
    def accented(self) -> bool:
        """True when it carries marks that `plain` lacks."""
        return self.exact != self.plain


def normalise(text: str) -> str:
    """Return the text that token offsets refer to: Unicode NFC, no full-width Latin."""
    text = unicodedata.normalize("NFC", text)
    return text.translate(_WIDE) if _ANY_WIDE.search(text) else text


def tokens(normalised: str) -> Iterator[Token]:
    """Yield the tokens of a text that went through `normalise`."""
    for match in _TOKEN.finditer(normalised):
        exact, plain = _forms(match[0][:MAX_TOKEN])
        yield Token(exact, plain, match.start(), match.end())


def token_forms(text: str) -> list[tuple[str, str]]:
    """Return exact and plain form of each token of a text: what an index keeps, without the places."""
    return [_forms(word[:MAX_TOKEN]) for word in _TOKEN.findall(normalise(text))]


@lru_cache(maxsize=65_536)
def _forms(word: str) -> tuple[str, str]:
    """Return the exact and the plain form. Neither holds an ASCII character that is no letter or digit."""
    lower = word.casefold()
    if lower.isascii():
        return lower, lower
    decomposed = unicodedata.normalize("NFD", lower)
    exact = unicodedata.normalize("NFC", _EARLY_TONE.sub(r"\1\3\2", decomposed))
    plain = re.sub(f"[{_LATIN_MARKS}]", "", decomposed).replace("đ", "d")
    return exact, unicodedata.normalize("NFC", plain)
