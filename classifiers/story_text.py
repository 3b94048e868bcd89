"""What the comparison of two articles reads of each: words, names, numbers and places of title and lead, as numbers.

Everything is a number: a token is hashed to a column, its weight is how rare it is in the press. Words are compared
with their diacritics; names are also kept without any, so that articles in two languages can meet in them.
"""

import re
import zlib
from calendar import month_abbr
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import ahocorasick
import numpy as np
from numpy.typing import NDArray

from classifiers.folding import Folded, fold, strip_diacritics
from classifiers.gazetteer import Gazetteer, read_table
from classifiers.spelling import is_name_like
from config.files import DATA_ROOT

EVENTS: Final = DATA_ROOT / "stories" / "events.tsv"
EVENT_LANGUAGES: Final = ("vi", "en", "zh", "ja")
COLUMNS: Final = 1 << 20
"""Of the hash; four times the tokens that the press uses more than now and then."""
LEAD_CHARS: Final = 600
"""Of the lead, or of the text where there is none: what stands later is background."""

_TOKEN: Final = re.compile(r"\d+(?:[.,/]\d+)*|[^\W\d_]+(?:\.[^\W\d_]+)*|[.!?:,;'\"‘’“”()–-]")
_NUMBERED_DAY: Final = re.compile(
    r"(?<![\d.,/-])(\d{1,2})[./-](\d{1,2})(?![\d%])|(\d{1,2}) tháng (\d{1,2})|(\d{1,2})月(\d{1,2})日"
)
_ENGLISH_DAY: Final = re.compile(
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (\d{1,2})\b|"
    r"(\d{1,2}) (jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
)
_MONTHS: Final = {name.lower(): at for at, name in enumerate(month_abbr) if name}
_JOINING: Final = frozenset("-–'’")
"""Signs between two words that remain neighbours."""
_SENTENCE_STARTS: Final = frozenset(".!?:\"“‘'")

Indices = NDArray[np.int64]


class Counted(NamedTuple):
    """Columns of tokens and how often each occurs."""

    columns: Indices
    """In ascending order, each once."""
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryText:
    """One article as it is compared with others; what weighs how much, `classifiers.stories.Texts` knows."""

    words: Counted
    """Of title and lead."""
    title: Counted
    pairs: Counted
    """Neighbouring words of title and lead."""
    capitals: Indices
    """Words of names."""
    full_names: Indices
    numbers: Indices
    """Numbers and days of the year."""
    units: Indices
    """Provinces that may be meant, whatever the language."""
    places: Indices
    """Names of provinces, districts, communes and landmarks as written."""
    amounts: Indices
    """Numbers without days of the year, which every article of a day has in common."""
    plain_names: Indices
    """Names without diacritics, those of places left out."""
    events: Indices
    """Kinds of events that words of four languages speak of."""
    accented: bool
    """Written in Vietnamese with its diacritics."""
    latin: bool
    """False for scripts that the table of rarities has not seen."""
    published_at: datetime | None = None
    outlet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The strings of one text."""

    words: Sequence[str]
    """Lower case; of scripts without blanks, pairs of characters."""
    capitals: Sequence[str]
    """Words of names, lower case."""
    full_names: Sequence[str]
    """Names of two words or more, lower case, joined by blanks."""
    numbers: Sequence[str]
    """Numbers in one notation (``#1200``, ``#3.5``)."""
    days: Sequence[str]
    """Days of the year (``#0712``)."""
    pairs: Sequence[str]
    """Neighbouring words."""

    def plain_names(self, places: Collection[str] = ()) -> Sequence[str]:
        """Return words of names and names of two words without diacritics, but no words of ``places``."""
        runs = [run.split() for run in strip_diacritics("\n".join(self.full_names)).splitlines()]
        twos = [f"~{one} {two}" for run in runs for one, two in pairwise(run) if one not in places or two not in places]
        words = strip_diacritics(" ".join(self.capitals)).split()
        return [f"~{word}" for word in words if word not in places] + twos


@lru_cache(maxsize=1 << 17)
def column(token: str) -> int:
    """Return the column of a token."""
    return zlib.crc32(token.encode()) & (COLUMNS - 1)


def columns(tokens: Iterable[str]) -> Indices:
    """Return the columns of tokens, in ascending order, each once."""
    return np.array(sorted(set(map(column, tokens))), np.int64)


class StoryReader:
    """Reads articles for comparison."""

    def __init__(self, gazetteer: Gazetteer, events: ahocorasick.Automaton) -> None:
        self._gazetteer = gazetteer
        self._events = events

    @classmethod
    def load(cls) -> "StoryReader":
        """Read the tables of names and of events. Raises ModelError when one is missing or damaged."""
        return cls(Gazetteer.load(), _event_words())

    def read(self, title: str, lead: str, *, published_at: datetime | None = None, outlet: str = "") -> StoryText:
        """Return what is compared of one article."""
        folded = fold(title), fold(lead[:LEAD_CHARS])
        of_title, of_lead = tokens_of(folded[0]), tokens_of(folded[1])
        units, places = self._places(folded)
        place_words = frozenset(strip_diacritics(" ".join(places)).split())
        amounts = (*of_title.numbers, *of_lead.numbers)
        return StoryText(
            words=_count([*of_title.words, *of_lead.words]),
            title=_count(of_title.words),
            pairs=_count([*of_title.pairs, *of_lead.pairs]),
            capitals=columns((*of_title.capitals, *of_lead.capitals)),
            full_names=columns((*of_title.full_names, *of_lead.full_names)),
            numbers=columns((*amounts, *of_title.days, *of_lead.days)),
            units=columns(units),
            places=columns(places),
            amounts=columns(amounts),
            plain_names=columns((*of_title.plain_names(place_words), *of_lead.plain_names(place_words))),
            events=columns(event for each in folded for event in self._events_in(each.low)),
            accented=folded[0].accented or folded[1].accented,
            latin=_is_latin(title),
            published_at=published_at,
            outlet=outlet,
        )

    def _events_in(self, low: str) -> Iterator[str]:
        for last, (length, lang, event) in self._events.iter(low):
            start, end = last + 1 - length, last + 1
            starts_word = start == 0 or not low[start - 1].isalnum()
            ends_word = end == len(low) or not low[end].isalnum()
            if _is_unspaced(low[start]) or (starts_word and (ends_word or lang != "vi")):
                yield f"@{event}"

    def _places(self, folded: Sequence[Folded]) -> tuple[set[str], set[str]]:
        """Return the units that may be meant, and the names that are written."""
        units: set[str] = set()
        names: set[str] = set()
        for each in folded:
            for span in self._gazetteer.scan(each):
                if is_name_like(each, span.start, span.end):
                    units.update(place.unit for place in span.readings)
                    names.add(each.low[span.start : span.end])
        return units, names


def _event_words() -> ahocorasick.Automaton:
    """Return what finds words that speak of events; those of English are the beginnings of words."""
    automaton = ahocorasick.Automaton()
    for row in read_table(EVENTS, "event", *EVENT_LANGUAGES):
        for lang in EVENT_LANGUAGES:
            for word in row[lang].split("|"):
                automaton.add_word(word, (len(word), lang, row["event"]))
    automaton.make_automaton()
    return automaton


def _count(tokens: Sequence[str]) -> Counted:
    counts = Counter(map(column, tokens))
    found = sorted(counts)
    return Counted(np.array(found, np.int64), np.array([counts[each] for each in found], np.int64))


def tokens_of(folded: Folded) -> Tokens:
    """Return the tokens of a title or a lead."""
    words: list[str] = []
    capitals: list[str] = []
    full_names: list[str] = []
    pairs: list[str] = []
    run: list[str] = []
    run_opens = False
    opening = True

    def end_run() -> None:
        if len(run) > 1:
            capitals.extend(part.lower() for part in run)
            full_names.append(" ".join(run).lower())
        elif run and (not run_opens or (len(run[0]) > 1 and run[0].isupper())):
            capitals.append(run[0].lower())
        run.clear()

    before = ""
    for found in _TOKEN.finditer(folded.text):
        written = found.group()
        if written[0].isalnum():
            low = folded.low[found.start() : found.end()]
            if _is_unspaced(written):
                words.extend(_character_pairs(written))
                before = ""
            else:
                words.append(low)
                if before:
                    pairs.append(f"{before} {low}")
                before = low
            if written[0].isupper():
                if not run:
                    run_opens = opening
                run.append(written)
            else:
                end_run()
            opening = False
        else:
            end_run()
            before = before if written in _JOINING else ""
            opening = written in _SENTENCE_STARTS
    end_run()
    numbers = ["#" + _number(word) for word in words if word[0].isdigit()]
    return Tokens(
        words=words, capitals=capitals, full_names=full_names, numbers=numbers, days=[*_days(folded)], pairs=pairs
    )


def _number(written: str) -> str:
    """Return a number without separators of thousands, with a point before decimals."""
    parts = re.split(r"[.,]", written)
    if len(parts) > 1 and all(len(part) == 3 for part in parts[1:]):
        return "".join(parts)
    return ".".join(parts)


def _days(folded: Folded) -> Iterator[str]:
    if not any(map(str.isdigit, folded.low)):
        return
    found = list(_NUMBERED_DAY.finditer(folded.low))
    if not folded.accented:
        found += _ENGLISH_DAY.finditer(folded.low)
    for each in found:
        parts = [part for part in each.groups() if part]
        month_first = parts[0] in _MONTHS or "月" in each.group()
        day, month = parts[::-1] if month_first else parts
        numbered = _MONTHS.get(month) or int(month)
        if 1 <= numbered <= 12 and 1 <= int(day) <= 31:
            yield f"#{numbered:02}{int(day):02}"


def _is_unspaced(token: str) -> bool:
    """Tell whether a run of letters is of a script whose words no blank parts, or that glues endings to them."""
    return "\u0e00" <= token[0] < "\u1e00" or token[0] >= "\u3040"


def _character_pairs(token: str) -> Iterator[str]:
    return (one + two for one, two in pairwise(token)) if len(token) > 1 else iter((token,))


def _is_latin(title: str) -> bool:
    """Tell whether most letters are Latin ones."""
    letters = [char for char in title if char.isalpha()]
    return 2 * sum(char < "\u0370" or "\u1e00" <= char < "\u1f00" for char in letters) >= len(letters)
