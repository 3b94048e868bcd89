"""Which pieces of the base model's vocabulary the encoder keeps: what the languages of the press here need.

Four fifths of the base model are its 250,037 pieces. Those are kept that the texts of the data and the items in other
languages and place names of this project use, and the likeliest ones of each script that foreign papers write in; a
word whose piece is left out falls to smaller pieces of the same model.
"""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from classifiers.training.abroad import ABROAD
from classifiers.training.base import UNKNOWN, BaseModel
from classifiers.training.examples import FOREIGN, STREAM, stored_rows
from config.files import data_path

SPECIAL: Final = 4
"""Start, padding, end and unknown come first."""
SPACE: Final = "▁"
STREAM_TIMES: Final = 5
"""A piece of the unlabelled headlines is kept when it occurs so often."""
TEXT_TIMES: Final = 8
TEXT_CHARS: Final = 1500
LIKELIEST: Final = {
    "CJK": 6000,
    "HIRAGANA": 1000,
    "KATAKANA": 700,
    "HANGUL": 2500,
    "THAI": 1800,
    "LAO": 800,
    "KHMER": 900,
    "CYRILLIC": 2500,
    "LATIN": 9000,
    "OTHER": 600,
}
"""Script, as Unicode names begin, to how many of its pieces are kept for their probability alone."""
LETTERS_OF: Final = frozenset(LIKELIEST) - {"CJK", "OTHER"}
"""Scripts of which every single letter is kept."""
LIKELY_SIGN: Final = -16.0
"""Log probability from which a single sign of no script is kept."""
BATCH: Final = 2000

Pieces = Sequence[tuple[str, float]]


def build_tokenizer(pieces: Pieces) -> Tokenizer:
    """Return the unigram tokenizer of some pieces, the special ones first."""
    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    return tokenizer


def choose_pieces(base: BaseModel, data: Path) -> list[int]:
    """Return the ids of the pieces to keep, ascending; ``data`` is the folder of the labelled data."""
    tokenizer = build_tokenizer(base.pieces)
    kept = set(range(SPECIAL))
    kept |= _used(tokenizer, _rows(data / STREAM, "title", "summary"), STREAM_TIMES)
    kept |= _used(tokenizer, _rows(data / "gold/train.jsonl", "title", "summary"))
    for path in sorted((data / "fulltext").glob("*.jsonl.xz")):
        kept |= _used(tokenizer, (text[:TEXT_CHARS] for text in _rows(path, "text")), TEXT_TIMES)
    for name in ("rw-train", "rw-dev"):
        kept |= _used(tokenizer, _rows(data / f"newsmtsc/{name}.jsonl.xz", "sentence"))
    kept |= _used(tokenizer, _rows(data / FOREIGN, "title", "summary"))
    kept |= _used(tokenizer, ABROAD.read_text(encoding="utf-8").splitlines())
    for name in ("names", "landmarks"):
        kept |= _used(tokenizer, data_path(f"places/{name}.tsv").read_text(encoding="utf-8").splitlines())
    return sorted(kept | _likeliest(base.pieces) | _letters(base.pieces))


def _rows(path: Path, *fields: str) -> Iterator[str]:
    """Yield the texts of the rows of a file, their fields joined as in a window."""
    for row in stored_rows(path):
        yield ". ".join(row.get(field) or "" for field in fields)


def _used(tokenizer: Tokenizer, texts: Iterable[str], least: int = 1) -> set[int]:
    counts: Counter[int] = Counter()
    texts = iter(texts)
    while some := list(islice(texts, BATCH)):
        for encoding in tokenizer.encode_batch(some):
            counts.update(encoding.ids)
    return {piece for piece, times in counts.items() if times >= least}


def _likeliest(pieces: Pieces) -> set[int]:
    by_script: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    for at, (piece, score) in enumerate(pieces[SPECIAL:], start=SPECIAL):
        by_script[_script(piece)].append((score, at))
    return {at for script, most in LIKELIEST.items() for _, at in sorted(by_script[script], reverse=True)[:most]}


def _letters(pieces: Pieces) -> set[int]:
    return {
        at
        for at, (piece, score) in enumerate(pieces)
        if len(piece.replace(SPACE, "")) <= 1
        and (_script(piece) in LETTERS_OF or (_script(piece) == "OTHER" and score > LIKELY_SIGN))
    }


def _script(piece: str) -> str:
    for letter in piece.replace(SPACE, ""):
        if letter.isalpha() or unicodedata.category(letter).startswith("M"):
            return unicodedata.name(letter, "").split(" ")[0]
    return "OTHER"
