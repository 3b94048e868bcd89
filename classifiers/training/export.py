"""From the trained network to the two files that are read in use: ONNX with int8 weights, and its tokenizer.

Rounded to 8 bits, what a few channels and a few tokens hold drowns the rest. Before the export the weights therefore
take over a part of the range of the activations, channel by channel (SmoothQuant, Xiao et al. 2023), and what goes into
the product where single tokens reach furthest is brought to one range, token by token (as ZeroQuant does, Yao et al.
2022): the same sums, a quarter of the error of rounding.
"""

import copy
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from classifiers.encoder import NETWORK, PIECES, TASKS, tokenize
from classifiers.training.network import Network, tensors
from classifiers.windows import Window

OPSET: Final = 20
"""The first that has Gelu as one operator, a twelfth faster than its parts."""
QUANTISED: Final = ("MatMul", "Gemm")
"""By the runtime's own means; for the table of pieces these know one range for all."""
LARGEST: Final = 127
"""Of a number of 8 bits."""
SMOOTHED: Final = ("qkv", "ao", "fi", "fo")
"""The products of a layer."""
UNEVEN: Final = ("fo",)
"""Those of them that tokens come to with ranges far apart. For the others it gains less than the time it takes."""
SMOOTHING: Final = 0.65
"""Share of the range of a channel that the weights take over; 1: all of it."""
LEAST_RANGE: Final = 1e-5
LEAST_FACTOR: Final = 1e-3
READ_AT_ONCE: Final = 16


def export(network: Network, tokenizer: Tokenizer, sample: Sequence[Window]) -> dict[str, bytes]:
    """Return file name to content. Weights are rounded to 8 bits a channel, activations as they come (dynamic).

    ``sample`` are a few hundred windows as they are met in use; they show the ranges of the activations.
    """
    with tempfile.TemporaryDirectory() as folder:
        exact, rounded = Path(folder) / "exact.onnx", Path(folder) / "rounded.onnx"
        network = smoothed(network, tokenizer, sample)
        network.register_module("word", Table(network.word.weight))
        _write(network, exact)
        quantize_dynamic(
            exact, rounded, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=list(QUANTISED)
        )
        model = onnx.load(rounded)
        model.doc_string = ""
        model.producer_name = ""
        graph = model.graph
        for part in (graph.node, graph.value_info, graph.input, graph.output, graph.initializer):
            for each in part:
                each.ClearField("metadata_props")  # lines and folders of the code that it was exported from
        return {NETWORK: model.SerializeToString(deterministic=True), PIECES: tokenizer.to_str().encode()}


def smoothed(network: Network, tokenizer: Tokenizer, sample: Sequence[Window]) -> Network:
    """Return a network that says the same and is rounded with less loss."""
    network = copy.deepcopy(network)
    products = [(layer, name) for layer in network.layers for name in SMOOTHED]
    for (layer, name), peak in zip(products, _peaks(network, products, tokenizer, sample), strict=True):
        product: nn.Linear = getattr(layer, name)
        with torch.no_grad():
            own = product.weight.abs().amax(dim=0).clamp(min=LEAST_RANGE)
            factor = (peak.clamp(min=LEAST_RANGE) ** SMOOTHING / own ** (1 - SMOOTHING)).clamp(min=LEAST_FACTOR)
            product.weight.mul_(factor)
        setattr(layer, name, Scaled(product, 1 / factor, even=name in UNEVEN))
    return network


def _peaks(
    network: Network, products: Sequence[tuple[nn.Module, str]], tokenizer: Tokenizer, sample: Sequence[Window]
) -> list[Tensor]:
    """Return for each product the largest value that comes in, a channel."""
    peaks: list[Tensor] = [torch.zeros(getattr(layer, name).in_features) for layer, name in products]

    def watch(at: int) -> Any:
        def note(_module: nn.Module, given: tuple[Tensor, ...], _result: Tensor) -> None:
            peaks[at] = torch.maximum(peaks[at], given[0].abs().amax(dim=(0, 1)))

        return note

    watched = [getattr(layer, name).register_forward_hook(watch(at)) for at, (layer, name) in enumerate(products)]
    with torch.no_grad():
        for at in range(0, len(sample), READ_AT_ONCE):
            network(*tensors(tokenize(tokenizer, sample[at : at + READ_AT_ONCE])))
    for each in watched:
        each.remove()
    return peaks


class Table(nn.Module):
    """A table of 8 bits a number, with one scale a row."""

    rounded: Tensor
    scale: Tensor

    def __init__(self, exact: Tensor) -> None:
        super().__init__()
        scale = exact.detach().abs().amax(dim=1, keepdim=True).clamp(min=LEAST_RANGE) / LARGEST
        self.register_buffer("scale", scale)
        self.register_buffer("rounded", (exact.detach() / scale).round().to(torch.int8))

    def forward(self, ids: Tensor) -> Tensor:
        """Return the rows of some ids, shape (…, columns)."""
        return self.rounded[ids].float() * self.scale[ids]


class Scaled(nn.Module):
    """A product whose input is scaled, channel by channel.

    ``even``: then token by token, too, so that all have one range while they are rounded.
    """

    factor: Tensor

    def __init__(self, product: nn.Linear, factor: Tensor, *, even: bool) -> None:
        super().__init__()
        self.product = product
        self.register_buffer("factor", factor)
        self.even = even

    def forward(self, x: Tensor) -> Tensor:
        """Return the product of the scaled input, shape (…, outputs)."""
        x = x * self.factor
        if not self.even:
            return functional.linear(x, self.product.weight, self.product.bias)
        peak = x.abs().amax(dim=-1, keepdim=True).clamp(min=LEAST_RANGE)
        return functional.linear(x / peak, self.product.weight) * peak + self.product.bias


def _write(network: Network, path: Path) -> None:
    texts, tokens = torch.export.Dim("texts"), torch.export.Dim("tokens")
    ids = torch.full((2, 16), 4)
    mask, marked = torch.ones(2, 16, dtype=torch.bool), torch.zeros(2, 16, dtype=torch.bool)
    marked[0, 3:5] = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter, about its own names
        program = torch.onnx.export(
            Answers(network),
            (ids, mask, marked),
            dynamo=True,
            dynamic_shapes=({0: texts, 1: tokens},) * 3,
            input_names=["ids", "mask", "marked"],
            output_names=list(TASKS),
            opset_version=OPSET,
            verbose=False,
        )
        program.optimize()
        program.save(str(path), external_data=False)


class Answers(nn.Module):
    """The heads that are read in use, without those for training."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network.eval()

    def forward(self, ids: Tensor, mask: Tensor, marked: Tensor) -> tuple[Tensor, ...]:
        """Return the scores of each task."""
        scores: tuple[Tensor, ...] = self.network(ids, mask, marked)
        return scores[: len(TASKS)]
