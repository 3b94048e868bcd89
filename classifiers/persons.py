"""Whether a name of a place ends a person's name (``Trịnh Hòa Bình``)."""

import re
from functools import lru_cache
from typing import Final

from classifiers.folding import Folded, lower, strip_diacritics
from classifiers.gazetteer import PLACES, read_table
from config.units import historic_units

_FAMILY: Final = """
nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ ngô lý trịnh đinh tạ lương lưu tăng chu quách phùng vương tống
đào tôn trương triệu nghiêm đàm khuất giáp doãn mạc cấn bế hứa dư phí kiều thân tiêu dương văn thị
"""
FAMILY_NAMES: Final = frozenset(_FAMILY.split())
"""Family names, and the middle names Văn and Thị, that rarely begin the name of a place (unlike Hồ, Hà, Sơn, Cao)."""
_ENGLISH: Final = frozenset(["be", "can", "dam", "do", "du", "phi", "ta", "than", "van"])
_WESTERN_FAMILY_NAMES: Final = frozenset(map(strip_diacritics, FAMILY_NAMES)) - _ENGLISH
"""Without those that begin or join the words of a title elsewhere (``Why Ha Giang Is Better Than Ninh Binh``)."""
_PLAIN_SURE: Final = "nguyen tran le pham hoang huynh vu ngo trinh dinh vuong phung quach nghiem khuat giap"
_PLAIN_FAMILY_NAMES: Final = frozenset(_PLAIN_SURE.split())
"""Those that are hardly anything else in Vietnamese without accents (unlike ``Truong``, also a school)."""
_PLAIN_AT_START: Final = frozenset(["le", "vu"])
"""Words that begin a headline as often as a name: the feast, the case."""
_SURE_IN_CAPITALS: Final = "nguyễn trần phạm huỳnh phan trịnh quách nghiêm khuất nguyen huynh"
_FAMILY_NAMES_IN_CAPITALS: Final = frozenset(_SURE_IN_CAPITALS.split())
"""Those left where every word has capitals (``THỊ TRƯỜNG BÌNH DƯƠNG``, ``LE HOI THAI BINH``)."""
_EPONYMS_TABLE: Final = """
nguyễn trãi, nguyễn huệ, nguyễn du, nguyễn thái học, nguyễn tất thành, nguyễn bỉnh khiêm, nguyễn đình chiểu, nguyễn
hữu cảnh, nguyễn trung trực, nguyễn công trứ, nguyễn chí thanh, nguyễn thị minh khai, nguyễn văn linh, nguyễn văn
cừ, nguyễn văn trỗi, nguyễn an ninh, nguyễn quang diêu, nguyễn thượng hiền, nguyễn khuyến, nguyễn tri phương, nguyễn
lương bằng, trần phú, trần hưng đạo, trần quốc toản, trần quốc tuấn, trần quang khải, trần nhân tông, trần đại
nghĩa, trần văn giàu, lê lợi, lê duẩn, lê quý đôn, lê hồng phong, lê thánh tông, lê khiết, lê văn tám, lê văn duyệt,
phạm văn đồng, phạm ngũ lão, phạm hồng thái, phạm ngọc thạch, hoàng văn thụ, hoàng hoa thám, hoàng diệu, hoàng lê
kha, hoàng quốc việt, huỳnh thúc kháng, huỳnh mẫn đạt, phan bội châu, phan châu trinh, phan chu trinh, phan đình
phùng, phan đăng lưu, phan thanh giản, võ nguyên giáp, võ văn kiệt, võ thị sáu, vũ trọng phụng, đặng thùy trâm, bùi
thị xuân, đỗ xuân hợp, ngô quyền, ngô gia tự, lý thường kiệt, lý thái tổ, lý tự trọng, đinh tiên hoàng, đinh bộ
lĩnh, lương thế vinh, lương văn tụy, lương văn can, chu văn an, mạc đĩnh chi, tôn đức thắng, trương định, trương
vĩnh ký, hùng vương, thoại ngọc hầu, mai thúc loan
"""
EPONYMS: Final = frozenset(lower(" ".join(name.split())) for name in _EPONYMS_TABLE.split(","))
"""Persons of history after whom schools and streets are called: a place after their name is where those stand."""
_PLAIN_EPONYMS: Final = frozenset(map(strip_diacritics, EPONYMS))
_INSTITUTION: Final = re.compile(
    r"(?<!\w)(?:thpt|thcs|chuyên|trường|đường|phố|bệnh viện|công ty|tập đoàn|chợ|cầu|nhà máy|khách sạn|sân vận động|"
    r"sân|quảng trường|công viên|đại học|cao đẳng|thuỷ điện|thủy điện|bến xe|khu đô thị|xí nghiệp|ngân hàng|"
    r"hãng|clb|đội) $"
)
_COMPANY: Final = re.compile(
    r"(?<!\w)(?:công ty|tập đoàn|doanh nghiệp|tnhh|ctcp)(?: (?!ông|bà|anh|chị|của)[^\s.,;:]+){0,5} $"
)
_PLAIN_INSTITUTION: Final = re.compile(strip_diacritics(_INSTITUTION.pattern))
_PLAIN_COMPANY: Final = re.compile(strip_diacritics(_COMPANY.pattern))
_TITLE_BEFORE: Final = re.compile(
    r"(?<!\w)(?<!chùa )(?<!đền )(?<!miếu )(?<!phủ )(?<!điện )(?<!chua )(?<!den )(?<!mieu )"
    r"(?:[oô]ng|b[aà]|anh|ch[iị]|c[oô]|ch[uú]|c[uụ]) ((?:[^\W\d_]+ ){1,2})$"
)
"""Not where a shrine is called after the lady that is worshipped there (``đền Bà Chúa Kho``)."""
_WORDS_BEFORE: Final = re.compile(r"(?:[^\W\d_]+ ){1,3}$")
_FAMILY_AFTER: Final = re.compile(
    r" (?:Nguyen|Tran|Pham|Huynh|Phan|Vuong?|Vu|Vo|Dang|Bui|Ngo|Duong|Truong|Trinh|Dinh)\b"
)
BEFORE_CHARS: Final = 40
INSTITUTION_CHARS: Final = 60


def is_person_name(folded: Folded, start: int, end: int, *, unit: str, western: bool) -> bool:
    """Return whether capitalised words, after a title or from a family name on, stand right before a name.

    In a ``western`` text a family name right after it counts as well: abroad it stands last (``Vinh Long Tran``). A
    school or street called after somebody makes no person (``chuyên Nguyễn Trãi Hải Dương``), nor does a place in
    ``unit``, whose name this is (``Văn Giang Hưng Yên``).
    """
    if western and not folded.accented and _FAMILY_AFTER.match(folded.text, end):
        return True
    view = folded.low if folded.accented else folded.plain
    titled = _TITLE_BEFORE.search(view, max(0, start - BEFORE_CHARS), start)
    if titled and all(
        word[0].isupper() and not word.isupper() for word in folded.text[titled.start(1) : start].split()
    ):
        return True
    person = _person_before(folded, view, start, capitals=folded.text[start:end].isupper(), western=western)
    if not person or (historic_units()[unit].current, strip_diacritics(person)) in _inner_places():
        return False
    if person in _PLAIN_AT_START and not folded.accented and not western:
        return view[: start - len(person) - 1].rstrip(" ")[-1:].isalnum()
    return True


def _person_before(folded: Folded, view: str, start: int, *, capitals: bool, western: bool) -> str:
    """Return the words from a family name up to an offset as ``view`` has them; empty when none are a person's."""
    found = _WORDS_BEFORE.search(folded.text, max(0, start - BEFORE_CHARS), start)
    if not found:
        return ""
    families = _family_names(accented=folded.accented, capitals=capitals, western=western)
    given = person = ""
    for word, low in zip(found[0].split()[::-1], view[found.start() : start].split()[::-1], strict=True):
        if not word[0].isupper() or (word.isupper() and not capitals):
            break
        given = f"{low} {given}".strip()
        if low in families:
            person = given
            if _is_institution(folded, view[: start - len(given) - 1], given):
                return ""
    return person


def _family_names(*, accented: bool, capitals: bool, western: bool) -> frozenset[str]:
    if capitals:
        return _FAMILY_NAMES_IN_CAPITALS
    if accented:
        return FAMILY_NAMES
    return _WESTERN_FAMILY_NAMES if western else _PLAIN_FAMILY_NAMES


@lru_cache
def _inner_places() -> frozenset[tuple[str, str]]:
    """Return each unit of today with the names, lower case without accents, of old districts and communes in it."""
    known = historic_units()
    districts = read_table(PLACES / "districts.tsv", "unit_slug", "name")
    communes = read_table(PLACES / "communes.tsv", "current_slug", "name")
    names = [(known[row["unit_slug"]].current, row["name"]) for row in districts]
    names += [(row["current_slug"], row["name"]) for row in communes]
    return frozenset((unit, strip_diacritics(lower(name))) for unit, name in names)


def _is_institution(folded: Folded, before: str, given: str) -> bool:
    """Return whether a school, street or company bears what stands before a place, all of it or up to there.

    ``đường Nguyễn Thái Bình`` is called after a person whose name the place ends; ``trường Nguyễn Trãi Thái Bình``
    after one whose name is complete.
    """
    if given in (EPONYMS if folded.accented else _PLAIN_EPONYMS):
        return True
    before = before[-INSTITUTION_CHARS:]
    if (_COMPANY if folded.accented else _PLAIN_COMPANY).search(before):
        return True
    institution = _INSTITUTION if folded.accented else _PLAIN_INSTITUTION
    return " " in given and institution.search(before) is not None
