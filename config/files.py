"""Where the packaged data files are."""

from importlib.resources import files
from pathlib import Path

DATA_ROOT = Path(str(files("config")))


def data_path(relative: str) -> Path:
    """Return the path of a packaged data file, such as ``places/units.tsv``.

    Raises FileNotFoundError when the installation lacks it.
    """
    path = DATA_ROOT / relative
    if not path.exists():
        raise FileNotFoundError(f"{path}: this data file is missing; reinstall diembao")
    return path
