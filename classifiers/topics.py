"""What a document is about: topics by the models, subtopics by the phrases of ``config/topics.json``."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from classifiers.folding import lower
from classifiers.linear import Floats
from classifiers.model_files import MODELS
from classifiers.vote import TaskVote, load_votes
from config.errors import ModelError
from config.files import data_path
from config.messages import Lang
from pipeline.records import TopicScore

TASK: Final = "topics"
OTHER: Final = "other"
LEAST_SCORE: Final = 0.2
"""A further topic is given out from this probability on; the first one always."""
SUBTOPIC_SHARE: Final = 0.9
"""A subtopic's score is its topic's times this, less for fewer phrases."""
WEAK_NEEDED: Final = 2
"""So many weak phrases of one subtopic make it fire together."""
UNREAD_SCORE: Final = 0.1
"""Of every topic of a document that no model has read."""

_TOKEN: Final = re.compile(r"\w+|[.!?…;:](?=\s)|\n")
_STOPS: Final = frozenset(".!?…;:\n")
_STOP: Final = "|"
"""Stands where a sentence ends; no phrase holds it, so none is found across sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A topic or subtopic of the taxonomy."""

    id: str
    """``security`` or ``security.public_order``."""
    labels: Mapping[Lang, str]
    sensitive: bool = False
    phrases: tuple[str, ...] = ()
    """Lower case, words joined by one space, a space at both ends; each is enough to fire."""
    weak_phrases: tuple[str, ...] = ()
    """Written alike; too common to fire alone, but two of them do."""
    exceptions: tuple[str, ...] = ()
    """Written alike; what they cover is not read: ``ủy ban khiếu nại`` of a federation is no complaint."""
    children: tuple["Topic", ...] = ()


@lru_cache
def topics() -> dict[str, Topic]:
    """Return the 13 topics and ``other``, by id, in the taxonomy's order."""
    path = data_path("topics.json")
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {row["id"]: _topic(row) for row in rows}
    except (ValueError, KeyError, TypeError) as exc:
        raise ModelError("models.damaged", path=path, detail=exc) from exc


@lru_cache
def sensitive_topics() -> frozenset[str]:
    """Return the ids of the subtopics that deserve a look before all others."""
    return frozenset(child.id for topic in topics().values() for child in topic.children if child.sensitive)


def sensitive(topic_id: str) -> bool:
    """Tell whether a topic or subtopic is a sensitive one."""
    return topic_id in sensitive_topics()


def topic_ids() -> tuple[str, ...]:
    """Return the ids of all topics and subtopics."""
    return tuple(_by_id())


def topic_label(topic_id: str, lang: Lang = "vi") -> str:
    """Return the name people read. KeyError when there is no such topic."""
    return _by_id()[topic_id].labels[lang]


@lru_cache
def _by_id() -> dict[str, Topic]:
    return {each.id: each for topic in topics().values() for each in (topic, *topic.children)}


class TopicModel:
    """Ranks the topics of a document by what the models say of it."""

    def __init__(self, vote: TaskVote) -> None:
        self._vote = vote

    @classmethod
    def load(cls, folder: Path = MODELS) -> "TopicModel":
        """Read the committed weights. Raises ModelError naming the file that is missing or damaged."""
        return cls(load_votes(folder).tasks[TASK])

    def probabilities(
        self, linear: Floats | None, encoded: Floats | None, recalled: Floats | None = None
    ) -> Floats | None:
        """Return the probability of each topic, in the order of the vote's classes.

        Probabilities of the linear model, scores of the encoder and what the memory recalls are None where they have
        not read; None when neither of the first two has.
        """
        return None if linear is None and encoded is None else self._vote.probabilities(encoded, linear, recalled)

    def rank(self, probabilities: Floats | None, text: str) -> tuple[TopicScore, ...]:
        """Return topics and their subtopics, best first; ``text`` is title and lead, for the phrases.

        Where no model has read, the phrases alone speak.
        """
        if probabilities is None:
            return topics_by_phrases(text)
        first = self._vote.choose(probabilities)
        scores = {
            name: float(score)
            for at, (name, score) in enumerate(zip(self._vote.classes, probabilities, strict=True))
            if at == first or (score >= LEAST_SCORE and name != OTHER)
        }
        head = self._vote.classes[first]
        found = [TopicScore(id=name, score=score) for name, score in scores.items() if name != head]
        found += [child for name, score in scores.items() for child in subtopics(name, score, text)]
        return (TopicScore(id=head, score=scores[head]), *sorted(found, key=lambda topic: -topic.score))


def topics_by_phrases(text: str) -> tuple[TopicScore, ...]:
    """Return the topics whose phrases stand in a text the model cannot read, or ``other``; scores are low."""
    found = {name: list(subtopics(name, UNREAD_SCORE, text)) for name in topics()}
    ranked = sorted((name for name in found if found[name]), key=lambda name: -len(found[name]))
    if not ranked:
        return (TopicScore(id=OTHER, score=UNREAD_SCORE),)
    return tuple(each for name in ranked for each in (TopicScore(id=name, score=UNREAD_SCORE), *found[name]))


def subtopics(topic_id: str, score: float, text: str) -> Iterator[TopicScore]:
    """Yield the subtopics of one topic that have a phrase in the text; more phrases, nearer to the topic's score."""
    words = _spaced(text)
    for child in topics()[topic_id].children:
        hits = len(phrases_found(child, words))
        if hits:
            yield TopicScore(id=child.id, score=score * SUBTOPIC_SHARE * hits / (hits + 1))


def phrases_found(subtopic: Topic, words: str) -> tuple[str, ...]:
    """Return the phrases that make a subtopic fire in a text as `_spaced` returns it; empty when it does not.

    A phrase inside a longer one that was found counts with it, not beside it.
    """
    for phrase in subtopic.exceptions:
        words = words.replace(phrase, f" {_STOP} ")
    found = [phrase for phrase in dict.fromkeys((*subtopic.phrases, *subtopic.weak_phrases)) if phrase in words]
    longest = tuple(one for one in found if not any(one != other and one in other for other in found))
    fires = len(longest) >= WEAK_NEEDED or any(phrase in subtopic.phrases for phrase in found)
    return longest if fires else ()


def _topic(row: Mapping[str, Any]) -> Topic:
    weak = set(row.get("weak_phrases_vi", ()))
    return Topic(
        id=row["id"],
        labels={"vi": row["label_vi"], "en": row["label_en"]},
        sensitive=bool(row.get("sensitive", False)),
        phrases=tuple(_spaced(phrase) for phrase in row.get("phrases_vi", ()) if phrase not in weak),
        weak_phrases=tuple(map(_spaced, row.get("weak_phrases_vi", ()))),
        exceptions=tuple(map(_spaced, row.get("except_phrases_vi", ()))),
        children=tuple(_topic(child) for child in row.get("children", ())),
    )


def _spaced(text: str) -> str:
    tokens = _TOKEN.findall(lower(unicodedata.normalize("NFC", text)))
    return f" {' '.join(_STOP if token in _STOPS else token for token in tokens)} "
