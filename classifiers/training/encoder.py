"""Training the encoder: one network, all tasks at once, on two ordinary cores.

AdamW with a linear warm-up and decay, batches of like length, label smoothing, products in bfloat16 where that is
faster. After a common start training goes on in branches, each from the same weights and without rows of its own. The
weights given out are the mean of all branches (Wortsman et al. 2022; Frankle et al. 2020 tell why the mean of such
branches is as good as its parts); what a branch says of the rows that it has not seen is what the vote is learnt from.
Each stage ends with an exponential average of the weights of its last steps (Polyak and Juditsky 1992), a branch with
the mean of what the stages end with that read what its last one reads. Sentences that only tell a tone toward a target
teach that alone.
"""

import math
import random
import timeit
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from classifiers.encoder import TASKS, tokenize
from classifiers.linear import Floats
from classifiers.training.base import BaseModel
from classifiers.training.examples import BRANCHES
from classifiers.training.network import Network, start_from, tensors
from classifiers.training.rows import BATCH_TOKENS, Row, TrainingRows, batches, without_accents
from classifiers.windows import Window

SEED: Final = 1
WARM_UP: Final = 0.06
LEAST_RATE: Final = 0.02
"""Share of the full rate that is kept at the end."""
DECAY: Final = 0.01
SMOOTHING: Final = 0.05
LOSS_SHARES: Final[Mapping[str, float]] = {"relevance": 1.0, "tone": 1.0, "bad_event": 0.7, "topics": 0.7}
EVERY_TOPIC: Final = "every_topic"
"""A head for training only: telling all topics of a text shapes what the others read."""
EVERY_TOPIC_SHARE: Final = 0.35
CLASS_WEIGHTS: Final[Mapping[str, Mapping[str, float]]] = {"tone": {"negative": 1.6, "positive": 1.1}}
"""Negative is rarest, and dearest to miss."""
PLAIN_SHARE: Final = 0.08
"""So many pairs are read once more without their accents, drawn anew in each epoch."""
ROWS_A_STEP: Final = 32
"""What the sum of a step's losses is divided by, so that a row weighs the same in every batch."""
TABLES: Final = frozenset({"word.weight", "position.weight"})
AVERAGE_FROM: Final = 20
"""The average runs over ever more steps at first."""

Classes = Mapping[str, Sequence[str]]
"""Task to its classes, in order."""
State = Mapping[str, Tensor]
"""Name to weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One pass of training, with a warm-up and a decay of its own."""

    reads: Literal["all", "alike", "judged"]
    """All labelled pairs, those labelled as the ones are that the models are measured on, or these and the added ones.
    Items in other languages are read in every stage."""
    epochs: float
    body_rate: float
    head_rate: float
    sentiment_share: float
    """Of the rows that tell a tone only, in each epoch."""
    most_average: float
    """Weight of the average against the newest weights, at most."""
    frozen: int = 0
    """Of the lowest layers, so many stay as they are, and the tables with them; a step takes a third less time."""


COMMON: Final = Stage(reads="all", epochs=1, body_rate=8e-5, head_rate=1e-3, sentiment_share=0.35, most_average=0.99)
ALL: Final = Stage(reads="all", epochs=2.5, body_rate=8e-5, head_rate=5e-4, sentiment_share=0.35, most_average=0.997)
ALIKE: Final = Stage(reads="alike", epochs=1, body_rate=3e-5, head_rate=18e-5, sentiment_share=0.1, most_average=0.99)
JUDGED: Final = Stage(
    reads="judged", epochs=1, body_rate=5e-5, head_rate=3e-4, sentiment_share=0.35, most_average=0.995, frozen=4
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The stages of training."""

    common: Stage = COMMON
    """Reads what every branch may read."""
    branch: Sequence[Stage] = (ALL, ALIKE, JUDGED, ALIKE, JUDGED)
    compiled: bool = True
    """Takes a minute before the first step and makes each a third faster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What training ends with."""

    network: Network
    """With the mean of the branches."""
    branches: Sequence[State]
    """The weights that each branch ended with."""


def train_encoder(
    base: BaseModel,
    kept: Sequence[int],
    tokenizer: Tokenizer,
    rows: TrainingRows,
    classes: Classes,
    *,
    plan: Plan = Plan(),
    on_step: Callable[[int, int, float], None] = lambda _step, _steps, _loss: None,
) -> Trained:
    """Train.

    ``kept`` are the pieces of the base model that ``tokenizer`` has. ``on_step`` hears the step, of how many of the
    stage, and its loss.
    """
    torch.manual_seed(SEED)
    network = Network(
        base, len(kept), {**{task: len(classes[task]) for task in TASKS}, EVERY_TOPIC: len(classes["topics"])}
    )
    start_from(network, base, kept)
    run = torch.compile(network, dynamic=True) if plan.compiled else network
    narrow = bfloat16_is_faster()

    def run_stage(stage: Stage, without: Container[int | None], seed: int) -> None:
        torch.manual_seed(seed)
        epochs = [
            list(_epoch(rows, tokenizer, stage, without, seed + epoch)) for epoch in range(math.ceil(stage.epochs))
        ]
        batches_read = [batch for epoch in epochs for batch in epoch][: int(len(epochs[0]) * stage.epochs)]
        _run_stage(network, run, batches_read, tokenizer, classes, stage, narrow, on_step)

    run_stage(plan.common, range(BRANCHES), SEED * 1000)
    start = _weights(network)
    branches = []
    for branch in range(BRANCHES):
        network.load_state_dict(start)
        seed = SEED * 1000 + (branch + 1) * 100
        ends = []
        for at, stage in enumerate(plan.branch):
            run_stage(stage, (branch,), seed + at * 30)
            ends.append(_weights(network))
        last = plan.branch[-1].reads
        branches.append(_mean_of([end for stage, end in zip(plan.branch, ends, strict=True) if stage.reads == last]))
    network.load_state_dict(_mean_of(branches))
    network.eval()
    return Trained(network=network, branches=branches)


def bfloat16_is_faster() -> bool:
    """Return whether products in bfloat16 take less time here.

    Of processors that have them some need half of what single precision does, some twice as much; on others they take
    ten times as long.
    """
    if not torch.cpu._is_avx512_bf16_supported():
        return False

    def seconds(kind: torch.dtype) -> float:
        left, right = torch.ones(BATCH_TOKENS, 384, dtype=kind), torch.ones(384, 1536, dtype=kind)
        return min(timeit.repeat(lambda: left @ right, number=10, repeat=5))

    return seconds(torch.bfloat16) < seconds(torch.float32)


def read_held_out(trained: Trained, tokenizer: Tokenizer, windows: Sequence[tuple[int, Window]]) -> dict[str, Floats]:
    """Return for each task the scores of (branch, window), each read by the branch that has not seen it."""
    held_by = np.array([branch for branch, _ in windows])
    scores: dict[str, Floats] = {}
    whole = _weights(trained.network)
    for branch, weights in enumerate(trained.branches):
        at = np.flatnonzero(held_by == branch)
        if len(at):
            trained.network.load_state_dict(weights)
            unseen = [windows[each][1] for each in at.tolist()]
            for task, found in read_scores(trained.network, tokenizer, unseen).items():
                scores.setdefault(task, np.zeros((len(windows), found.shape[1]), np.float32))[at] = found
    trained.network.load_state_dict(whole)
    return scores


def _weights(network: Network) -> State:
    return {name: value.clone() for name, value in network.state_dict().items()}


def _mean_of(states: Sequence[State]) -> State:
    return {name: torch.stack([each[name] for each in states]).mean(dim=0) for name in states[0]}


def _run_stage(
    network: Network,
    run: Callable[..., Sequence[Tensor]],
    batches_read: Sequence[Sequence[Row]],
    tokenizer: Tokenizer,
    classes: Classes,
    stage: Stage,
    narrow: bool,
    on_step: Callable[[int, int, float], None],
) -> None:
    """Train on some batches, and leave the average of the weights in the network; ``narrow``: products in bfloat16."""
    steps = len(batches_read)
    network.freeze(stage.frozen)
    network.zero_grad(set_to_none=True)  # what is frozen now must not count when the rest is clipped
    warm = max(1, int(steps * WARM_UP))
    optimizer = _optimizer(network, stage)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(step / warm, max(LEAST_RATE, (steps - step) / max(1, steps - warm)))
    )
    average = {name: value.detach().clone() for name, value in network.state_dict().items()}
    network.train()
    for step, batch in enumerate(batches_read, start=1):
        arrays = tensors(tokenize(tokenizer, [row.window for row in batch]))
        with torch.autocast("cpu", torch.bfloat16, enabled=narrow):
            scores = run(*arrays, network.noise_for(arrays[0]))
        loss = _loss([each.float() for each in scores], batch, classes)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step > warm:
            since = step - warm
            _draw_toward(average, network, 1 - min(stage.most_average, since / (since + AVERAGE_FROM)))
        on_step(step, steps, float(loss.detach()))
    network.load_state_dict(average)


def read_scores(network: Network, tokenizer: Tokenizer, windows: Sequence[Window]) -> dict[str, Floats]:
    """Return for each task the scores of some windows, as `classifiers.encoder.Encoder.read` does."""
    found: list[list[Floats]] = []
    with torch.no_grad():
        for at in range(0, len(windows), ROWS_A_STEP):
            scores = network(*tensors(tokenize(tokenizer, windows[at : at + ROWS_A_STEP])))
            found.append([each.numpy() for each in scores])
    return {task: np.concatenate([each[at] for each in found]) for at, task in enumerate(TASKS)}


def _epoch(
    rows: TrainingRows, tokenizer: Tokenizer, stage: Stage, without: Container[int | None], seed: int
) -> Iterator[list[Row]]:
    """Yield the batches of one epoch: the pairs of the stage, some of them without accents too, and other languages.

    Left out are the pairs that a branch in ``without`` must not see.
    """
    chance = random.Random(seed)
    read = [row for row in rows.labelled if row.alike or stage.reads == "all"]
    read += rows.judged if stage.reads == "judged" else ()
    pairs = [row for row in read if row.held_by not in without]
    drawn = [
        *pairs,
        *map(without_accents, chance.sample(pairs, int(len(pairs) * PLAIN_SHARE))),
        *rows.abroad,
        *chance.sample(list(rows.sentiments), int(len(rows.sentiments) * stage.sentiment_share)),
    ]
    lengths = [int(tokenize(tokenizer, [row.window]).mask.sum()) for row in drawn]
    for batch in batches(drawn, lengths, chance):
        yield [drawn[at] for at in batch]


def _optimizer(network: Network, stage: Stage) -> torch.optim.Optimizer:
    groups: dict[str, list[Any]] = {"body": [], "tables": [], "heads": []}
    for name, parameter in network.named_parameters():
        if not parameter.requires_grad:
            continue
        kind = "heads" if name.startswith("heads.") else "tables" if name in TABLES else "body"
        groups[kind].append(parameter)
    return torch.optim.AdamW(
        [
            {"params": groups["body"], "lr": stage.body_rate, "weight_decay": DECAY},
            {"params": groups["tables"], "lr": stage.body_rate, "weight_decay": 0.0},  # unseen pieces must not fade
            {"params": groups["heads"], "lr": stage.head_rate, "weight_decay": DECAY},
        ],
        betas=(0.9, 0.98),
        fused=True,
    )


def _loss(scores: Sequence[Tensor], batch: Sequence[Row], classes: Classes) -> Tensor:
    """Return the weighted sum of the losses of all heads."""
    weights = torch.tensor([row.weight for row in batch])
    total = torch.zeros(())
    for task, found in zip(TASKS, scores, strict=False):
        told = [(at, label) for at, row in enumerate(batch) for label in row.labels.get(task, ())]
        if told:
            known = [at for at, _ in told]
            truth = torch.tensor([classes[task].index(label) for _, label in told])
            dear = torch.tensor([CLASS_WEIGHTS.get(task, {}).get(label, 1.0) for _, label in told])
            shares = torch.tensor([1 / len(batch[at].labels[task]) for at in known])
            losses = functional.cross_entropy(found[known], truth, label_smoothing=SMOOTHING, reduction="none")
            total = total + LOSS_SHARES[task] * (losses * dear * shares * weights[known]).sum()
    known = [at for at, row in enumerate(batch) if row.topics]
    if known:
        truth = torch.tensor([[float(topic in batch[at].topics) for topic in classes["topics"]] for at in known])
        losses = functional.binary_cross_entropy_with_logits(scores[-1][known], truth, reduction="none").sum(dim=1)
        total = total + EVERY_TOPIC_SHARE * (losses * weights[known]).sum()
    return total / ROWS_A_STEP


def _draw_toward(average: Mapping[str, Tensor], network: nn.Module, share: float) -> None:
    with torch.no_grad():
        for name, value in network.state_dict().items():
            average[name].lerp_(value, share)
