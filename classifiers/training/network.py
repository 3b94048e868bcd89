"""The encoder as torch trains it: a BERT with one linear head a task."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from classifiers.encoder import Tokens
from classifiers.training.base import BaseModel

HEAD_DROPOUT = 0.1
DROPPED = 26
"""Of 256 of the body's numbers, so many are dropped in training."""
EPSILON = 1e-12
"""Of layer normalisation, as BERT has it."""
FAR = -1e4
"""Added to the attention to padding."""
FILLER_SCALE = 4.0
"""Of the scores of pieces at first; with 1 they would say nothing for hundreds of steps."""


class Layer(nn.Module):
    """Attention and feed-forward, each with a residual and a normalisation after it (Vaswani et al. 2017)."""

    def __init__(self, hidden: int, inner: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.ao = nn.Linear(hidden, hidden)
        self.aln = nn.LayerNorm(hidden, eps=EPSILON)
        self.fi = nn.Linear(hidden, inner)
        self.fo = nn.Linear(inner, hidden)
        self.oln = nn.LayerNorm(hidden, eps=EPSILON)

    def forward(self, x: Tensor, bias: Tensor, noise: Tensor | None) -> Tensor:
        """Return the next states, shape (texts, tokens, hidden) as ``x``."""
        attended, fed = (None, None) if noise is None else noise
        texts, tokens, hidden = x.shape
        q, k, v = self.qkv(x).view(texts, tokens, 3, self.heads, hidden // self.heads).permute(2, 0, 3, 1, 4)
        # torch.nn.functional.scaled_dot_product_attention takes twice as long here, for its way back
        weights = functional.softmax(q @ k.transpose(2, 3) / math.sqrt(hidden // self.heads) + bias, dim=-1)
        seen = (weights.to(v.dtype) @ v).transpose(1, 2).reshape(texts, tokens, hidden)
        x = self.aln(x + _dropout(self.ao(seen), attended))
        return self.oln(x + _dropout(self.fo(functional.gelu(self.fi(x))), fed))


class Network(nn.Module):
    """The whole encoder. ``classes`` is the number of classes a head."""

    def __init__(self, base: BaseModel, vocabulary: int, classes: Mapping[str, int]) -> None:
        super().__init__()
        hidden = base.hidden
        self.word = nn.Embedding(vocabulary, hidden)
        self.position = nn.Embedding(base.positions, hidden)
        self.kind = nn.Parameter(torch.zeros(hidden))
        self.norm = nn.LayerNorm(hidden, eps=EPSILON)
        self.layers = nn.ModuleList(Layer(hidden, base.inner, base.heads) for _ in range(base.layers))
        self.heads = nn.ModuleDict({name: nn.Linear(2 * hidden, count) for name, count in classes.items()})
        for head in self.heads.values():
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def forward(self, ids: Tensor, mask: Tensor, marked: Tensor, noise: Tensor | None = None) -> tuple[Tensor, ...]:
        """Return the scores of each head, shape (texts, classes), for arrays as `classifiers.encoder.Tokens` has.

        ``noise`` is what `noise_for` gave; without it the layers drop nothing.
        """
        x = self.states(ids, mask, noise)
        whole = _mean(x, mask)
        own = torch.where(marked.any(dim=1, keepdim=True), _mean(x, marked), whole)
        both = functional.dropout(torch.cat([whole, own], dim=1), HEAD_DROPOUT, self.training)
        return tuple(head(both) for head in self.heads.values())

    def states(self, ids: Tensor, mask: Tensor, noise: Tensor | None = None) -> Tensor:
        """Return what the layers make of each token, shape (texts, tokens, hidden)."""
        x = self.norm(self.word(ids) + self.position.weight[: ids.shape[1]] + self.kind)
        bias = torch.zeros(mask.shape, dtype=x.dtype).masked_fill(~mask, FAR)[:, None, None, :]
        for at, layer in enumerate(self.layers):
            x = layer(x, bias, None if noise is None else noise[at])
        return x

    def freeze(self, count: int) -> None:
        """Let the lowest ``count`` layers learn nothing, nor what lies below them; with 0 all learn."""
        self.requires_grad_(True)
        if count:
            for module in (self.word, self.position, self.norm, *self.layers[:count]):
                module.requires_grad_(False)
            self.kind.requires_grad_(False)

    def noise_for(self, ids: Tensor) -> Tensor:
        """Return random bytes, shape (layers, 2, texts, tokens, hidden), that tell what the layers drop.

        Drawn eight at a time they take a tenth of the time that `torch.nn.functional.dropout` needs on these
        processors, which is a fifth of a step.
        """
        shape = (len(self.layers), 2, *ids.shape, self.word.embedding_dim)
        return (
            torch.empty(math.prod(shape) // 8, dtype=torch.int64).random_(-(2**63), None).view(torch.uint8).view(shape)
        )


class Filler(nn.Module):
    """A network with a head that tells which piece is hidden, by the network's own table of pieces."""

    def __init__(self, network: Network, shares: Tensor) -> None:
        """``shares`` are those of the pieces that may be hidden among all that the texts hold."""
        super().__init__()
        hidden = network.word.embedding_dim
        self.network = network
        self.heads = nn.ModuleDict({"dense": nn.Linear(hidden, hidden), "norm": nn.LayerNorm(hidden)})
        self.heads.register_parameter("usual", nn.Parameter(shares.log()))
        nn.init.eye_(self.heads["dense"].weight)
        nn.init.zeros_(self.heads["dense"].bias)

    def forward(self, states: Tensor, pieces: Tensor) -> Tensor:
        """Return the scores of ``pieces`` for the states of hidden ones, shape (hidden pieces, pieces)."""
        read = self.heads["norm"](functional.gelu(self.heads["dense"](states)))
        return read @ self.network.word(pieces).T * (FILLER_SCALE / math.sqrt(read.shape[1])) + self.heads.usual


def _dropout(x: Tensor, noise: Tensor | None) -> Tensor:
    """Return ``x`` without the numbers whose byte is low, the others larger (Srivastava et al. 2014)."""
    return x if noise is None else torch.where(noise >= DROPPED, x * (256 / (256 - DROPPED)), 0.0)


def _mean(x: Tensor, chosen: Tensor) -> Tensor:
    weights = chosen.float()[..., None]
    return (x * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


def tensors(tokens: Tokens) -> tuple[Tensor, ...]:
    """Return what the network takes."""
    return torch.from_numpy(tokens.ids), torch.from_numpy(tokens.mask), torch.from_numpy(tokens.marked)


def start_from(network: Network, base: BaseModel, kept: Sequence[int]) -> None:
    """Copy the weights of the base model into a network; ``kept`` are the pieces that its vocabulary keeps."""
    weights = base.weights()

    def tensor(name: str) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(weights[name]))

    with torch.no_grad():
        network.word.weight.copy_(tensor("word")[list(kept)])
        network.position.weight.copy_(tensor("position"))
        network.kind.copy_(tensor("type"))
        network.norm.weight.copy_(tensor("norm.w"))
        network.norm.bias.copy_(tensor("norm.b"))
        for at, layer in enumerate(network.layers):
            modules: dict[str, Any] = {name: getattr(layer, name) for name in ("ao", "aln", "fi", "fo", "oln")}
            for name, module in modules.items():
                module.weight.copy_(tensor(f"{at}.{name}.w"))
                module.bias.copy_(tensor(f"{at}.{name}.b"))
            layer.qkv.weight.copy_(torch.cat([tensor(f"{at}.{name}.w") for name in "qkv"]))
            layer.qkv.bias.copy_(torch.cat([tensor(f"{at}.{name}.b") for name in "qkv"]))
