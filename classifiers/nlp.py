"""spaCy pipelines for Vietnamese (words and sentences by underthesea), English and every other language (``xx``).

A pipeline is a tokenizer and a list of components added by name; `classifiers.annotator` holds the one list. What the
components find out about an item travels with the document as a `Draft`, so that each step can be read by the next.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import spacy
from spacy.attrs import LOWER
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab
from underthesea import sent_tokenize, word_tokenize

from classifiers.features import MarkedText
from classifiers.linear import Floats, Vectors
from classifiers.places import Reading
from classifiers.surroundings import FIELDS, Field
from pipeline.records import Item, PlaceMention, Relevance, Tone, TopicScore

PIPELINES: Final[Mapping[str, str]] = {"vi": "vi", "en": "en"}
"""Language of a text to spaCy pipeline; all others are read by ``xx``."""
MULTILINGUAL: Final = "xx"
_PLAIN_TOKENIZER: Final = {"nlp": {"tokenizer": {"@tokenizers": "spacy.Tokenizer.v1"}}}
"""Instead of spaCy's own for Vietnamese, which asks for another segmenter; replaced at once."""

Component = Callable[[Doc], Doc]

WORDS_CHARS: Final = 100_000
"""So much of an item is cut into words; ten times the longest article. Places and sentences are read in all of it."""

_SPACES: Final = re.compile(r"\s+")
_SENTENCE_END: Final = re.compile(r"(?<=[。！？!?។])\s*|(?<=[.!?…])[\"”’»)]*\s+|\n+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an item; ``text`` is verbatim."""

    field: Field
    start: int
    end: int
    text: str


@dataclass(slots=True, kw_only=True)
class Judgement:
    """What is known so far about one unit in one item."""

    readings: tuple[Reading, ...]
    """Of this unit, homonyms included."""
    marked: MarkedText | None = None
    """The item with this unit's names marked."""
    linear: Mapping[str, Floats] = field(default_factory=dict)
    """Task to the probabilities of its linear model; empty where these cannot read."""
    encoded: Mapping[str, Floats] = field(default_factory=dict)
    """Task to the encoder's scores, shape (windows, classes); empty where it has not read."""
    recalled: Mapping[str, Floats] = field(default_factory=dict)
    """Task to what the memory says; empty where it was not asked."""
    relevance: Relevance | None = None
    """None: the name is not the place."""
    score: float = 0.0
    tone: Tone | None = None
    tone_score: float | None = None
    evidence: tuple[str, ...] = ()

    @property
    def kept(self) -> tuple[Reading, ...]:
        """The readings of the names that are, or may be, the place."""
        return tuple(reading for reading in self.readings if reading.verdict != "homonym")

    @property
    def mentions(self) -> tuple[PlaceMention, ...]:
        """The names that are, or may be, the place."""
        return tuple(reading.mention for reading in self.kept)

    @property
    def is_place(self) -> bool:
        """True when the rules are sure of one name at least."""
        return any(reading.verdict == "place" for reading in self.readings)


@dataclass(slots=True, kw_only=True)
class Draft:
    """An item on its way through a pipeline; each component fills its part."""

    item: Item
    language: str
    units: frozenset[str] | None
    """Units to judge; None for all."""
    sentences: tuple[Sentence, ...] = ()
    document: Vectors = field(default_factory=dict)
    """What the linear models read of the whole document; empty where they cannot."""
    linear: Mapping[str, Floats] = field(default_factory=dict)
    """Of the whole document, as in `Judgement`."""
    encoded: Mapping[str, Floats] = field(default_factory=dict)
    """Task to the encoder's scores of the whole document, one a class: the mean over its units."""
    recalled: Mapping[str, Floats] = field(default_factory=dict)
    """Of the whole document, as in `Judgement`."""
    judgements: dict[str, Judgement] = field(default_factory=dict)
    """By unit, in order of appearance."""
    topics: tuple[TopicScore, ...] = ()
    bad_event_score: float = 0.0
    compounds: tuple[str, ...] = ()


def build_pipeline(name: str, components: Mapping[str, Callable[[], Component]]) -> Language:
    """Return the pipeline ``vi``, ``en`` or ``xx`` with its components in order.

    ``components`` maps a component's name to what makes it; it is registered with spaCy under that name.
    """
    vocab = Vocab(
        lex_attr_getters={LOWER: str.lower}
    )  # nobody asks for others, and they take longer than all else here
    if name == "vi":
        nlp = spacy.blank(name, vocab=vocab, config=_PLAIN_TOKENIZER)
        nlp.tokenizer = UndertheseaTokenizer(nlp.vocab)
    else:
        nlp = spacy.blank(name, vocab=vocab)
    for each, make in components.items():
        _register(each, make)
        nlp.add_pipe(each)
    return nlp


def read_item(nlp: Language, draft: Draft) -> Draft:
    """Send an item through a pipeline and return its draft, filled."""
    with nlp.memory_zone():  # else the vocabulary keeps every word ever seen
        doc = nlp.make_doc("\n".join(text for _, text in fields_of(draft.item))[:WORDS_CHARS])
        doc.user_data["draft"] = draft
        draft.compounds = _compounds(doc)
        nlp(doc)
    return draft


def draft_of(doc: Doc) -> Draft:
    """Return the draft that travels with a document."""
    return cast(Draft, doc.user_data["draft"])


def _compounds(doc: Doc) -> tuple[str, ...]:
    """Return the words of several syllables; only the Vietnamese tokenizer leaves a blank inside a token."""
    return tuple(sorted({token.lower_ for token in doc if " " in token.text.strip() and "\n" not in token.text}))


def fields_of(item: Item) -> Iterator[tuple[Field, str]]:
    """Yield the fields of an item that hold text."""
    for name in FIELDS:
        text = getattr(item, name)
        if text:
            yield name, text


def split_sentences(item: Item, language: str) -> tuple[Sentence, ...]:
    """Return the sentences of title, summary and text with their offsets."""
    return tuple(
        Sentence(name, start, end, text[start:end])
        for name, text in fields_of(item)
        for start, end in _spans(text, _split(name, text, language))
    )


def _split(name: Field, text: str, language: str) -> Sequence[str]:
    if name == "title":
        return (text,)
    return cast(Sequence[str], sent_tokenize(text) if language == "vi" else _SENTENCE_END.split(text))


def _spans(text: str, pieces: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield the offsets of pieces that follow one another in a text; a piece that was altered is skipped."""
    at = 0
    for piece in pieces:
        bare = piece.strip()
        start = text.find(bare, at) if bare else -1
        if start >= 0:
            at = start + len(bare)
            yield start, at


def _register(name: str, make: Callable[[], Component]) -> None:
    if not Language.has_factory(name):
        Language.factory(name, func=lambda nlp, name: make())  # noqa: ARG005 -- spaCy names the arguments


class UndertheseaTokenizer:
    """Words of Vietnamese by underthesea; ``Nguyễn Văn A`` and ``thành phố`` are one token each."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        """Return a document whose text is ``text``, character for character."""
        words: list[str] = []
        spaces: list[bool] = []
        at = 0
        for start, end in _spans(text, word_tokenize(text, use_token_normalize=False) if text.strip() else ()):
            self._fill(words, spaces, text[at:start])
            words.append(text[start:end])
            spaces.append(False)
            at = end
        self._fill(words, spaces, text[at:])
        return Doc(self.vocab, words=words, spaces=spaces)

    @staticmethod
    def _fill(words: list[str], spaces: list[bool], gap: str) -> None:
        """Keep what lies between two words: one space belongs to the word before it, all else is a token."""
        if gap.startswith(" ") and words and not _SPACES.fullmatch(words[-1]):
            spaces[-1] = True
            gap = gap[1:]
        if gap:
            words.append(gap)
            spaces.append(False)
