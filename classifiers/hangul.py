"""Where a Korean name begins and ends: particles stick to it, and other words hold the same syllables.

``무이네`` is Mũi Né, ``의무이네`` says that something is a duty; ``칸토`` is Cần Thơ, ``칸토나`` a footballer.
"""

import re
from typing import Final

_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_BEFORE: Final = re.compile("(?:베트남|월남|[주재북남구옛현신시])$")
"""What a name may stick to: the country, an embassy's ``주``, a direction, ``former``, ``new``, another city."""
_PARTICLES: Final = (
    "은|는|이|가|을|를|의|에|에는|에도|에서|에서는|에서도|에선|에만|과|와|과의|와의|로|으로|로의|까지|부터|까지의|부터의|"
    "도|만|보다|처럼|및|등|등의|등에|등지|이나|라는|이라는|산|행|발|인|점"
)
_SHORT_NOUNS: Final = "시|성|항|주|섬|만|강"
_NOUNS: Final = (
    "현지|지역|지방|지점|지사|공항|국제|여행|관광|인근|근처|일대|주민|출신|공장|공단|법인|시내|시장|시민|시청|성장|성정부|당국|"
    "총영사|영사|노선|직항|인민|고원|해변|반도|북부|남부|서부|동부|중부|산업|항구|경제|대학|대교|전투|전선|학살|마을|호텔|리조트|골프|"
    "증시|루트|루프|고속도로"
)
_AFTER: Final = re.compile(
    rf"(?:{_SHORT_NOUNS})?(?:{_PARTICLES})?(?![\uac00-\ud7a3])|(?:{_SHORT_NOUNS})?(?:{_NOUNS})|성서(?![\uac00-\ud7a3])"
)
"""``서`` is short for ``에서`` after the word for a province; after a bare name it may be a police station."""
_LONGEST_BEFORE: Final = 3


def is_name_in_korean(low: str, start: int, end: int, *, unsure: bool) -> bool:
    """Return whether a Korean name stands by itself; ``unsure`` names must also end where a word or particle does."""
    if _HANGUL.match(low, start - 1 if start else 0, start) and not _BEFORE.search(
        low, max(0, start - _LONGEST_BEFORE), start
    ):
        return False
    return not unsure or _AFTER.match(low, end) is not None
