"""Training the encoder: one network, all tasks at once, on two ordinary cores.

AdamW with a linear warm-up and decay, batches of like length, label smoothing. The weights given out are an exponential
average of those of the last steps (Polyak and Juditsky 1992), and the mean of what the stages end with (Wortsman et al.
2022). Sentences that only tell a tone toward a target teach that alone, and bring the encoder's other languages along.
"""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from classifiers.encoder import TASKS, Tokens, tokenize
from classifiers.linear import Floats
from classifiers.training.base import BaseModel
from classifiers.training.network import Network, start_from
from classifiers.training.rows import Row, batches
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
ROWS_A_STEP: Final = 32
"""What the sum of a step's losses is divided by, so that a row weighs the same in every batch."""
TABLES: Final = frozenset({"word.weight", "position.weight"})
AVERAGE_FROM: Final = 20
"""The average runs over ever more steps at first."""

Classes = Mapping[str, Sequence[str]]
"""Task to its classes, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One pass of training, with a warm-up and a decay of its own."""

    epochs: float
    body_rate: float
    head_rate: float
    sentiment_share: float
    """Of the rows that tell a tone only, in each epoch."""
    most_average: float
    """Weight of the average against the newest weights, at most."""
    seed: int


FIRST: Final = Stage(
    epochs=3.5, body_rate=8e-5, head_rate=1e-3, sentiment_share=0.35, most_average=0.997, seed=SEED * 100
)
LAST: Final = Stage(
    epochs=1, body_rate=3e-5, head_rate=18e-5, sentiment_share=0.1, most_average=0.99, seed=SEED * 100 + 50
)
"""On the rows that were labelled as the rows are that the models are measured on."""


def train_encoder(
    base: BaseModel,
    kept: Sequence[int],
    tokenizer: Tokenizer,
    rows: tuple[Sequence[Row], Sequence[Row]],
    classes: Classes,
    *,
    stages: Sequence[Stage] = (FIRST, LAST),
    compiled: bool = True,
    on_step: Callable[[int, int, float], None] = lambda _step, _steps, _loss: None,
) -> Network:
    """Return the trained network.

    ``kept`` are the pieces of the base model that ``tokenizer`` has; ``rows`` those of pairs, and those that tell a
    tone only. The first stage reads all pairs, each later one those for the last. ``compiled`` takes a minute before
    the first step and makes each three times as fast. ``on_step`` hears the step, of how many, and its loss.
    """
    torch.manual_seed(SEED)
    network = Network(
        base, len(kept), {**{task: len(classes[task]) for task in TASKS}, EVERY_TOPIC: len(classes["topics"])}
    )
    start_from(network, base, kept)
    run = torch.compile(network, dynamic=True) if compiled else network
    pairs, sentiments = rows
    results: list[dict[str, Tensor]] = []
    for at, stage in enumerate(stages):
        read = pairs if at == 0 else [row for row in pairs if row.last]
        epochs = [list(_epoch(read, sentiments, tokenizer, stage, epoch)) for epoch in range(math.ceil(stage.epochs))]
        batches_read = [batch for epoch in epochs for batch in epoch][: int(len(epochs[0]) * stage.epochs)]
        _run_stage(network, run, batches_read, tokenizer, classes, stage, on_step)
        results.append({name: value.clone() for name, value in network.state_dict().items()})
    network.load_state_dict(
        {name: torch.stack([each[name] for each in results]).mean(dim=0) for name in network.state_dict()}
    )
    network.eval()
    return network


def _run_stage(
    network: Network,
    run: Callable[..., Sequence[Tensor]],
    batches_read: Sequence[Sequence[Row]],
    tokenizer: Tokenizer,
    classes: Classes,
    stage: Stage,
    on_step: Callable[[int, int, float], None],
) -> None:
    """Train on some batches, and leave the average of the weights in the network."""
    steps = len(batches_read)
    warm = max(1, int(steps * WARM_UP))
    optimizer = _optimizer(network, stage)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(step / warm, max(LEAST_RATE, (steps - step) / max(1, steps - warm)))
    )
    average = {name: value.detach().clone() for name, value in network.state_dict().items()}
    network.train()
    for step, batch in enumerate(batches_read, start=1):
        loss = _loss(run(*_tensors(tokenize(tokenizer, [row.window for row in batch]))), batch, classes)
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
            scores = network(*_tensors(tokenize(tokenizer, windows[at : at + ROWS_A_STEP])))
            found.append([each.numpy() for each in scores])
    return {task: np.concatenate([each[at] for each in found]) for at, task in enumerate(TASKS)}


def _epoch(
    pairs: Sequence[Row], sentiments: Sequence[Row], tokenizer: Tokenizer, stage: Stage, epoch: int
) -> Iterator[list[Row]]:
    """Yield the batches of one epoch: every pair, and a share of the sentences drawn anew."""
    chance = random.Random(stage.seed + epoch)
    drawn = [*pairs, *chance.sample(list(sentiments), int(len(sentiments) * stage.sentiment_share))]
    lengths = [int(tokenize(tokenizer, [row.window]).mask.sum()) for row in drawn]
    for batch in batches(drawn, lengths, chance):
        yield [drawn[at] for at in batch]


def _tensors(tokens: Tokens) -> tuple[Tensor, ...]:
    return torch.from_numpy(tokens.ids), torch.from_numpy(tokens.mask), torch.from_numpy(tokens.marked)


def _optimizer(network: Network, stage: Stage) -> torch.optim.Optimizer:
    groups: dict[str, list[Any]] = {"body": [], "tables": [], "heads": []}
    for name, parameter in network.named_parameters():
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
        known = [at for at, row in enumerate(batch) if task in row.labels]
        if known:
            labels = [batch[at].labels[task] for at in known]
            truth = torch.tensor([classes[task].index(label) for label in labels])
            dear = torch.tensor([CLASS_WEIGHTS.get(task, {}).get(label, 1.0) for label in labels])
            losses = functional.cross_entropy(found[known], truth, label_smoothing=SMOOTHING, reduction="none")
            total = total + LOSS_SHARES[task] * (losses * dear * weights[known]).sum()
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
