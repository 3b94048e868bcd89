"""From the trained network to the two files that are read in use: ONNX with int8 weights, and its tokenizer."""

import tempfile
import warnings
from pathlib import Path
from typing import Final

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from classifiers.encoder import NETWORK, PIECES, TASKS
from classifiers.training.network import Network

OPSET: Final = 18
QUANTISED: Final = ("MatMul", "Gather", "Gemm")


def export(network: Network, tokenizer: Tokenizer) -> dict[str, bytes]:
    """Return file name to content. Weights are rounded to 8 bits a channel, activations as they come (dynamic)."""
    with tempfile.TemporaryDirectory() as folder:
        exact, rounded = Path(folder) / "exact.onnx", Path(folder) / "rounded.onnx"
        _write(network, exact)
        quantize_dynamic(
            exact, rounded, per_channel=True, weight_type=QuantType.QInt8, op_types_to_quantize=list(QUANTISED)
        )
        model = onnx.load(rounded)
        model.doc_string = ""
        model.producer_name = ""
        return {NETWORK: model.SerializeToString(deterministic=True), PIECES: tokenizer.to_str().encode()}


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


class Answers(torch.nn.Module):
    """The heads that are read in use, without those for training."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network.eval()

    def forward(self, ids: torch.Tensor, mask: torch.Tensor, marked: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the scores of each task."""
        scores: tuple[torch.Tensor, ...] = self.network(ids, mask, marked)
        return scores[: len(TASKS)]
