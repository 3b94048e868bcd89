"""When the encoder is asked."""

from collections.abc import Mapping

import numpy as np
import pytest

from classifiers.annotator import Annotator
from classifiers.doubt import SURE_RELEVANCE, SURE_TONE, in_doubt
from classifiers.features import mark
from classifiers.linear import Floats, load_models
from classifiers.nlp import Draft, Judgement, split_sentences
from classifiers.places import find_mentions, read_places
from pipeline.records import Item

SURE_UNIT: dict[str, tuple[float, ...]] = {"relevance": (0.95, 0.04, 0.01), "tone": (0.02, 0.95, 0.03)}
SURE_DOCUMENT: dict[str, tuple[float, ...]] = {"bad_event": (0.99, 0.01), "topics": (0.9, 0.1)}


def arrays(given: Mapping[str, tuple[float, ...]]) -> dict[str, Floats]:
    return {task: np.asarray(each, np.float32) for task, each in given.items()}


def draft(
    unit: dict[str, tuple[float, ...]], document: dict[str, tuple[float, ...]] = SURE_DOCUMENT, text: str = ""
) -> Draft:
    """Return an item that names two provinces, of which the linear models say this."""
    item = Item(id="1", title="Cao Bằng và Quảng Ninh mở tuyến xe", summary="Xe chạy mỗi ngày.", text=text)
    made = Draft(item=item, language="vi", units=None, linear=arrays(document))
    readings = read_places(item, "vi")
    body = [(each.start, each.end) for each in split_sentences(item, "vi") if each.field == "text"]
    for name in ("cao-bang", "quang-ninh"):
        own = tuple(reading for reading in readings if reading.mention.unit == name)
        marked = mark(item, name, [reading.mention for reading in own], (), body)
        made.judgements[name] = Judgement(readings=own, marked=marked, linear=arrays(unit))
    return made


def asked(made: Draft) -> list[str]:
    doubtful = in_doubt(made)
    return [name for name, judgement in made.judgements.items() if any(judgement is each for each in doubtful)]


def test_where_the_linear_models_are_sure_it_is_not_asked() -> None:
    assert asked(draft(SURE_UNIT)) == []
    assert asked(draft(SURE_UNIT | {"relevance": (0.05, 0.94, 0.01), "tone": (0.4, 0.3, 0.3)})) == [], (
        "a unit that is only mentioned needs no tone"
    )


@pytest.mark.parametrize(
    "unit",
    [
        SURE_UNIT | {"relevance": (0.6, 0.39, 0.01)},
        SURE_UNIT | {"relevance": (0.1, 0.1, 0.8)},
        SURE_UNIT | {"tone": (0.5, 0.4, 0.1)},
        pytest.param(SURE_UNIT | {"tone": (0.98, 0.01, 0.01)}, id="blame is never sure by one model"),
        {},
    ],
)
def test_it_is_asked_about_each_unit_that_is_in_doubt(unit: dict[str, tuple[float, ...]]) -> None:
    assert asked(draft(unit)) == ["cao-bang", "quang-ninh"]


@pytest.mark.parametrize("document", [{"bad_event": (0.6, 0.4)}, {"topics": (0.5, 0.5)}])
def test_a_document_in_doubt_is_read_once(document: dict[str, tuple[float, ...]]) -> None:
    assert asked(draft(SURE_UNIT, SURE_DOCUMENT | document)) == ["cao-bang"]


def test_that_a_full_text_only_mentions_a_unit_is_never_sure() -> None:
    text = "Tuyến xe nối Cao Bằng với Quảng Ninh."
    assert asked(draft(SURE_UNIT | {"relevance": (0.05, 0.94, 0.01)}, text=text)) == ["cao-bang", "quang-ninh"]
    assert asked(draft(SURE_UNIT | {"tone": (0.06, 0.88, 0.06)}, text=text)) == [], "of a tone they can be"


def test_what_is_sure_is_told_as_the_linear_models_tell_it() -> None:
    item = Item(
        id="1",
        title="Cao Bằng công bố điểm chuẩn lớp 10",
        summary="Sở Giáo dục Cao Bằng công bố điểm chuẩn vào lớp 10 các trường.",
    )
    annotated = Annotator.load().annotate(item)
    mentions = find_mentions(item, "vi")
    models = load_models()
    unit = models.read_unit(mark(item, "cao-bang", mentions, ()), models.read_document(item.title, item.summary))
    about, mention, _ = models.tasks["relevance"].probabilities(unit)
    tones = models.tasks["tone"].probabilities(unit)
    assert about >= SURE_RELEVANCE
    assert tones.max() >= SURE_TONE
    (own,) = annotated.assessments
    assert own.score == pytest.approx(about / (about + mention))
    assert own.tone_score == pytest.approx(tones.max())
