"""One pass of training over some batches, whatever is learnt from them.

AdamW (Loshchilov and Hutter 2019) with a linear warm-up and decay; what it ends with is an exponential average of the
weights of its last steps (Polyak and Juditsky 1992).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import torch
from torch import Tensor, nn

WARM_UP: Final = 0.06
LEAST_RATE: Final = 0.02
"""Share of the full rate that is kept at the end."""
DECAY: Final = 0.01
AVERAGE_FROM: Final = 20
"""The average runs over ever more steps at first."""

Batch = TypeVar("Batch")
OnStep = Callable[[int, int, float], None]
"""Hears the step, of how many of the pass, and its loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """How fast a pass learns."""

    body: float
    heads: float
    most_average: float
    """Weight of the average against the newest weights, at most."""


def descend(
    network: nn.Module,
    batches: Sequence[Batch],
    loss_of: Callable[[Batch], Tensor],
    rates: Rates,
    on_step: OnStep,
) -> None:
    """Train on some batches, and leave the average of the weights in the network."""
    steps = len(batches)
    network.zero_grad(set_to_none=True)  # what is frozen now must not count when the rest is clipped
    warm = max(1, int(steps * WARM_UP))
    optimizer = _optimizer(network, rates)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(step / warm, max(LEAST_RATE, (steps - step) / max(1, steps - warm)))
    )
    average = weights_of(network)
    network.train()
    for step, batch in enumerate(batches, start=1):
        loss = loss_of(batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step > warm:
            since = step - warm
            _draw_toward(average, network, 1 - min(rates.most_average, since / (since + AVERAGE_FROM)))
        on_step(step, steps, float(loss.detach()))
    network.load_state_dict(average)


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    """Return a copy of all weights, by name."""
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def _optimizer(network: nn.Module, rates: Rates) -> torch.optim.Optimizer:
    tables = {id(each.weight) for each in network.modules() if isinstance(each, nn.Embedding)}
    groups: dict[str, list[Any]] = {"body": [], "tables": [], "heads": []}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            kind = "heads" if "heads" in name.split(".") else "tables" if id(parameter) in tables else "body"
            groups[kind].append(parameter)
    return torch.optim.AdamW(
        [
            {"params": groups["body"], "lr": rates.body, "weight_decay": DECAY},
            {"params": groups["tables"], "lr": rates.body, "weight_decay": 0.0},  # unseen pieces must not fade
            {"params": groups["heads"], "lr": rates.heads, "weight_decay": DECAY},
        ],
        betas=(0.9, 0.98),
        fused=True,
    )


def _draw_toward(average: Mapping[str, Tensor], network: nn.Module, share: float) -> None:
    with torch.no_grad():
        for name, value in network.state_dict().items():
            average[name].lerp_(value, share)
