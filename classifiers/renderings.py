"""Other ways in which one name is written in scripts that have no fixed rendering of Vietnamese, and its cases.

Russian declines names and makes adjectives of them. Thai and Lao papers differ in tone marks, Korean ones in tense or
aspirated consonants (``까`` or ``카``), Japanese ones in ``ヴ`` or ``ブ``. What is made here and stands in no table is
believed only where something speaks of Viet Nam.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Final

_THAI_TONES: Final = "\u0e48\u0e49\u0e4a\u0e4b"
_LAO_TONES: Final = "\u0ec8\u0ec9\u0eca\u0ecb"
TONES: Final[Mapping[str, str]] = {"th": _THAI_TONES, "lo": _LAO_TONES}
LEAST_LENGTH: Final = 6
"""Thai and Lao names shorter than this become other words with another tone."""
MOST_TONES: Final = 3
"""More marks in one name would make too many spellings."""
LEAST_SYLLABLES: Final = 3
"""Korean names shorter than this become other words."""
_ASPIRATED: Final = {1: 15, 4: 16, 8: 17, 10: 9, 13: 14}
"""Index of a tense Korean initial (ㄲㄸㅃㅆㅉ) to the one that official spelling has for it (ㅋㅌㅍㅅㅊ)."""
_HANGUL, _VOWELS, _FINALS, _SYLLABLES = 0xAC00, 21, 28, 11172
_FINAL_N, _FINAL_NG, _VOWEL_I = 4, 21, 20
_KANA: Final = (
    ("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴ", "ブ"),
    ("クァ", "クア"), ("イェ", "イエ"), ("グェ", "グエ"), ("ズォ", "ズオ"),
    ("フォック", "フオック"), ("ジャン", "ザン"),
)  # fmt: skip
_ADJECTIVE: Final = ("ий", "ого", "ому", "им", "ом", "ая", "ой", "ую", "ое", "ие", "их", "ими")


def render(name: str, lang: str) -> Iterator[str]:
    """Yield the other spellings that a name of a language may have."""
    if lang in TONES:
        yield from _tones(name, TONES[lang])
    elif lang == "ko":
        yield from _consonants(name)
    elif lang == "ja":
        yield from _kana(name)


def inflect(name: str) -> tuple[str, ...]:
    """Return a Russian name and its cases (Ханой, Ханоя, Ханое …); names in -о, -и, -э do not change."""
    stem, last = name[:-1], name[-1]
    if last in "йь":
        return (name, *(stem + ending for ending in ("я", "ю", "ем", "е")))
    if last == "а":
        return (name, *(stem + ending for ending in ("и" if stem[-1] in "гкхжчшщ" else "ы", "е", "у", "ой")))
    if last in "бвгджзклмнпрстфхцчшщ":
        return (name, *(name + ending for ending in ("а", "у", "ом", "е")))
    return (name,)


def adjectives(name: str) -> tuple[str, ...]:
    """Return the forms of a Russian name's adjective (ханойский …); none for names that make no plain one."""
    if name[-1] not in "йнгмтлрз":
        return ()
    return tuple(f"{name}ск{ending}" for ending in _ADJECTIVE)


def _tones(name: str, tones: str) -> Iterator[str]:
    places = [place for place, char in enumerate(name) if char in tones]
    if len(name) < LEAST_LENGTH or not 0 < len(places) <= MOST_TONES:
        return
    pieces = [name[start:end] for start, end in zip([0, *(p + 1 for p in places)], [*places, len(name)], strict=True)]
    for marks in product(("", *tones), repeat=len(places)):
        yield "".join(piece + mark for piece, mark in zip(pieces, (*marks, ""), strict=True))


def _consonants(name: str) -> Iterator[str]:
    """Yield a Korean name with plain spelling of its initials, and with -ng for a final -n after i (Ninh)."""
    if len(name) < LEAST_SYLLABLES or not all(0 <= ord(char) - _HANGUL < _SYLLABLES for char in name):
        return
    soft = "".join(_aspirate(char) for char in name)
    for form in (name, soft):
        yield form
        vowel_final = (ord(form[-1]) - _HANGUL) % (_VOWELS * _FINALS)
        if vowel_final == _VOWEL_I * _FINALS + _FINAL_N:
            yield form[:-1] + chr(ord(form[-1]) + _FINAL_NG - _FINAL_N)


def _aspirate(char: str) -> str:
    initial, rest = divmod(ord(char) - _HANGUL, _VOWELS * _FINALS)
    return chr(_HANGUL + _ASPIRATED.get(initial, initial) * _VOWELS * _FINALS + rest)


def _kana(name: str) -> Iterator[str]:
    """Yield a Japanese name with the simpler of two renderings, and without its middle dots."""
    plain = unicodedata.normalize("NFC", name)
    for old, new in _KANA:
        plain = plain.replace(old, new)
    yield plain
    yield plain.replace("・", "")
