"""Where editors' drafts lie: ``HOME/drafts``, one YAML file an edition, read when the edition is issued."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from config.errors import DraftError
from pipeline.digest.draft import parse_draft
from pipeline.digest.editing import Edits
from pipeline.digest.period import Period
from pipeline.digest.ranking import SECTION_CAPS
from pipeline.records import Digest

FOLDER = "drafts"
BACKUP_SUFFIX = ".bak"
FRESH_SUFFIX = ".new"
"""Of a file that is being written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDraft:
    """A draft that lies ready for its editor."""

    path: Path
    new_items: int | None
    """Items that came since it was written and were put in, what was edited kept; None: it is a new draft."""


def edition_name(province: str, period: Period) -> str:
    """Return ``cao-bang.2026-03-05``, or ``cao-bang.2026-03-05.foreign-weekly``."""
    name = f"{province}.{period.last.isoformat()}"
    return name if period.kind == "daily" else f"{name}.{period.name}"


def draft_path(home: Path, province: str, period: Period) -> Path:
    return home / FOLDER / f"{edition_name(province, period)}.yaml"


def read_draft(home: Path, province: str, period: Period) -> Edits | None:
    """Return what the edition's editor asks for; None when there is no draft. Raises DraftError."""
    path = draft_path(home, province, period)
    try:
        text = path.read_text(encoding="utf-8")
        saved_at = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(microsecond=0)
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as exc:
        raise DraftError("draft.not_yaml", place=path, line="?") from exc
    return parse_draft(text, place=str(path), edition=edition_name(province, period), edited_at=saved_at)


def write_draft(path: Path, digest: Digest, edits: Edits | None, text: str) -> WrittenDraft:
    """Write the draft ``text`` of ``digest``, which was built with ``edits``, unless the file has all its items.

    A file that lacks some is kept beside the new one, with ``.bak`` after its name. The new one keeps its time, which
    says when the editor last saved; at no moment is there none.
    """
    missing = None if edits is None else missing_items(digest, edits)
    if missing == 0:
        return WrittenDraft(path=path, new_items=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + FRESH_SUFFIX)
    fresh.write_text(text, encoding="utf-8")
    if edits:
        shutil.copy2(path, path.with_name(path.name + BACKUP_SUFFIX))
        shutil.copystat(path, fresh)
    fresh.replace(path)
    return WrittenDraft(path=path, new_items=missing)


def missing_items(digest: Digest, edits: Edits) -> int:
    """Count the items that would be printed and that the draft does not list."""
    listed = {entry.id for entries in edits.sections.values() for entry in entries}
    printed = (item for section in digest.sections for item in section.items[: SECTION_CAPS[digest.kind]])
    return sum(item.id not in listed for item in printed)
