"""How a name is written and what kind of place stands before it."""

import re

from classifiers.folding import Folded, strip_diacritics

_TYPE_WORDS = {
    "huyện": "huyện",
    "h.": "huyện",
    "quận": "quận",
    "q.": "quận",
    "thị xã": "thị xã",
    "tx": "thị xã",
    "tx.": "thị xã",
    "thành phố": "thành phố",
    "tp": "thành phố",
    "tp.": "thành phố",
    "t.p": "thành phố",
    "xã": "xã",
    "phường": "phường",
    "p.": "phường",
    "thị trấn": "thị trấn",
    "tt.": "thị trấn",
    "đặc khu": "đặc khu",
    "tỉnh": "tỉnh",
}
_TYPES = _TYPE_WORDS | {strip_diacritics(word): kind for word, kind in _TYPE_WORDS.items()}
_TYPE_BEFORE = re.compile(
    r"(?<!\w)(" + "|".join(re.escape(word) for word in sorted(_TYPES, key=len, reverse=True)) + r") ?$"
)
_GENERIC_WORDS = """
thành phố thanh pho tp tp. cửa khẩu vịnh vinh hang cao nguyên nguyen đá đảo dao đặc khu dac quần hồ ho
baie chutes cité impériale île îles tunnels cap de d' bay falls border gate island islands cave market massacre
ruins temple sanctuary beach port airport national park lake mountain mountains reef city of loop
zatoka zatoce bahía острова тоннели
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())
"""Words in names that may be written small."""
_CITY = frozenset(["thanh", "tp", "tp."])
_NAME_WITH_CAPITAL = re.compile("[a-z,] [A-Z][a-z]")
_LONGEST = max(map(len, _TYPES)) + 1


def type_before(folded: Folded, start: int) -> str:
    """Return the type of place written right before an offset (``huyện``, ``phường`` …); empty when none is."""
    found = _TYPE_BEFORE.search(folded.low[max(0, start - _LONGEST - 1) : start])
    return _TYPES[found.group(1)] if found else ""


def is_name_like(folded: Folded, start: int, end: int) -> bool:
    """Return whether a name is written as one: each syllable begins with a capital, or the script has none.

    ``hòa bình`` and ``Hòa bình`` are words; ``Hòa Bình`` and ``HÒA BÌNH`` may be the province. A generic word before
    or after the name may be small (``thành phố Hồ Chí Minh``, ``Long Thanh airport``). Text without accents that
    writes no name with capitals is read by its types (``tinh cao bang``).
    """
    if folded.text[start] >= "\u0530":
        return True
    words = folded.text[start:end].replace("-", " ").replace("’", "'").split()
    typed = not folded.accented and (words[0].lower() in _CITY or type_before(folded, start) != "")
    while len(words) > 1 and words[0].lower() in _GENERIC:
        del words[0]
    while len(words) > 1 and words[-1] in _GENERIC:
        del words[-1]
    words = [word.rpartition("'")[2] or word for word in words]  # d'Along
    if all(word[0].isupper() or not word[0].isalpha() for word in words):
        return True
    return typed and not _NAME_WITH_CAPITAL.search(folded.text)
