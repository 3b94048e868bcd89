"""Reading before any label: the network learns to fill in what is hidden in the texts of the data.

Masked language modelling (Devlin et al. 2019), gone on with from the base model on texts of the field (Gururangan et
al. 2020). What comes of it is a start that differs from the base model: encoders that are trained from either err in
different places, and `classifiers.training.encoder` makes one of them.
"""

import random
from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from classifiers.encoder import Tokens, tokenize
from classifiers.training.base import UNKNOWN
from classifiers.training.descent import OnStep, Rates, descend
from classifiers.training.network import Filler, Network
from classifiers.training.rows import batches
from classifiers.windows import Window

HIDDEN: Final = 0.13
"""Of the pieces so many are hidden, and with every second of them the one that follows."""
SHOWN: Final = 0.1
"""Of the hidden pieces so many are shown as they are; as many are shown as another piece."""
MASK: Final = UNKNOWN
"""Stands for what is hidden: the vocabulary keeps no piece for that."""
LEAST_TIMES: Final = 15
"""A piece that the texts hold less often is never hidden."""
TOKENS: Final = 4800
"""Of one batch, padding included."""
RATES: Final = Rates(body=2e-4, heads=1e-3, most_average=0.99)


def read_masked(
    network: Network,
    tokenizer: Tokenizer,
    texts: Sequence[Window],
    seed: int,
    *,
    compiled: bool,
    narrow: bool,
    on_step: OnStep,
) -> None:
    """Read every text once, some of its pieces hidden. ``narrow``: products in bfloat16."""
    chance, order = np.random.default_rng(seed), random.Random(seed)
    times = np.zeros(network.word.num_embeddings, np.int64)
    lengths = []
    for text in texts:
        ids = tokenize(tokenizer, [text]).ids[0]
        np.add.at(times, ids, 1)
        lengths.append(len(ids))
    times[: UNKNOWN + 1] = 0
    pieces = np.flatnonzero(times >= LEAST_TIMES)
    place = np.full(len(times), -1)
    place[pieces] = np.arange(len(pieces))
    filler = Filler(network, torch.from_numpy(times[pieces] / times[pieces].sum()).float())
    states = torch.compile(network.states, dynamic=True) if compiled else network.states
    told = torch.from_numpy(pieces)

    def loss(batch: Sequence[int]) -> Tensor:
        tokens = tokenize(tokenizer, [texts[at] for at in batch])
        shown, hidden = hide(tokens, pieces, chance)
        ids = torch.from_numpy(shown)
        with torch.autocast("cpu", torch.bfloat16, enabled=narrow):
            read = states(ids, torch.from_numpy(tokens.mask), network.noise_for(ids))
            scores = filler(read[torch.from_numpy(hidden)], told)
        truth = torch.from_numpy(place[tokens.ids[hidden]])
        return functional.cross_entropy(scores.float(), truth, reduction="sum") / max(1, len(truth))

    descend(filler, batches(lengths, order, TOKENS), loss, RATES, on_step)


def hide(
    tokens: Tokens, pieces: NDArray[np.int64], chance: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the ids as the network is shown them, and where the hidden ones stand; only ``pieces`` are hidden."""
    allowed = tokens.mask & np.isin(tokens.ids, pieces)
    hidden = chance.random(tokens.ids.shape) < HIDDEN
    followed = hidden[:, :-1] & (chance.random(hidden[:, :-1].shape) < 0.5)  # most names and words are of two
    hidden[:, 1:] |= followed
    hidden &= allowed
    shown, drawn = tokens.ids.copy(), chance.random(tokens.ids.shape)
    shown[hidden & (drawn >= SHOWN)] = MASK
    other = hidden & (drawn >= 1 - SHOWN)
    shown[other] = pieces[chance.integers(0, len(pieces), int(other.sum()))]
    return shown, hidden
