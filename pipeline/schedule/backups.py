"""Which backups to keep: the latest of each of the last days, and of each of the last weeks."""

import re
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from config.localtime import local_day
from pipeline.housekeeping import SCRATCH

NAME = re.compile(r"diembao-(\d{8}T\d{6}Z)\.tar")
"""As `pipeline.housekeeping.backup` names them; whatever else lies in the folder is not ours."""


def kept(names: Iterable[str], *, daily: int, weekly: int) -> frozenset[str]:
    """Return the backups to keep of these: the latest of each of the last ``daily`` days and ``weekly`` weeks.

    Local days, and weeks from Monday to Sunday, of which there is any.
    """
    newest_first = sorted((name for name in names if NAME.fullmatch(name)), reverse=True)
    days: dict[object, str] = {}
    weeks: dict[object, str] = {}
    for name in newest_first:
        day = local_day(_made_at(name))
        days.setdefault(day, name)
        weeks.setdefault(day.isocalendar()[:2], name)
    return frozenset([*list(days.values())[:daily], *list(weeks.values())[:weekly]])


def rotate(folder: Path, *, daily: int, weekly: int) -> list[Path]:
    """Delete the backups of a folder that need not be kept, and what killed ones left; return the backups deleted.

    The caller holds the installation alone, so that no backup is being made.
    """
    backups = [path for path in sorted(folder.iterdir()) if NAME.fullmatch(path.name)]
    keep = kept((path.name for path in backups), daily=daily, weekly=weekly)
    gone = [path for path in backups if path.name not in keep]
    for path in gone:
        path.unlink()
    for scratch in folder.glob(f"{SCRATCH}*"):
        shutil.rmtree(scratch)
    return gone


def _made_at(name: str) -> datetime:
    found = NAME.fullmatch(name)
    assert found is not None  # noqa: S101 - only such names come here
    return datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
