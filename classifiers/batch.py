"""The JSON Lines of the batch commands: lines in to items, annotations out to rows."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from classifiers.topics import sensitive
from config.localtime import LOCAL_ZONE, QUARTER, nearest_offset
from pipeline.records import Annotation, Item

SCORE_DIGITS: Final = 4

Row = TypeVar("Row")

TEXTS: Final = ("title", "summary", "text", "url", "outlet", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that holds no item; the others go on."""

    number: int
    """1-based, of the line in the file."""
    reason: str
    """Key of ``messages/items.*.yaml``: not_utf8, not_json, not_an_object, no_id, no_title, not_a_text, bad_date;
    of labelled items also those of `classifiers.labelled`."""


class BadValueError(Exception):
    """Carries the reason of one bad line."""


def read_items(stream: Iterable[bytes | str]) -> Iterator[Item | BadLine]:
    """Yield an item, or what is wrong, for each line; blank lines and a byte order mark are skipped.

    A line is an object with ``id``, ``title`` and any of ``summary``, ``text``, ``url``, ``outlet``, ``language``,
    ``published_at``, ``fetched_at`` (ISO 8601, a bare date, empty or absent), ``section`` or ``sections``. Without
    an ``id`` the ``url`` stands for it.
    """
    return read_rows(stream, read_item)


def read_rows(stream: Iterable[bytes | str], read: Callable[[Mapping[str, Any]], Row]) -> Iterator[Row | BadLine]:
    """Yield what ``read`` makes of the object of each line, or what is wrong; it raises BadValueError for the latter.

    Blank lines and a byte order mark are skipped.
    """
    for number, line in enumerate(stream, start=1):
        try:
            text = line.decode("utf-8") if isinstance(line, bytes) else line
            text = text.strip("\ufeff \t\r\n")
            if text:
                row = json.loads(text)
                if not isinstance(row, Mapping):
                    raise BadValueError("not_an_object")
                yield read(row)
        except UnicodeDecodeError:
            yield BadLine(number=number, reason="not_utf8")
        except (ValueError, RecursionError):
            yield BadLine(number=number, reason="not_json")
        except BadValueError as exc:
            yield BadLine(number=number, reason=str(exc))


def annotation_row(item: Item, annotation: Annotation) -> dict[str, Any]:
    """Return the line of ``diembao annotate`` for one item, ready for `json.dumps`."""
    return {
        "id": item.id,
        "language": annotation.language,
        "topics": [
            {"id": topic.id, "score": round(topic.score, SCORE_DIGITS)}
            | ({"sensitive": True} if sensitive(topic.id) else {})
            for topic in annotation.topics
        ],
        "bad_event": annotation.bad_event,
        "units": [
            {
                "unit": found.unit,
                "current": found.current,
                "relevance": found.relevance,
                "score": round(found.score, SCORE_DIGITS),
                "tone": found.tone,
                "tone_score": None if found.tone_score is None else round(found.tone_score, SCORE_DIGITS),
                "evidence": list(found.evidence),
                "matched": list(found.matched),
            }
            for found in annotation.assessments
        ],
    }


def read_item(row: Mapping[str, Any]) -> Item:
    """Return the item of one row. Raises BadValueError."""
    texts = {name: _text(row, name) for name in TEXTS}
    key = row.get("id")
    if key in (None, ""):
        key = texts["url"].strip()
    if isinstance(key, bool) or not isinstance(key, str | int) or key == "":
        raise BadValueError("no_id")
    if not texts["title"].strip():
        raise BadValueError("no_title")
    return Item(
        id=str(key),
        published_at=_instant(row, "published_at"),
        fetched_at=_instant(row, "fetched_at"),
        section=_section(row),
        **texts,
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadValueError("not_a_text")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate, legal in JSON, cannot be written again
        return value.encode("utf-8", "replace").decode("utf-8")
    return value


def _section(row: Mapping[str, Any]) -> str:
    sections = row.get("sections")
    if isinstance(sections, list) and sections and isinstance(sections[0], str):
        return sections[0]
    return _text(row, "section")


def _instant(row: Mapping[str, Any], name: str) -> datetime | None:
    raw = _text(row, name).strip()
    if not raw:
        return None
    try:
        moment = datetime.fromisoformat(raw)
        offset = moment.utcoffset()
        if offset is None:
            return moment.replace(tzinfo=LOCAL_ZONE).astimezone(UTC)
        if offset % QUARTER:
            moment = moment.replace(tzinfo=nearest_offset(offset))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise BadValueError("bad_date") from exc
