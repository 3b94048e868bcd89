"""Everything the classifiers say about one item, put together in one place.

`COMPONENTS` is the whole of it, in order: sentences, places by rules, what the linear models say and, where they are in
doubt, the encoder and the memory, then for the document topics and bad event, and for each unit the relevance, and the
tone with its evidence. Rules decide where a name decides; the models where they leave it open, and between ``about``
and ``mention``. `classifiers.vote` weighs encoder, linear models and memory.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final, get_args

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc
from threadpoolctl import threadpool_limits

from classifiers.bad_event import BadEventModel
from classifiers.doubt import in_doubt
from classifiers.encoder import Encoder
from classifiers.features import MarkedText, mark, opening
from classifiers.folding import fold
from classifiers.language import detect_language
from classifiers.linear import DOCUMENT_TASKS, UNIT_TASKS, load_models
from classifiers.memory import BLOCK, Memory
from classifiers.model_files import STORY_FILES, models_digest
from classifiers.nlp import (
    MULTILINGUAL,
    PIPELINES,
    Component,
    Draft,
    Judgement,
    build_pipeline,
    draft_of,
    read_item,
    split_sentences,
)
from classifiers.places import Reading, read_places
from classifiers.relevance import RelevanceClass, RelevanceModel, tells_of_draw
from classifiers.tone import ToneModel
from classifiers.topics import TopicModel
from classifiers.windows import windows
from config.messages import message
from config.units import historic_units
from pipeline.records import Annotation, Assessment, Item, Relevance

RULES_VERSION: Final = "8"
"""Raised with every change of rules that can change an annotation."""
HOMONYM_SCORE: Final = 0.5
"""Probability of ``not_it`` from which a name that the rules leave open is none."""
ABOUT_SCORE: Final = 0.58
"""Probability of ``about`` against ``mention`` from which a headline is about a unit. Three of four units named are
what it is about; a little more than one half keeps the rarer mentions found."""
ABOUT_IN_FULL_TEXT: Final = 0.5
"""The same of a full text, whose regression was learnt on full texts."""
BAD_EVENT_SCORE: Final = 0.45
"""A bad event that is missed is dearer than one too many; from .4 to .6 as many are right."""
TRAINED_LANGUAGES: Final = frozenset({"vi"})
"""What the linear models can read."""


class Annotator:
    """Build it with ``Annotator.load()``; it holds no state between items."""

    def __init__(self, pipelines: Mapping[str, Language]) -> None:
        self.pipelines = pipelines

    @classmethod
    def load(cls) -> "Annotator":
        """Load tables and models. Raises ModelError naming the file that is missing or damaged.

        From then on numpy's products take one core in this process, as the encoder's do: they are small, and a second
        thread that waits for the next one on the same core halves the speed.
        """
        threadpool_limits(limits=1, user_api="blas")
        return cls({name: _pipeline(name) for name in (*PIPELINES.values(), MULTILINGUAL)})

    def annotate(self, item: Item, units: frozenset[str] | None = None) -> Annotation:
        """Return language, topics, bad event, and a judgement of each unit named (of ``units`` when given)."""
        language, _ = detect_language(f"{item.title}\n{item.summary or item.text}")
        nlp = self.pipelines[PIPELINES.get(language, MULTILINGUAL)]
        draft = read_item(nlp, Draft(item=item, language=language, units=units))
        return Annotation(
            language=draft.language,
            topics=draft.topics,
            bad_event=draft.bad_event_score >= BAD_EVENT_SCORE,
            bad_event_score=draft.bad_event_score,
            assessments=tuple(_assessments(draft)),
            compounds=draft.compounds,
        )


def annotator_version() -> str:
    """Return what tells this annotator's rules and weights from others'; after a change documents are judged anew.

    Raises ModelError when the weights are missing or damaged.
    """
    return f"{RULES_VERSION}+{models_digest(without=STORY_FILES)}"


@lru_cache
def _pipeline(name: str) -> Language:
    return build_pipeline(name, COMPONENTS)


def _assessments(draft: Draft) -> Iterator[Assessment]:
    for unit, judgement in draft.judgements.items():
        if judgement.relevance:
            yield Assessment(
                unit=unit,
                current=historic_units()[unit].current,
                relevance=judgement.relevance,
                score=judgement.score,
                tone=judgement.tone,
                tone_score=judgement.tone_score,
                evidence=judgement.evidence,
                matched=tuple(dict.fromkeys(mention.text for mention in judgement.mentions)),
                why=tuple(dict.fromkeys((*map(explain, judgement.kept), *where_named(judgement.marked)))),
            )


def explain(reading: Reading) -> str:
    """Return in words why a name was read as a place: what the rules say, or what they feared and the model denied."""
    rule = message(f"places.why_{reading.mention.why}", name=reading.mention.text)
    return message("places.model_decided", rule=rule) if reading.verdict == "open" else rule


def where_named(marked: MarkedText | None) -> Iterator[str]:
    """Yield in words what decides most between about and mention: where the names stand, and a rule."""
    if marked and marked.title.own:
        yield message("places.stands_in_title")
    elif marked and marked.lead.own:
        yield message("places.stands_in_lead")
    elif marked:
        yield message("places.stands_in_body", count=len(marked.body))
    if marked and tells_of_draw(marked):
        yield message("places.draw")


# ---- components -----------------------------------------------------------------------------------------------------


def _sentences() -> Component:
    def sentences(doc: Doc) -> Doc:
        draft = draft_of(doc)
        draft.sentences = split_sentences(draft.item, draft.language)
        return doc

    return sentences


def _places() -> Component:
    def places(doc: Doc) -> Doc:
        draft = draft_of(doc)
        readings = read_places(draft.item, draft.language)
        for unit in dict.fromkeys(reading.mention.unit for reading in readings):
            if draft.units is None or unit in draft.units:
                own = tuple(reading for reading in readings if reading.mention.unit == unit)
                draft.judgements[unit] = Judgement(readings=own)
        every = [reading.mention for reading in readings]
        body = [(sentence.start, sentence.end) for sentence in draft.sentences if sentence.field == "text"]
        for unit, judgement in draft.judgements.items():
            judgement.marked = mark(
                draft.item, unit, judgement.mentions, (each for each in every if each.unit != unit), body
            )
        return doc

    return places


def _linear() -> Component:
    models = load_models()

    def linear(doc: Doc) -> Doc:
        draft = draft_of(doc)
        if can_read(draft.item, draft.language):
            draft.document = models.read_document(draft.item.title, opening(draft.item))
            draft.linear = models.probabilities(DOCUMENT_TASKS, draft.document)
            for judgement in draft.judgements.values():
                if judgement.marked and judgement.mentions:
                    unit = models.read_unit(judgement.marked, draft.document)
                    judgement.linear = models.probabilities(UNIT_TASKS, unit)
        return doc

    return linear


def can_read(item: Item, language: str) -> bool:
    """Return whether the linear models can read an item: Vietnamese, and not without its accents."""
    return language in TRAINED_LANGUAGES and fold(f"{item.title}\n{item.summary}\n{item.text}").accented


def _encoder() -> Component:
    encoder = Encoder.load()

    def encode(doc: Doc) -> Doc:
        draft = draft_of(doc)
        judged = in_doubt(draft)
        read = [windows(each.marked) for each in judged if each.marked]
        if not read:
            return doc
        scores = encoder.read([window for some in read for window in some])
        ends = np.cumsum([len(some) for some in read])[:-1]
        parts = {task: np.split(rows, ends) for task, rows in scores.items()}
        for at, judgement in enumerate(judged):
            judgement.encoded = {task: rows[at] for task, rows in parts.items()}
        draft.encoded = {task: np.mean([each[0] for each in rows], axis=0) for task, rows in parts.items()}
        return doc

    return encode


def _memory() -> Component:
    memory = Memory.load()

    def recall(doc: Doc) -> Doc:
        draft = draft_of(doc)
        if draft.document and draft.encoded:
            alike = memory.alike(draft.document[BLOCK].terms, draft.item.published_on)
            draft.recalled = memory.recall(alike)
            for unit, judgement in draft.judgements.items():
                if judgement.encoded:
                    judgement.recalled = memory.recall(alike, unit)
        return doc

    return recall


def _topics() -> Component:
    model = TopicModel.load()

    def topics(doc: Doc) -> Doc:
        draft = draft_of(doc)
        text = f"{draft.item.title}\n{opening(draft.item)}"
        probabilities = model.probabilities(
            draft.linear.get("topics"), draft.encoded.get("topics"), draft.recalled.get("topics")
        )
        draft.topics = model.rank(probabilities, text)
        return doc

    return topics


def _bad_event() -> Component:
    model = BadEventModel.load()

    def bad_event(doc: Doc) -> Doc:
        draft = draft_of(doc)
        draft.bad_event_score = model.predict(
            draft.linear.get("bad_event"), draft.encoded.get("bad_event"), draft.recalled.get("bad_event")
        )
        return doc

    return bad_event


def _relevance() -> Component:
    model = RelevanceModel.load()

    def relevance(doc: Doc) -> Doc:
        for judgement in draft_of(doc).judgements.values():
            if not judgement.marked or not judgement.mentions:
                continue
            probabilities = model.predict(
                judgement.marked,
                judgement.linear.get("relevance"),
                judgement.encoded.get("relevance"),
                judgement.recalled.get("relevance"),
            )
            least = ABOUT_IN_FULL_TEXT if judgement.marked.has_text else ABOUT_SCORE
            judgement.relevance, judgement.score = decide_relevance(
                probabilities, sure=judgement.is_place, least_about=least
            )
        return doc

    return relevance


def decide_relevance(
    probabilities: Mapping[RelevanceClass, float], *, sure: bool, least_about: float = ABOUT_SCORE
) -> tuple[Relevance | None, float]:
    """Return the relevance and its probability; None is a homonym, which ``sure`` rules out."""
    about, mention, not_it = (probabilities[name] for name in get_args(RelevanceClass))
    if not sure and not_it >= HOMONYM_SCORE:
        return None, not_it
    share = about / ((about + mention) or 1.0)
    return ("about", share) if share >= least_about else ("mention", 1 - share)


def _tone() -> Component:
    model = ToneModel.load()

    def tone(doc: Doc) -> Doc:
        draft = draft_of(doc)
        for judgement in draft.judgements.values():
            if judgement.marked and judgement.relevance == "about":
                found = model.predict(
                    judgement.marked,
                    judgement.linear.get("tone"),
                    judgement.encoded.get("tone"),
                    judgement.recalled.get("tone"),
                )
                judgement.tone, judgement.tone_score, judgement.evidence = found.tone, found.score, found.evidence
        return doc

    return tone


COMPONENTS: Final[Mapping[str, Callable[[], Component]]] = {
    "diembao_sentences": _sentences,
    "diembao_places": _places,
    "diembao_linear": _linear,
    "diembao_encoder": _encoder,
    "diembao_memory": _memory,
    "diembao_topics": _topics,
    "diembao_bad_event": _bad_event,
    "diembao_relevance": _relevance,
    "diembao_tone": _tone,
}
"""Name of each component to what makes it, in the order they run."""
