"""The committed network: what it needs to be given, and what it says of plain headlines."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from classifiers.encoder import EXACT_SUMS, MOST_TOKENS, NETWORK, PIECES, SLOWER, TASKS, Encoder, adds_exactly
from classifiers.features import Passage
from classifiers.model_files import MANIFEST, MODELS, checked_file, write_files
from classifiers.vote import load_votes
from classifiers.windows import Window, window
from config.errors import ModelError


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load()


def marked(text: str, name: str) -> Window:
    at = text.index(name)
    return window(Passage(text=text, own=((at, at + len(name)),)))


def tone(encoder: Encoder, text: str, name: str) -> str:
    vote = load_votes().tasks["tone"]
    scores = encoder.read([marked(text, name)])["tone"][0]
    return vote.classes[vote.choose(vote.probabilities(scores, None))]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Cao Bằng bị phê bình vì để dự án thủy điện chậm tiến độ, dân bức xúc", "Cao Bằng", "negative"),
        ("Cao Bằng được UNESCO vinh danh, du khách khen cảnh đẹp và người dân mến khách", "Cao Bằng", "positive"),
        ("Cao Bằng công bố lịch họp hội đồng nhân dân tháng 3", "Cao Bằng", "neutral"),
        ("Residents accuse Da Nang officials of covering up corruption and pollution", "Da Nang", "negative"),
        ("Travellers praise Da Nang as one of the best and friendliest cities in Asia", "Da Nang", "positive"),
    ],
)
def test_tone_in_two_languages(encoder: Encoder, text: str, name: str, expected: str) -> None:
    assert tone(encoder, text, name) == expected


def test_two_units_of_one_sentence_are_judged_apart(encoder: Encoder) -> None:
    text = "Hà Giang được khen cải cách giỏi, Cao Bằng bị phê bình vì trì trệ, yếu kém"
    praised, blamed = (encoder.read([marked(text, name)])["tone"][0] for name in ("Hà Giang", "Cao Bằng"))
    classes = load_votes().tasks["tone"].classes
    lead = classes.index("positive"), classes.index("negative")
    assert praised[lead[0]] - praised[lead[1]] > blamed[lead[0]] - blamed[lead[1]]


def test_a_processor_that_adds_exactly_says_the_same_without_being_told_to(encoder: Encoder) -> None:
    told = onnxruntime.SessionOptions()
    told.add_session_config_entry(EXACT_SUMS, "1")
    exact = Encoder(
        onnxruntime.InferenceSession(checked_file(MODELS, NETWORK), told, disabled_optimizers=list(SLOWER)),
        Tokenizer.from_buffer(checked_file(MODELS, PIECES)),
    )
    texts = [marked(f"Cao Bằng {text}", "Cao Bằng") for text in ("mưa", "bị phê bình vì ô nhiễm kéo dài, dân bức xúc")]
    for task, scores in exact.read(texts).items():
        assert np.array_equal(encoder.read(texts)[task], scores)


@pytest.mark.parametrize(
    ("told", "exactly"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx2 avx512_vnni\n", True),
        ("processor\t: 0\nflags\t\t: fpu avx2 avx_vnni\n", True),
        ("processor\t: 0\nflags\t\t: fpu avx2\nbugs\t\t: avx512_vnni\n", False),
        ("processor\t: 0\nFeatures\t: fp asimd\n", False),
        (None, False),
    ],
)
def test_which_processors_add_exactly(tmp_path: Path, told: str | None, exactly: bool) -> None:
    path = tmp_path / "cpuinfo"
    if told is not None:
        path.write_text(told, encoding="utf-8")
    assert adds_exactly(path) is exactly


def test_scores_are_one_a_class_and_do_not_depend_on_the_neighbours(encoder: Encoder) -> None:
    texts = [marked("Cao Bằng mưa", "Cao Bằng"), marked("Hà Giang nắng to suốt cả tuần, ruộng khô", "Hà Giang")]
    together, alone = encoder.read(texts), [encoder.read([each]) for each in texts]
    for task in TASKS:
        assert together[task].shape == (2, len(load_votes().tasks[task].classes))
        assert np.array_equal(together[task], np.concatenate([each[task] for each in alone]))


def test_a_text_of_any_length_is_read(encoder: Encoder) -> None:
    for text in ("", "a", "mưa " * 10 * MOST_TOKENS):
        assert np.isfinite(encoder.read([window(Passage(text=text))])["tone"]).all()


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read(encoder: Encoder, text: str) -> None:
    assert all(np.isfinite(scores).all() for scores in encoder.read([window(Passage(text=text))]).values())


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


@pytest.mark.parametrize("name", [NETWORK, PIECES])
@pytest.mark.parametrize("harm", [Path.unlink, cut])
def test_a_missing_or_damaged_file_is_named(tmp_path: Path, name: str, harm: Callable[[Path], None]) -> None:
    for each in (NETWORK, PIECES, MANIFEST):
        shutil.copy(MODELS / each, tmp_path)
    harm(tmp_path / name)
    with pytest.raises(ModelError) as caught:
        Encoder.load(tmp_path)
    assert str(tmp_path / name) in caught.value.text("vi")


@pytest.mark.parametrize("name", [NETWORK, PIECES])
def test_a_file_that_is_no_model_is_named_though_the_manifest_knows_it(tmp_path: Path, name: str) -> None:
    contents = {each: checked_file(MODELS, each) for each in (NETWORK, PIECES)}
    write_files(tmp_path, {**contents, name: b"{}"})
    with pytest.raises(ModelError) as caught:
        Encoder.load(tmp_path)
    assert str(tmp_path / name) in caught.value.text("en")
