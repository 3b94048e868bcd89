"""Whether a name of a place ends a person's name (``Trịnh Hòa Bình``)."""

import re
from typing import Final

from classifiers.folding import Folded, strip_diacritics

_FAMILY: Final = """
nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ ngô lý trịnh đinh tạ lương lưu tăng chu quách phùng vương tống
đào tôn trương triệu nghiêm đàm khuất giáp doãn mạc cấn bế hứa dư phí kiều thân tiêu dương văn thị
"""
FAMILY_NAMES: Final = frozenset(_FAMILY.split())
"""Family names, and the middle names Văn and Thị, that rarely begin the name of a place (unlike Hồ, Hà, Sơn, Cao)."""
_PLAIN_FAMILY_NAMES: Final = frozenset(map(strip_diacritics, FAMILY_NAMES))
_TITLE_BEFORE: Final = re.compile(r"(?<!\w)(?:[oô]ng|b[aà]|anh|ch[iị]|c[oô]|ch[uú]|c[uụ]) ((?:[^\W\d_]+ ){1,2})$")
_WORDS_BEFORE: Final = re.compile(r"(?:[^\W\d_]+ ){1,3}$")
_FAMILY_AFTER: Final = re.compile(
    r" (?:Nguyen|Tran|Pham|Huynh|Phan|Vuong?|Vu|Vo|Dang|Bui|Ngo|Duong|Truong|Trinh|Dinh)\b"
)
BEFORE_CHARS: Final = 40


def is_person_name(folded: Folded, start: int, end: int) -> bool:
    """Return whether capitalised words, after a title or from a family name on, stand right before a name.

    In text without accents a family name right after it counts as well: abroad it stands last (``Vinh Long Tran``).
    """
    if not folded.accented and _FAMILY_AFTER.match(folded.text, end):
        return True
    view = folded.low if folded.accented else folded.plain
    titled = _TITLE_BEFORE.search(view, max(0, start - BEFORE_CHARS), start)
    if titled and all(
        word[0].isupper() and not word.isupper() for word in folded.text[titled.start(1) : start].split()
    ):
        return True
    found = _WORDS_BEFORE.search(folded.text, max(0, start - BEFORE_CHARS), start)
    if not found:
        return False
    families = FAMILY_NAMES if folded.accented else _PLAIN_FAMILY_NAMES
    for word, low in zip(found[0].split()[::-1], view[found.start() : start].split()[::-1], strict=True):
        if not word[0].isupper():
            return False
        if low in families:
            return True
    return False
