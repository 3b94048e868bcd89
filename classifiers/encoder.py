"""The small multilingual encoder: one network that reads a window and answers every task at once.

A BERT of 12 layers (multilingual-e5-small, Wang et al. 2024, its vocabulary pruned) with one linear head a task over
the mean of all tokens beside the mean of the marked ones; int8 weights in ONNX, read on the processor.
`classifiers.training` makes the two files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from classifiers.linear import Floats
from classifiers.model_files import MODELS, checked_file
from classifiers.windows import Window
from config.errors import ModelError

NETWORK: Final = "encoder.onnx"
PIECES: Final = "encoder.tokenizer.json"
TASKS: Final = ("relevance", "tone", "bad_event", "topics")
"""The outputs of the network; each has its classes in alphabetical order, as the linear models do."""
MOST_TOKENS: Final = 88
"""Of one window, the two at its ends included; what is longer is cut."""
SLOWER: Final = ("SkipLayerNormFusion",)
"""A fusion of the runtime that takes six times as long as what it replaces."""
EXACT_SUMS: Final = "session.x64quantprecision"
"""On processors without VNNI sums of 8-bit products overflow unless this is set, and answers differ from other ones."""
VNNI: Final = frozenset({"avx512_vnni", "avx_vnni"})
"""Flags of processors that need no such setting: it takes two fifths of their speed, for the same answers."""
PROCESSORS: Final = Path("/proc/cpuinfo")
START: Final = 0
PADDING: Final = 1
END: Final = 2


@dataclass(frozen=True, slots=True)
class Tokens:
    """Windows as the network takes them, each array of shape (windows, longest window)."""

    ids: NDArray[np.int64]
    mask: NDArray[np.bool_]
    """True where a token stands."""
    marked: NDArray[np.bool_]
    """True where a token is part of a marked name."""


class Encoder:
    """Build it with ``Encoder.load()``; it may be used by several threads at once."""

    def __init__(self, session: onnxruntime.InferenceSession, tokenizer: Tokenizer) -> None:
        self._session = session
        self._tokenizer = tokenizer

    @classmethod
    def load(cls, folder: Path = MODELS) -> "Encoder":
        """Read the committed network, once a process. Raises ModelError naming the file that is missing or damaged."""
        return _load(folder)

    def read(self, windows: Sequence[Window]) -> dict[str, Floats]:
        """Return for each task its scores, not yet probabilities, of shape (windows, classes).

        Windows are read one by one: rounded numbers depend on all that is read at once, and what is said of a text must
        not depend on its neighbours.
        """
        answers = [self._answer(tokenize(self._tokenizer, [window])) for window in windows]
        return {task: np.concatenate([answer[at] for answer in answers]) for at, task in enumerate(TASKS)}

    def _answer(self, tokens: Tokens) -> Sequence[Floats]:
        given = {"ids": tokens.ids, "mask": tokens.mask, "marked": tokens.marked}
        answers: Sequence[Floats] = self._session.run(list(TASKS), given)
        return answers


def tokenize(tokenizer: Tokenizer, windows: Sequence[Window]) -> Tokens:
    """Return the tokens of some windows; training reads them in the same way."""
    encodings = tokenizer.encode_batch([window.text for window in windows], add_special_tokens=False)
    length = min(MOST_TOKENS, max(len(each.ids) for each in encodings) + 2)
    ids = np.full((len(windows), length), PADDING, np.int64)
    mask, marked = np.zeros(ids.shape, bool), np.zeros(ids.shape, bool)
    for row, (window, encoding) in enumerate(zip(windows, encodings, strict=True)):
        kept = encoding.ids[: length - 2]
        ids[row, : len(kept) + 2] = [START, *kept, END]
        mask[row, : len(kept) + 2] = True
        marked[row, 1 : len(kept) + 1] = [
            any(start < right and end > left for left, right in window.own)
            for start, end in encoding.offsets[: length - 2]
        ]
    return Tokens(ids, mask, marked)


@lru_cache(maxsize=2)
def _load(folder: Path) -> Encoder:
    pieces, network = checked_file(folder, PIECES), checked_file(folder, NETWORK)
    try:
        tokenizer = Tokenizer.from_buffer(pieces)
    except Exception as exc:  # the library raises a bare Exception
        raise ModelError("models.damaged", path=folder / PIECES, detail=exc) from exc
    try:
        session = onnxruntime.InferenceSession(
            network, _options(), providers=["CPUExecutionProvider"], disabled_optimizers=list(SLOWER)
        )
    except Exception as exc:  # as above, one class for each way to fail
        raise ModelError("models.damaged", path=folder / NETWORK, detail=exc) from exc
    return Encoder(session, tokenizer)


def adds_exactly(processors: Path = PROCESSORS) -> bool:
    """Return whether this processor is known to have VNNI; where nobody tells, it is taken for one without."""
    try:
        lines = processors.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not VNNI.isdisjoint(flags.split())


def _options() -> Any:
    """Return settings for one thread: an installation shares its cores between processes, not within a text."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if not adds_exactly():
        options.add_session_config_entry(EXACT_SUMS, "1")
    options.enable_cpu_mem_arena = False  # it keeps the largest batch it has ever seen
    return options
