"""What the memory says of texts that are like labelled ones, and of those that are not."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

from classifiers.annotator import COMPONENTS, Annotator
from classifiers.linear import TASKS, load_models, save_models
from classifiers.memory import BLOCK, MEMORY, OTHER_UNIT, PRIOR, SHARPNESS, UNKNOWN, Cases, Memory, save_cases
from classifiers.model_files import write_files
from classifiers.nlp import build_pipeline
from classifiers.training.added import Added
from classifiers.training.examples import Example, mark_where_named
from classifiers.training.linear import Features
from classifiers.training.memory import Told, learn_cases, recall_held_out, told_by
from config.errors import ModelError
from pipeline.records import Item
from tests.classifiers.test_linear import trained

DAY = date(2026, 3, 1)
CLASSES = {task: load_models().tasks[task].classes for task in TASKS}
NEGATIVE, NEUTRAL, POSITIVE = range(3)
TEXTS = ("a b c d", "a b x y", "p q r s")
VECTORIZER = TfidfVectorizer(analyzer=str.split, binary=True).fit(TEXTS)
IDF = VECTORIZER.idf_.astype(np.float32)


def cases(**changes: object) -> Cases:
    """Return three texts: praise and then blame of Cao Bằng, and a text that nobody judged the tone of."""
    matrix = VECTORIZER.transform(TEXTS).tocsc()
    made = Cases(
        terms=np.arange(matrix.shape[1], dtype=np.int32),
        counts=np.diff(matrix.indptr).astype(np.uint16),
        texts=matrix.indices.astype(np.uint16),
        text=np.arange(3, dtype=np.uint16),
        unit=np.array(["cao-bang", "cao-bang", "lang-son"]),
        day=np.full(3, DAY.toordinal(), np.int32),
        weight=np.array([1, 1, 0.5], np.float16),
        labels={
            "relevance": np.array([0, 1, 1], np.uint8),
            "tone": np.array([POSITIVE, NEGATIVE, UNKNOWN], np.uint8),
            "topics": np.arange(3, dtype=np.uint8),
            "bad_event": np.array([0, 1, 0], np.uint8),
        },
        classes=CLASSES,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def terms(text: str) -> np.ndarray:
    return np.array([VECTORIZER.vocabulary_[word] for word in text.split() if word in VECTORIZER.vocabulary_], np.intp)


def test_a_case_says_as_much_as_its_text_is_like() -> None:
    similarity = cosine_similarity(VECTORIZER.transform(["a c d"]), VECTORIZER.transform(TEXTS))[0]
    said = Memory(cases(), IDF).alike(terms("a c d"), None)
    assert said == pytest.approx(similarity**SHARPNESS * [1, 1, 0.5], abs=1e-4)


def test_it_answers_with_the_labels_of_like_texts_beside_the_usual_frequencies() -> None:
    memory = Memory(cases(), IDF)
    alike = memory.alike(terms("a c d"), None)
    usual = np.array([2.5, 2]) / 4.5
    share = (np.array([alike[0] + alike[2], alike[1]]) + PRIOR * usual) / (alike.sum() + PRIOR)
    assert memory.recall(alike)["bad_event"] == pytest.approx(np.log(share / usual), abs=1e-4)
    tone = memory.recall(alike, "cao-bang")["tone"]
    assert tone.argmax() == POSITIVE
    assert tone[NEGATIVE] < 0 < tone[POSITIVE]


def test_it_has_nothing_to_say_where_nothing_is_alike() -> None:
    memory = Memory(cases(), IDF)
    for found in (memory.alike(np.array([], np.intp), DAY), memory.alike(terms("z"), DAY)):
        assert not found.any()
        for said in (memory.recall(found) | memory.recall(found, "cao-bang")).values():
            assert said == pytest.approx(np.zeros(len(said)), abs=1e-6)


def test_a_unit_is_judged_by_its_own_labels_first() -> None:
    memory = Memory(cases(), IDF)
    alike = memory.alike(terms("a b"), None)
    assert set(memory.recall(alike)) == {"topics", "bad_event"}
    assert set(memory.recall(alike, "hue")) == {"relevance", "tone"}
    own, other = (memory.recall(alike, unit)["relevance"] for unit in ("cao-bang", "hue"))
    assert np.abs(own).max() > np.abs(other).max() > 0
    assert 0 < OTHER_UNIT < 1


def test_what_was_published_near_counts_more() -> None:
    days = np.array([DAY.toordinal(), DAY.toordinal() - 90, 0], np.int32)
    memory = Memory(cases(day=days), IDF)
    near, far = memory.alike(terms("a b"), DAY)[:2] / memory.alike(terms("a b"), None)[:2]
    assert near > 5
    assert far == pytest.approx(1, abs=1e-3)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    trained_like_the_committed_ones(tmp_path)
    save_cases(tmp_path, cases())
    read, made = Memory.load(tmp_path), Memory(cases(), IDF)
    said = read.alike(terms("a c d"), DAY)
    assert said == pytest.approx(made.alike(terms("a c d"), DAY), rel=1e-2)
    for unit in (None, "cao-bang"):
        for task, found in read.recall(said, unit).items():
            assert found == pytest.approx(made.recall(said, unit)[task], abs=1e-4)


def test_a_file_of_other_models_or_none_is_named(tmp_path: Path) -> None:
    trained(tmp_path)
    with pytest.raises(ModelError, match=MEMORY):
        Memory.load(tmp_path)
    save_cases(tmp_path, cases())
    with pytest.raises(ModelError, match=MEMORY):
        Memory.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    trained_like_the_committed_ones(tmp_path)
    write_files(tmp_path, {MEMORY: content})
    with pytest.raises(ModelError, match=MEMORY):
        Memory.load(tmp_path)


def test_arrays_that_do_not_fit_together_are_an_error() -> None:
    for name in ("day", "texts"):
        with pytest.raises(ValueError, match="fit together"):
            cases(**{name: getattr(cases(), name)[:-1]})


def trained_like_the_committed_ones(folder: Path) -> None:
    models = load_models()
    names = [str(name) for name in VECTORIZER.get_feature_names_out()]
    empty = {task: replace(model, weights={}) for task, model in models.tasks.items()}
    save_models(folder, {BLOCK: names}, {BLOCK: IDF}, empty)


def example(title: str, tone: str) -> Example:
    return Example(
        marked=added(title, tone).marked,
        group=title,
        published_on=DAY,
        relevance="about",
        tone=tone,
        bad_event="False",
        topic="society",
        further_topics=(),
        uncertain=False,
        alike=True,
        natural=True,
        guided=False,
    )


def added(title: str, *tones: str) -> Added:
    marked = mark_where_named(Item(id="1", title="Cao Bằng", summary=title), "cao-bang")
    assert marked
    return Added(group=title, marked=marked, published_on=DAY, told={"tone": tones})


def some_examples() -> list[Example]:
    """Return texts of common words and of ones that three share, which tell one tone."""
    tones = ("negative", "neutral", "positive")
    words = "tỉnh họp bàn {day} việc{story} cầu{story} đường{story} số{n}"
    return [example(words.format(day=n % 7, story=n // 3, n=n), tones[n // 3 % len(tones)]) for n in range(399)]


def test_common_words_are_not_kept_and_no_two_pairs_overlap() -> None:
    examples = some_examples()
    features = Features.fit(examples)
    learnt = learn_cases(told_by(examples, []), features, CLASSES)
    names = [str(features.vectorizers[BLOCK].get_feature_names_out()[at]) for at in learnt.terms]
    assert not {"tỉnh", "họp", "tỉnh họp"} & set(names)
    pairs = [name.split(" ") for name in names if " " in name]
    assert len(pairs) > 5
    assert not {first for first, _ in pairs} & {second for _, second in pairs}
    assert (len(learnt.text), learnt.text.max()) == (399, 398)


def test_a_held_out_text_is_judged_by_others_only() -> None:
    examples = some_examples()
    features = Features.fit(examples)
    told = told_by(examples, [])
    learnt = learn_cases(told, features, CLASSES)
    every, older = recall_held_out(learnt, told, features, examples)["tone"]
    held = [each for each in examples if each.held_by is not None]
    classes = list(CLASSES["tone"])
    truth = [classes.index(each.tone) for each in held]
    assert every.shape == older.shape == (len(held), 3)
    assert np.mean(every.argmax(axis=1) == truth) > 0.9, "two others tell the same"
    assert older == pytest.approx(np.zeros_like(older), abs=1e-6), "all are of one day"
    own = next(each for each in told if each.group == held[0].group)
    wrong = next(tone for tone in classes if tone != held[0].tone)
    lies = [
        replace(own, labels={"tone": wrong}),
        replace(own, labels={"tone": wrong}, marked=replace(own.marked, unit="lang-son")),
        replace(own, labels={"tone": wrong}, group="Another title of the same lead"),
    ]
    lied = [each for each in told if each is not own] + lies
    again, _ = recall_held_out(learn_cases(lied, features, CLASSES), lied, features, examples)["tone"]
    assert again[0] == pytest.approx(every[0], abs=0.05), "what was said of its own text does not count"


def test_readings_that_differ_count_half_and_unsure_labels_less() -> None:
    unsure = replace(example("Một", "neutral"), uncertain=True)
    told = told_by([example("Hai", "positive"), unsure], [added("Ba", "positive", "neutral")])
    assert [(each.labels.get("tone"), each.weight) for each in told] == [
        ("positive", 1.0),
        ("neutral", 0.6),
        ("positive", 0.5),
        ("neutral", 0.5),
    ]
    assert isinstance(told[0], Told)
    assert set(told[0].labels) == set(TASKS)
    assert set(told[2].labels) == {"tone"}


class Blaming(Memory):
    """A memory in which every text was blame, and that keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(cases(), IDF)
        self.asked: list[date | None] = []

    def alike(self, terms: np.ndarray, published_on: date | None) -> np.ndarray:
        assert len(terms)
        self.asked.append(published_on)
        return np.ones(3, np.float32)

    def recall(self, alike: np.ndarray, unit: str | None = None) -> dict[str, np.ndarray]:
        said = super().recall(alike, unit)
        return said | ({"tone": np.array([30, 0, 0], np.float32)} if unit else {})


def test_the_annotator_asks_it_where_the_linear_models_are_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, blaming = Annotator.load(), Blaming()
    monkeypatch.setattr(Memory, "load", lambda: blaming)
    asking = Annotator({name: build_pipeline(name, COMPONENTS) for name in ("vi", "en", "xx")})

    def tone(reader: Annotator, title: str) -> str | None:
        item = Item(id="1", title=title, published_at=datetime(2026, 3, 1, 20, tzinfo=UTC))
        return reader.annotate(item).assessments[0].tone

    doubtful, english = "Cao Bằng đề nghị hỗ trợ sửa đường bị sạt lở", "Cao Bang in Vietnam plans a new bridge"
    assert (tone(plain, doubtful), tone(asking, doubtful)) == ("neutral", "negative")
    assert blaming.asked == [date(2026, 3, 2)], "the local day"
    assert tone(asking, english) != "negative"
    assert len(blaming.asked) == 1, "it holds Vietnamese texts only"
