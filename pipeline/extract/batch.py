"""Saved pages to articles, for ``diembao extract``."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from config.errors import InputError
from pipeline.extract.page import MAX_BYTES, parse_page
from pipeline.records import Page, Rejected

GZIP_MAGIC = b"\x1f\x8b"


def extract_files(
    paths: Iterable[Path], url: str | None = None, *, now: datetime
) -> Iterator[dict[str, Any] | InputError]:
    """Yield one row a file, in order: ``path, title, text, published_at, language, outlet``.

    ``published_at`` keeps the page's own offset; ``language`` is what the page declares, else empty. A file that cannot
    be read or is no page yields the error that names it, and the rest goes on. ``url``: the address the pages came
    from; without it each page's canonical link. Gzipped files are read as they are. ``now`` stands for the fetch.
    """
    for path in paths:
        try:
            yield _extract_file(path, url or "", now)
        except InputError as error:
            yield error


def _extract_file(path: Path, url: str, now: datetime) -> dict[str, Any]:
    page = Page(url=url, requested_url=url, status=200, content_type="", body=_read(path), fetched_at=now)
    parsed = parse_page(page)
    if isinstance(parsed, Rejected):
        raise InputError(f"extract.{parsed.reason}", path=path, detail=parsed.detail)
    article = parsed.article()
    return {
        "path": str(path),
        "title": article.title,
        "text": article.text,
        "published_at": article.published_raw,
        "language": article.language,
        "outlet": article.outlet,
    }


def _read(path: Path) -> bytes:
    """Return the file's bytes, unpacked; a packed file yields no more than a page may have."""
    try:
        with path.open("rb") as stream:
            packed = stream.read(2) == GZIP_MAGIC
            stream.seek(0)
            if not packed:
                return stream.read(MAX_BYTES + 1)
            with gzip.open(stream) as unpacked:
                return unpacked.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as exc:
        raise InputError("extract.unreadable", path=path, detail=exc) from exc
