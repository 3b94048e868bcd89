"""Weighing models: what the numbers of ``vote.json`` mean."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from classifiers.linear import softmax
from classifiers.model_files import MANIFEST, write_files
from classifiers.vote import VOTE, FullTextRelevance, Pool, TaskVote, Votes, load_votes
from config.errors import ModelError

SCORES = np.array([2.0, 0.0, -1.0], np.float32)
LINEAR = np.array([0.2, 0.5, 0.3], np.float32)
EVEN = (0.0, 0.0, 0.0)


def vote(encoder: float = 1.0, linear: float = 1.0, memory: float = 1.0, lean: tuple[float, ...] = EVEN) -> TaskVote:
    return TaskVote(
        classes=("negative", "neutral", "positive"),
        both=Pool(encoder=encoder, linear=linear, memory=memory, shift=EVEN),
        alone=Pool(encoder=0.5, linear=0.0, memory=0.0, shift=(0.0, 1.0, 0.0)),
        lean=lean,
    )


def test_a_model_that_is_not_trusted_says_nothing() -> None:
    assert vote(linear=0.0).probabilities(SCORES, LINEAR) == pytest.approx(softmax(SCORES))
    assert vote(encoder=0.0).probabilities(SCORES, LINEAR) == pytest.approx(LINEAR)


def test_both_multiply() -> None:
    product = softmax(SCORES) * LINEAR
    assert vote().probabilities(SCORES, LINEAR) == pytest.approx(product / product.sum(), abs=1e-6)


def test_what_is_recalled_counts_beside_both_and_not_for_the_encoder_alone() -> None:
    recalled = np.array([-1.0, 0.0, 1.0], np.float32)
    product = softmax(SCORES) * LINEAR * np.exp(2 * recalled)
    found = vote(memory=2.0)
    assert found.probabilities(SCORES, LINEAR, recalled) == pytest.approx(product / product.sum(), abs=1e-6)
    assert found.probabilities(SCORES, LINEAR, recalled * 0) == pytest.approx(found.probabilities(SCORES, LINEAR))
    assert found.probabilities(SCORES, None, recalled) == pytest.approx(found.probabilities(SCORES, None))
    least = np.minimum(found.probabilities(SCORES, LINEAR, recalled), found.probabilities(SCORES, None))
    assert found.least(SCORES, LINEAR, recalled) == pytest.approx(least)


def test_the_encoder_alone_has_numbers_of_its_own_and_the_linear_model_alone_is_calibrated_already() -> None:
    assert vote().probabilities(SCORES, None) == pytest.approx(softmax(SCORES * 0.5 + np.array([0, 1, 0])))
    assert vote().probabilities(None, LINEAR) is LINEAR
    with pytest.raises(ValueError, match="no model"):
        vote().probabilities(None, None)


def test_the_least_is_what_both_grant_a_class() -> None:
    together, alone = vote().probabilities(SCORES, LINEAR), vote().probabilities(SCORES, None)
    least = vote().least(SCORES, LINEAR)
    assert least == pytest.approx(np.minimum(together, alone))
    assert least.sum() < 1, "each is the lower one for some class"


def test_a_certain_no_of_the_linear_model_is_not_endless() -> None:
    found = vote().probabilities(np.array([30.0, 0, 0], np.float32), np.array([0.0, 0.5, 0.5], np.float32))
    assert found[0] > 0.99


def test_the_lean_chooses_but_does_not_change_the_probability() -> None:
    assert vote().choose(LINEAR) == 1
    assert vote(lean=(1.0, 0.0, 0.0)).choose(LINEAR) == 0


def test_many_windows_at_once() -> None:
    rows = vote().probabilities(np.stack([SCORES, -SCORES]), np.stack([LINEAR, LINEAR]))
    assert rows.shape == (2, 3)
    assert rows.sum(axis=1) == pytest.approx([1, 1])


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    full_text = FullTextRelevance(bias=-1.0, weights={"names": 0.5})
    votes = Votes(tasks={"tone": vote()}, full_text_relevance=full_text, full_text_tone=vote(2.0), sure_negative=0.7)
    write_files(tmp_path, {VOTE: json.dumps(asdict(votes)).encode()})
    assert load_votes(tmp_path) == votes


def test_evidence_moves_the_chance() -> None:
    full_text = FullTextRelevance(bias=-1.0, weights={"names": 0.5, "in_title": 2.0})
    assert full_text.about({"names": 2.0, "in_title": 0.0}) == pytest.approx(0.5)
    assert full_text.about({"names": 2.0, "in_title": 1.0}) == pytest.approx(1 / (1 + np.exp(-2)))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"tasks": {"tone": {}}, "sure_negative": 1}'])
def test_numbers_that_are_none_are_named(tmp_path: Path, content: str) -> None:
    write_files(tmp_path, {VOTE: content.encode()})
    assert (tmp_path / MANIFEST).exists()
    with pytest.raises(ModelError, match=r"vote\.json"):
        load_votes(tmp_path)
