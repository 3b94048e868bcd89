"""Looking after an installation: what is let go in time, a backup, and the way back from it.

A backup is one plain tar file, which any tool opens: ``manifest.json`` first, then the settings and catalogues of the
home folder, editors' drafts, ``store.sqlite.xz``, the inbox (its segments are compressed already) and the issued
digests. The search index is not in it; it is built anew.
"""

import json
import lzma
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from sqlalchemy import make_url

from config.errors import InputError, StoreError, UsageError
from config.settings import RetentionSettings, load_settings
from crawlers.inbox import read_segment, segments, written_at
from pipeline.store import Store

log = structlog.get_logger()

FORMAT = 1
"""Of a backup."""
MANIFEST = "manifest.json"
PACKED_STORE = "store.sqlite.xz"
STORE_FILE = "store.sqlite"
INBOX = "inbox"
KEPT = ("*.yaml", "drafts/*", f"{INBOX}/*", "digests/**/*")
"""What of the home folder belongs to a backup, beside the store."""
SCRATCH = "diembao-unfinished-"
"""Begins the names of folders that a killed backup leaves behind."""
XZ_PRESET = 1
"""The store is mostly text: level 1 takes most of the gain in a tenth of the time of the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeReport:
    """What a purge let go."""

    segments: int
    """Inbox files."""
    texts: int
    """Full texts, those of older versions included."""


def purge(
    store: Store,
    retention: RetentionSettings,
    inbox_folder: Path,
    now: datetime,
    *,
    targets: Sequence[str] = ("embedded",),
    index_all: bool = False,
) -> PurgeReport:
    """Apply the retention settings; safe to repeat. What `drain_outbox` does next takes the texts out of the index.

    An inbox segment goes when it is old and everything in it lies in the store; one that was never processed stays.
    """
    pages_before = now - timedelta(days=retention.inbox_days)
    texts_before = now - timedelta(days=retention.text_days)
    old = [path for path in segments(inbox_folder) if written_at(path) < pages_before and _processed(store, path)]
    for path in old:
        path.unlink()
        log.info("segment_purged", segment=path.name)
    store.forget_segments([path.name for path in old])
    texts = store.purge_texts(texts_before, targets=targets, index_all=index_all)
    store.purge_log(texts_before)
    store.purge_runs(pages_before)
    store.purge_set_aside(pages_before)
    store.purge_payloads(pages_before)
    return PurgeReport(segments=len(old), texts=texts)


def backup(home: Path, store: Store, folder: Path, now: datetime, *, whole_inbox: bool = True) -> Path:
    """Write ``diembao-<instant>.tar`` into a folder and return its path.

    Without ``whole_inbox`` the segments stay out of which everything lies in the store. The caller holds the
    installation's lock: no crawl may add to the inbox meanwhile.
    Raises StoreError for a store on PostgreSQL, and when the disk does not take it.
    """
    target = folder / f"diembao-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix=SCRATCH) as scratch:
            packed = _pack_store(store, Path(scratch))
            chosen = (path for path in _kept(home) if whole_inbox or not _is_read(store, path))
            files = {PACKED_STORE: packed} | {path.relative_to(home).as_posix(): path for path in chosen}
            manifest, partial = Path(scratch) / MANIFEST, Path(scratch) / target.name
            manifest.write_text(json.dumps(_manifest(files, now), ensure_ascii=False, indent=1), encoding="utf-8")
            with tarfile.open(partial, "w") as tar:
                for name, path in ({MANIFEST: manifest} | files).items():
                    tar.add(path, arcname=name, recursive=False)
            partial.rename(target)
    except OSError as exc:
        raise StoreError("housekeeping.cannot_write", path=target, reason=exc.strerror or exc) from exc
    return target


def restore(archive: Path, home: Path) -> None:
    """Unpack a backup into a home folder that is empty or does not exist yet; whole, or not at all.

    The store goes where the settings in the backup want it. Raises InputError for a file that is no whole backup, and
    UsageError rather than write over anything.
    """
    if home.exists() and any(home.iterdir()):
        raise UsageError("housekeeping.home_not_empty", home=home)
    home.parent.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=home.parent) as scratch:
            unpacked = Path(scratch) / "home"
            _unpack(archive, unpacked)
            elsewhere = _store_elsewhere(unpacked)
            if elsewhere:
                shutil.move(unpacked / STORE_FILE, elsewhere)
            unpacked.rename(home)  # replaces an empty folder
    except (tarfile.TarError, lzma.LZMAError, EOFError, ValueError, KeyError) as exc:
        raise InputError("housekeeping.not_a_backup", path=archive) from exc
    except OSError as exc:
        raise InputError("housekeeping.cannot_restore", path=archive, home=home, reason=exc.strerror or exc) from exc


def _processed(store: Store, segment: Path) -> bool:
    """Return whether nothing is left to read after what the store has of a segment."""
    offset = store.segment_progress(segment.name)
    return offset > 0 and next(read_segment(segment, offset=offset), None) is None


def _is_read(store: Store, path: Path) -> bool:
    return path.parent.name == INBOX and path.suffix == ".gz" and _processed(store, path)


def _kept(home: Path) -> Iterator[Path]:
    return (path for pattern in KEPT for path in sorted(home.glob(pattern)) if path.is_file())


def _pack_store(store: Store, scratch: Path) -> Path:
    copy, packed = scratch / STORE_FILE, scratch / PACKED_STORE
    store.copy_to(copy)
    with copy.open("rb") as plain, lzma.open(packed, "wb", preset=XZ_PRESET) as stream:
        shutil.copyfileobj(plain, stream)
    copy.unlink()
    return packed


def _manifest(files: dict[str, Path], now: datetime) -> dict[str, Any]:
    sizes = {name: path.stat().st_size for name, path in files.items()}
    return {"diembao_backup": FORMAT, "created_at": now.astimezone(UTC).isoformat(), "files": sizes}


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack into a new folder. Raises ValueError, KeyError and what the libraries raise when it is no whole backup."""
    folder.mkdir()
    with tarfile.open(archive, "r:") as tar:
        tar.extractall(folder, filter="data")  # the filter refuses paths that lead out, links and devices
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    if manifest["diembao_backup"] != FORMAT:
        raise ValueError(manifest["diembao_backup"])
    for name, size in manifest["files"].items():
        path = folder / name
        if not path.is_file() or path.stat().st_size != size:
            raise ValueError(name)
    with lzma.open(folder / PACKED_STORE) as packed, (folder / STORE_FILE).open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    (folder / PACKED_STORE).unlink()
    (folder / MANIFEST).unlink()


def _store_elsewhere(unpacked: Path) -> Path | None:
    """Return where the settings want the store; None for its usual place in the home folder."""
    url = load_settings(unpacked).store.url
    if not url:
        return None
    database = make_url(url).database if url.startswith("sqlite") else None
    if not database or Path(database).exists():
        raise UsageError("housekeeping.store_in_the_way", url=url)
    return Path(database)
