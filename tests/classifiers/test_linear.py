import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from classifiers.linear import IDF, TASKS, VOCABULARY, LinearModel, load_models, save_models
from classifiers.model_files import MANIFEST, packed_arrays, read_arrays
from config.errors import ModelError

TEXTS = [
    ("mưa lũ gây thiệt hại lớn", "bad"),
    ("lũ quét cuốn trôi cầu", "bad"),
    ("sạt lở sau mưa lớn", "bad"),
    ("khánh thành cầu mới mới", "good"),
    ("lễ hội hoa thu hút khách", "good"),
    ("khách quốc tế tăng", "good"),
    ("họp báo thường kỳ", "flat"),
    ("lịch cắt điện tuần này", "flat"),
    ("họp bàn lịch thi", "flat"),
]


def trained(folder: Path) -> tuple[TfidfVectorizer, LogisticRegression]:
    """Train a tiny model with scikit-learn, write it as every task, and return scikit-learn's own."""
    vectorizer = TfidfVectorizer(analyzer=str.split, sublinear_tf=True)
    regression = LogisticRegression(C=5)
    regression.fit(vectorizer.fit_transform([text for text, _ in TEXTS]), [label for _, label in TEXTS])
    model = LinearModel(
        classes=tuple(regression.classes_),
        weights={"words": regression.coef_.T.astype(np.float32)},
        bias=regression.intercept_.astype(np.float32),
        slope=1.0,
        shift=np.zeros(3, np.float32),
    )
    terms = {"words": [str(name) for name in vectorizer.get_feature_names_out()]}
    save_models(folder, terms, {"words": vectorizer.idf_.astype(np.float32)}, dict.fromkeys(TASKS, model))
    return vectorizer, regression


@pytest.mark.parametrize("text", [text for text, _ in TEXTS] + ["mưa mưa mưa khách lạ", "không từ nào quen", ""])
def test_decisions_equal_those_of_scikit_learn(tmp_path: Path, text: str) -> None:
    vectorizer, regression = trained(tmp_path)
    models = load_models(tmp_path)
    vectors = models.vocabulary.vectors({"words": text.split()})
    rows = vectorizer.transform([text])
    model = models.tasks["tone"]
    assert model.decision(vectors) == pytest.approx(regression.decision_function(rows)[0], abs=1e-3)
    assert model.probabilities(vectors) == pytest.approx(regression.predict_proba(rows)[0], abs=1e-3)
    assert model.classes[model.probabilities(vectors).argmax()] == regression.predict(rows)[0]


def test_slope_and_shift_make_probabilities(tmp_path: Path) -> None:
    trained(tmp_path)
    models = load_models(tmp_path)
    flat = replace(models.tasks["tone"], slope=0.0, shift=np.log(np.array([0.2, 0.5, 0.3], np.float32)))
    vectors = models.vocabulary.vectors({"words": ["họp"]})
    assert flat.probabilities(vectors) == pytest.approx([0.2, 0.5, 0.3], abs=1e-6)


def test_the_same_models_give_the_same_bytes(tmp_path: Path) -> None:
    trained(tmp_path / "a")
    trained(tmp_path / "b")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def change_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("name", [VOCABULARY, IDF, *(f"{task}.npz" for task in TASKS), MANIFEST])
@pytest.mark.parametrize("harm", [Path.unlink, cut])
def test_a_missing_or_damaged_file_is_named(tmp_path: Path, name: str, harm: Callable[[Path], None]) -> None:
    trained(tmp_path)
    harm(tmp_path / name)
    with pytest.raises(ModelError) as caught:
        load_models(tmp_path)
    assert str(tmp_path / name) in caught.value.text("vi")
    assert "python -m classifiers.training" in caught.value.text("en")


@pytest.mark.parametrize("content", [b"", b"junk", packed_arrays(weights=np.arange(99))[:-7]])
def test_what_holds_no_arrays_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_arrays(content)


def test_one_changed_byte_is_noticed(tmp_path: Path) -> None:
    trained(tmp_path)
    change_a_byte(tmp_path / "tone.npz")
    with pytest.raises(ModelError, match=r"tone\.npz.*SHA-256"):
        load_models(tmp_path)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"vocabulary.json": 3}', "\x00"])
def test_a_manifest_that_is_none_is_named(tmp_path: Path, manifest: str) -> None:
    trained(tmp_path)
    (tmp_path / MANIFEST).write_text(manifest, encoding="utf-8")
    with pytest.raises(ModelError, match=r"manifest\.json"):
        load_models(tmp_path)


def test_files_of_two_trainings_do_not_go_together(tmp_path: Path) -> None:
    trained(tmp_path)
    content = json.dumps({"words": ["một"]}).encode()
    (tmp_path / VOCABULARY).write_bytes(content)
    manifest = json.loads((tmp_path / MANIFEST).read_text())
    manifest[VOCABULARY]["sha256"] = hashlib.sha256(content).hexdigest()
    (tmp_path / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"does not belong"):
        load_models(tmp_path)
