"""The files of a folder of models: each is named in ``manifest.json`` with its size and SHA-256.

Whoever reads a model asks here for its bytes, so that a missing or damaged file is a clear error at the start and never
a strange judgement later.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Collection, Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from config.errors import ModelError

MODELS: Final = Path(__file__).parent / "models"
"""The committed models."""
MANIFEST: Final = "manifest.json"
DIGEST_CHARS: Final = 12

STORY_WEIGHTS: Final = "stories.json"
STORY_RARITIES: Final = "rarity.npz"
STORY_FILES: Final = frozenset({STORY_WEIGHTS, STORY_RARITIES})
"""What `classifiers.stories` reads; judgements of single articles do not depend on it."""


def checked_file(folder: Path, name: str) -> bytes:
    """Return the content of one model file. Raises ModelError when it is missing or not the one of the manifest."""
    path = folder / name
    expected = _manifest(folder).get(name)
    try:
        content = path.read_bytes()
    except OSError as exc:
        raise ModelError("models.no_file", path=path) from exc
    if expected is None:
        raise ModelError("models.damaged", path=path, detail="manifest.json does not name it")
    if _sha256(content) != expected:
        raise ModelError("models.damaged", path=path, detail="its SHA-256 is not that of manifest.json")
    return content


def check_files(folder: Path = MODELS) -> None:
    """Read every file that the manifest names. Raises ModelError for one that is missing or damaged."""
    for name in _manifest(folder):
        checked_file(folder, name)


def models_digest(folder: Path = MODELS, *, without: Collection[str] = ()) -> str:
    """Return what tells these models from others: other weights mean other judgements. Raises ModelError.

    ``without`` names files that have no part in the judgements.
    """
    kept = {name: digest for name, digest in _manifest(folder).items() if name not in without}
    return _sha256(json.dumps(kept, sort_keys=True).encode())[:DIGEST_CHARS]


def write_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write model files and name them in the manifest, which keeps the files that it named before."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        manifest[name] = {"bytes": len(content), "sha256": _sha256(content)}
    path.write_text(json.dumps(dict(sorted(manifest.items())), indent=1) + "\n", encoding="utf-8")
    _manifest.cache_clear()


def packed_arrays(**arrays: NDArray[Any]) -> bytes:
    """Return the content of an npz file."""
    buffer = BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def read_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """Return what `packed_arrays` packed. Raises ValueError when it is something else, or damaged."""
    try:
        with np.load(BytesIO(content), allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (zipfile.BadZipFile, zlib.error, EOFError) as exc:
        raise ValueError(str(exc)) from exc


@lru_cache(maxsize=4)
def _manifest(folder: Path) -> Mapping[str, str]:
    """Return file name to SHA-256."""
    path = folder / MANIFEST
    try:
        return {str(name): str(each["sha256"]) for name, each in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ModelError("models.no_manifest", path=path, detail=exc) from exc


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
