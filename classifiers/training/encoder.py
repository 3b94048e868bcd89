"""Training the encoder: one network, all tasks at once, on two ordinary cores.

Training sets out twice, from the base model and from what that is after reading with pieces hidden
(`classifiers.training.masked`). From each, after a common stage, it goes on in branches, each without rows of its own;
both ends of a branch err in different places, and one student learns what they tell on the average, of labelled and of
unlabelled rows, beside the labels (Hinton et al. 2015). It starts from the mean of their weights and reads some
unlabelled rows alone at last. A branch ends with the mean of what its student was before and after that, and of its
first teacher, which knows more of other languages. The weights given out are the mean of all branches (Wortsman et al.
2022; Frankle et al. 2020 tell why the mean of such branches is as good as its parts); what a branch says of the rows
that neither student nor teachers have seen is what the vote is learnt from. Batches are of like length, labels
smoothed, products in bfloat16 where that is faster. Sentences that only tell a tone toward a target teach that alone.
"""

import math
import random
import timeit
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from classifiers.encoder import TASKS, tokenize
from classifiers.linear import Floats, softmax
from classifiers.training.base import BaseModel
from classifiers.training.descent import OnStep, Rates, descend, weights_of
from classifiers.training.examples import BRANCHES
from classifiers.training.masked import read_masked
from classifiers.training.network import Network, start_from, tensors
from classifiers.training.rows import BATCH_TOKENS, Row, TrainingRows, batches, without_accents
from classifiers.windows import Window

SEED: Final = 1
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
LABELS_SHARE: Final = 0.5
"""What labels weigh in rows of which teachers tell something, too; that weighs 1."""

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
    rates: Rates
    sentiment_share: float
    """Of the rows that tell a tone only, in each epoch."""
    frozen: int = 0
    """Of the lowest layers, so many stay as they are, and the tables with them; a step takes a third less time."""


COMMON: Final = Stage(
    reads="all", epochs=1, rates=Rates(body=8e-5, heads=1e-3, most_average=0.99), sentiment_share=0.35
)
ALL: Final = Stage(
    reads="all", epochs=2.5, rates=Rates(body=8e-5, heads=5e-4, most_average=0.997), sentiment_share=0.35
)
ALIKE: Final = Stage(
    reads="alike", epochs=1, rates=Rates(body=3e-5, heads=18e-5, most_average=0.99), sentiment_share=0.1
)
JUDGED: Final = Stage(
    reads="judged", epochs=1, rates=Rates(body=5e-5, heads=3e-4, most_average=0.995), sentiment_share=0.35, frozen=4
)
STUDENT: Final = Stage(
    reads="all", epochs=1, rates=Rates(body=6e-5, heads=2e-4, most_average=0.995), sentiment_share=0.35
)
ANSWERS: Final = Stage(
    reads="all", epochs=1, rates=Rates(body=7e-5, heads=2e-4, most_average=0.995), sentiment_share=0.15
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The stages of training."""

    common: Stage = COMMON
    """Reads what every branch may read."""
    branch: Sequence[Stage] = (ALL, ALIKE, JUDGED)
    student: Stage = STUDENT
    """Reads `TrainingRows.taught`."""
    answers: Stage = ANSWERS
    """The student reads `TrainingRows.untaught`."""
    compiled: bool = True
    """Takes a minute before the first step and makes each a third faster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What training ends with."""

    network: Network
    """With the mean of the branches."""
    branches: Sequence[State]
    """What each branch ends with."""


def train_encoder(
    base: BaseModel,
    kept: Sequence[int],
    tokenizer: Tokenizer,
    rows: TrainingRows,
    classes: Classes,
    *,
    plan: Plan = Plan(),
    on_step: OnStep = lambda _step, _steps, _loss: None,
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
    trainer = _Trainer(network, tokenizer, rows, classes, plan, on_step)
    starts = [weights_of(network)]
    read_masked(
        network,
        tokenizer,
        [row.window for row in rows.texts],
        SEED,
        compiled=plan.compiled,
        narrow=trainer.narrow,
        on_step=on_step,
    )
    starts.append(weights_of(network))
    teachers = [trainer.teachers(start) for start in starts]
    branches = [trainer.end(branch, of_branch) for branch, of_branch in enumerate(zip(*teachers, strict=True))]
    network.load_state_dict(mean_of(branches))
    network.eval()
    return Trained(network=network, branches=branches)


class _Trainer:
    """One network that is trained again and again, with what all stages have in common."""

    def __init__(
        self,
        network: Network,
        tokenizer: Tokenizer,
        rows: TrainingRows,
        classes: Classes,
        plan: Plan,
        on_step: OnStep,
    ) -> None:
        self.network = network
        self.tokenizer = tokenizer
        self.rows = rows
        self.classes = classes
        self.plan = plan
        self.on_step = on_step
        self.run = torch.compile(network, dynamic=True) if plan.compiled else network
        self.narrow = bfloat16_is_faster()
        """Whether products are in bfloat16."""

    def teachers(self, start: State) -> list[State]:
        """Return what each branch ends with that sets out from some weights."""
        self.network.load_state_dict(start)
        self.stage(self.plan.common, self.rows, range(BRANCHES), SEED * 1000)
        common = weights_of(self.network)
        ends: list[State] = []
        for branch in range(BRANCHES):
            self.network.load_state_dict(common)
            for at, stage in enumerate(self.plan.branch):
                self.stage(stage, self.rows, (branch,), SEED * 1000 + (branch + 1) * 100 + at * 30)
            ends.append(weights_of(self.network))
        return ends

    def end(self, branch: int, teachers: Sequence[State]) -> State:
        """Return what a branch ends with, by its teachers: the mean of the first and of their student."""
        stages = (self.plan.student, self.rows.taught()), (self.plan.answers, self.rows.untaught)
        taught = [self.answered([row for row in rows if row.held_by != branch], teachers) for _, rows in stages]
        self.network.load_state_dict(mean_of(teachers))
        ends: list[State] = []
        for at, ((stage, _), rows) in enumerate(zip(stages, taught, strict=True)):
            given = replace(self.rows, labelled=rows, judged=())
            self.stage(stage, given, (branch,), SEED * 7000 + branch * 100 + at * 30)
            ends.append(weights_of(self.network))
        return mean_of([teachers[0], mean_of(ends)])

    def answered(self, rows: Sequence[Row], teachers: Sequence[State]) -> list[Row]:
        """Return rows with what teachers tell of them, and less weight on their labels."""
        answers = self.answers([row.window for row in rows], teachers) if rows else {}
        return [
            replace(row, weight=row.weight * LABELS_SHARE, answers={task: answers[task][at] for task in TASKS})
            for at, row in enumerate(rows)
        ]

    def answers(self, windows: Sequence[Window], teachers: Sequence[State]) -> dict[str, Floats]:
        """Return for each task the probabilities of the mean of the teachers' scores, shape (windows, classes)."""
        self.network.eval()
        told = []
        for weights in teachers:
            self.network.load_state_dict(weights)
            told.append(read_scores(self.network, self.tokenizer, windows, narrow=self.narrow))
        return {task: softmax(np.mean([each[task] for each in told], axis=0)) for task in TASKS}

    def stage(self, stage: Stage, rows: TrainingRows, without: Container[int | None], seed: int) -> None:
        """Train one stage; ``without`` are the branches whose rows are not read."""
        torch.manual_seed(seed)
        epochs = [
            list(_epoch(rows, self.tokenizer, stage, without, seed + epoch)) for epoch in range(math.ceil(stage.epochs))
        ]
        read = [batch for epoch in epochs for batch in epoch][: int(len(epochs[0]) * stage.epochs)]
        self.network.freeze(stage.frozen)
        descend(self.network, read, self.loss, stage.rates, self.on_step)

    def loss(self, batch: Sequence[Row]) -> Tensor:
        """Return the loss of a batch."""
        arrays = tensors(tokenize(self.tokenizer, [row.window for row in batch]))
        with torch.autocast("cpu", torch.bfloat16, enabled=self.narrow):
            scores = self.run(*arrays, self.network.noise_for(arrays[0]))
        return _loss([each.float() for each in scores], batch, self.classes)


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
    whole = weights_of(trained.network)
    for branch, weights in enumerate(trained.branches):
        at = np.flatnonzero(held_by == branch)
        if len(at):
            trained.network.load_state_dict(weights)
            unseen = [windows[each][1] for each in at.tolist()]
            for task, found in read_scores(trained.network, tokenizer, unseen).items():
                scores.setdefault(task, np.zeros((len(windows), found.shape[1]), np.float32))[at] = found
    trained.network.load_state_dict(whole)
    return scores


def mean_of(states: Sequence[State]) -> State:
    """Return the mean of some weights."""
    return {name: torch.stack([each[name] for each in states]).mean(dim=0) for name in states[0]}


def read_scores(
    network: Network, tokenizer: Tokenizer, windows: Sequence[Window], *, narrow: bool = False
) -> dict[str, Floats]:
    """Return for each task the scores of some windows, as `classifiers.encoder.Encoder.read` does.

    ``narrow``: products in bfloat16.
    """
    order = sorted(range(len(windows)), key=lambda at: len(windows[at].text))
    found: list[list[Floats]] = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=narrow):
        for at in range(0, len(order), ROWS_A_STEP):
            some = [windows[each] for each in order[at : at + ROWS_A_STEP]]
            found.append([each.float().numpy() for each in network(*tensors(tokenize(tokenizer, some)))])
    back = np.argsort(order)
    return {task: np.concatenate([each[at] for each in found])[back] for at, task in enumerate(TASKS)}


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
    for batch in batches(lengths, chance):
        yield [drawn[at] for at in batch]


def _loss(scores: Sequence[Tensor], batch: Sequence[Row], classes: Classes) -> Tensor:
    """Return the weighted sum of the losses of all heads."""
    weights = torch.tensor([row.weight for row in batch])
    total = _answers_loss(scores, batch, classes)
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


def _answers_loss(scores: Sequence[Tensor], batch: Sequence[Row], classes: Classes) -> Tensor:
    """Return the loss toward what teachers tell; of a tone as far as they take the text to be about the unit."""
    total = torch.zeros(())
    taught = [at for at, row in enumerate(batch) if row.answers]
    if taught:
        about = [batch[at].answers["relevance"][classes["relevance"].index("about")] for at in taught]
        for task, found in zip(TASKS, scores, strict=False):
            truth = torch.tensor(np.array([batch[at].answers[task] for at in taught]))
            losses = functional.cross_entropy(found[taught], truth, reduction="none")
            total = total + LOSS_SHARES[task] * (losses * torch.tensor(about) if task == "tone" else losses).sum()
    return total
