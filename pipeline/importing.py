"""Items from a JSON Lines file (plain, gzip or xz), read with care: a bad line is set aside, the rest goes in."""

import gzip
import lzma
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from classifiers.batch import BadLine, read_items
from config.errors import InputError
from config.localtime import local_day
from pipeline.records import Item

GZIP_MAGIC = b"\x1f\x8b"
XZ_MAGIC = b"\xfd7zXZ\x00"
MAX_KEPT_BYTES = 100_000
"""Of a bad line; enough to see what it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAsideLine:
    """A line that is no item, with its place."""

    number: int
    """1-based."""
    reason: str
    """Key of the messages ``items``."""
    raw: bytes


@dataclass(slots=True, kw_only=True)
class ItemFile:
    """One file of items; ``bad`` and ``outside`` fill while it is read."""

    path: Path
    since: date | None = None
    """First local day of publication taken in."""
    until: date | None = None
    """Last local day taken in."""
    bad: list[SetAsideLine] = field(default_factory=list)
    outside: int = 0
    """Items published outside the days asked for."""

    def items(self) -> Iterator[Item]:
        """Yield the items to take in. Raises InputError when the file cannot be read."""
        number = 0
        try:
            with _open(self.path) as stream:
                for number, raw in enumerate(stream, start=1):
                    for found in read_items([raw]):
                        yield from self._accept(found, number, raw)
        except (OSError, EOFError, lzma.LZMAError, zlib.error) as exc:
            raise InputError("cli.unreadable_file", path=self.path, line=number, detail=exc) from exc

    def _accept(self, found: Item | BadLine, number: int, raw: bytes) -> Iterator[Item]:
        reason = found.reason if isinstance(found, BadLine) else _unfit(found)
        if reason:
            self.bad.append(SetAsideLine(number=number, reason=reason, raw=raw[:MAX_KEPT_BYTES]))
        elif isinstance(found, Item) and self._wanted(found):
            yield found
        else:
            self.outside += 1

    def _wanted(self, item: Item) -> bool:
        at = item.published_at or item.fetched_at
        day = local_day(at) if at else None
        return day is not None and (self.since or day) <= day <= (self.until or day)


def _unfit(item: Item) -> str:
    """An article without an address or a time has no place in the store."""
    if not item.url:
        return "no_url"
    if not (item.published_at or item.fetched_at):
        return "no_date"
    return ""


@contextmanager
def _open(path: Path) -> Iterator[Iterable[bytes]]:
    """Yield the lines of a file whose first bytes, or else its name, tell how it is packed."""
    with path.open("rb") as stream:
        head = stream.peek(len(XZ_MAGIC))
        if head.startswith(GZIP_MAGIC) or path.suffix == ".gz":
            with gzip.GzipFile(fileobj=stream) as unpacked:
                yield unpacked
        elif head.startswith(XZ_MAGIC) or path.suffix == ".xz":
            with lzma.LZMAFile(stream) as unpacked_xz:
                yield unpacked_xz
        else:
            yield stream
