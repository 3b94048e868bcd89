"""Which units of a document the encoder is asked about: those that the linear models are in doubt about.

The encoder takes a hundred times as long as they do. Where they are sure it hardly ever says otherwise: the two
together decide one relevance in 1,600 otherwise and one first topic in 200 (of 1,500 headlines of the stream), and one
tone of the 450 that they are sure of among 890 labelled ones. That a full text only mentions a unit they cannot be sure
of: they read a few of its sentences as if they were a lead. And nobody is blamed on the word of one model.
"""

from classifiers.linear import Floats
from classifiers.nlp import Draft, Judgement

SURE_RELEVANCE = 0.85
"""Probability of ``about`` or of ``mention`` from which a linear model is believed, and so on."""
SURE_TONE = 0.85
SURE_BAD_EVENT = 0.9
SURE_TOPIC = 0.8
ABOUT, MENTION = 0, 1
"""Positions of two classes of relevance."""
NEGATIVE = 0
"""Position of a class of tone."""


def in_doubt(draft: Draft) -> list[Judgement]:
    """Return the judgements that the encoder should read for; one at least when the document as a whole is in doubt."""
    judged = [each for each in draft.judgements.values() if each.marked and each.mentions]
    doubtful = [each for each in judged if _is_doubtful(each)]
    return doubtful or (judged[:1] if _is_document_doubtful(draft) else [])


def _is_doubtful(judgement: Judgement) -> bool:
    if not (judgement.linear and judgement.marked):
        return True
    relevance, tone = judgement.linear["relevance"], judgement.linear["tone"]
    if not judgement.marked.has_text and relevance[MENTION] >= SURE_RELEVANCE:
        return False
    return not (relevance[ABOUT] >= SURE_RELEVANCE and _is_sure(tone, SURE_TONE) and tone.argmax() != NEGATIVE)


def _is_document_doubtful(draft: Draft) -> bool:
    if not draft.linear:
        return True
    return not (_is_sure(draft.linear["bad_event"], SURE_BAD_EVENT) and _is_sure(draft.linear["topics"], SURE_TOPIC))


def _is_sure(probabilities: Floats, least: float) -> bool:
    return bool(probabilities.max() >= least)
