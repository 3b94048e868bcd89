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
_GENERIC = frozenset(
    ["thành", "phố", "thanh", "pho", "tp", "tp.", "cửa", "khẩu", "vịnh", "hang", "cao", "nguyên", "đá", "baie"]
)
_LONGEST = max(map(len, _TYPES)) + 1


def type_before(folded: Folded, start: int) -> str:
    """Return the type of place written right before an offset (``huyện``, ``phường`` …); empty when none is."""
    found = _TYPE_BEFORE.search(folded.low[max(0, start - _LONGEST - 1) : start])
    return _TYPES[found.group(1)] if found else ""


def is_name_like(folded: Folded, start: int, end: int) -> bool:
    """Return whether a name is written as one: each syllable begins with a capital, or the script has none.

    ``hòa bình`` and ``Hòa bình`` are words; ``Hòa Bình`` and ``HÒA BÌNH`` may be the province. A generic word before
    the name may be small (``thành phố Hồ Chí Minh``). Text without accents and capitals is read by its types
    (``tinh cao bang``).
    """
    if folded.text[start] >= "\u0530":
        return True
    words = folded.text[start:end].replace("-", " ").replace("’", "'").split()
    typed = False
    while len(words) > 1 and words[0].lower() in _GENERIC:
        typed = True
        del words[0]
    words = [word.rpartition("'")[2] or word for word in words]  # d'Along
    if all(word[0].isupper() or not word[0].isalpha() for word in words):
        return True
    return not folded.accented and (typed or type_before(folded, start) != "")
