"""What a fetched document does to the stored one: pure decisions, taken row by row.

- A newer fetch wins; an older one, or one of the same instant that says something else, changes nothing. So importing
  or replaying the same things again, in any order, ends in the same store.
- Another title, lead or text is an edit: a new version. The first full text of a known headline is no edit.
- A headline without text (a feed, an import) never blanks a stored text.
- The same text with other labels (reprocessing) is an update without a new version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What the decision needs to know of a stored document."""

    version: int
    fetched_at: datetime
    """When the first version was fetched."""
    text_fetched_at: datetime
    """When the version held was fetched."""
    headline_hash: str
    text_hash: str
    """Empty: never had a full text."""
    record_hash: str
    annotator_units: str | None
    annotator_version: str | None
    has_text: bool
    """False also when the text was purged."""
    assessed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to write for one document."""

    kind: Literal["new", "changed", "unchanged"]
    values: Mapping[str, Any] = field(default_factory=dict)
    """Columns to write; empty: nothing."""
    archive: bool = False
    """Keep the stored title, lead and text as an older version first."""


STAMP = ("annotator_units", "annotator_version")


def decide(held: Held | None, row: Mapping[str, Any]) -> Decision:
    """Return what a document (`pipeline.store.rows.to_row`) does to the one held under its id."""
    if held is None:
        return Decision(kind="new", values=row)
    first_fetch = _first_fetch(held, row)
    headline_only = held.has_text and not row["text"]
    same_headline = row["headline_hash"] == held.headline_hash
    same_content = same_headline and (headline_only or row["text_hash"] == held.text_hash)
    completes = same_headline and bool(row["text"]) and not held.text_hash
    purged = bool(held.text_hash) and not held.has_text
    if purged and same_headline and not row["text"]:
        same_content = True  # relabelling what is left of a purged document
    newer = row["text_fetched_at"] - held.text_fetched_at
    if newer.total_seconds() < 0 or (not newer and not same_content and not completes):
        return Decision(kind="unchanged", values=first_fetch)
    if same_content:
        return _same_content(held, row, first_fetch, repeats_headline=headline_only)
    values = {name: value for name, value in row.items() if name not in ("id", "version", "fetched_at")} | first_fetch
    if headline_only or (purged and not row["text"]):
        for name in ("text", "text_hash"):
            del values[name]
        # The labels were made without the text that is kept: have them made again.
        values |= dict.fromkeys(STAMP)
    if completes:
        return Decision(kind="changed", values=values)
    return Decision(kind="changed", values=values | {"version": held.version + 1}, archive=True)


def _same_content(
    held: Held, row: Mapping[str, Any], first_fetch: Mapping[str, Any], *, repeats_headline: bool
) -> Decision:
    later = dict(first_fetch)
    if row["text_fetched_at"] > held.text_fetched_at:
        later["text_fetched_at"] = row["text_fetched_at"]
    if repeats_headline:
        return Decision(kind="unchanged", values=later)
    if row["record_hash"] == held.record_hash:
        stamp = {name: row[name] for name in STAMP if row[name] != getattr(held, name)}
        return Decision(kind="unchanged", values=later | stamp)
    kept = ("id", "version", "fetched_at", "text", "text_hash", "text_fetched_at")
    return Decision(kind="changed", values={name: value for name, value in row.items() if name not in kept} | later)


def _first_fetch(held: Held, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"fetched_at": row["fetched_at"]} if row["fetched_at"] < held.fetched_at else {}
