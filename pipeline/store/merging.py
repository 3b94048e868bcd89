"""What a fetched document does to the stored one: pure decisions, taken row by row.

- A newer fetch wins; an older one, or one of the same instant that says something else, changes nothing. So importing
  or replaying the same things again, in any order, ends in the same store.
- Another title, lead or text is an edit: a new version. The first full text of a known headline, or of a fetch that
  was read for its headline only, is no edit; it is taken whenever it comes.
- A headline without text (a feed, an import) never blanks a stored text.
- The same text with other labels (reprocessing) is an update without a new version.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
    outdated: bool = False
    """It says something else than what is held and is not newer: what it says was not taken."""


NO_TIME = timedelta()
STAMP = ("annotator_units", "annotator_version")


def decide(held: Held | None, row: Mapping[str, Any]) -> Decision:
    """Return what a document (`pipeline.store.rows.to_row`) does to the one held under its id."""
    if held is None:
        return Decision(kind="new", values=row)
    first_fetch = _first_fetch(held, row)
    age = row["text_fetched_at"] - held.text_fetched_at
    same_headline = row["headline_hash"] == held.headline_hash
    # The same headline, or the same fetch read whole after it had been read for other provinces.
    if row["text"] and not held.text_hash and (same_headline or age == NO_TIME):
        return Decision(kind="changed", values=_replaced(row) | first_fetch | _last_fetch(held, row))
    headline_only = bool(held.text_hash) and not row["text"]
    same_content = same_headline and (headline_only or row["text_hash"] == held.text_hash)
    if age < NO_TIME or (age == NO_TIME and not same_content):
        return Decision(kind="unchanged", values=first_fetch, outdated=not same_content)
    if same_content:
        # A purged text leaves a headline to be labelled; a kept one has labels that saw more than this headline.
        return _same_content(held, row, first_fetch, labels_count=not (headline_only and held.has_text))
    values = _replaced(row) | first_fetch | {"version": held.version + 1}
    if headline_only:
        del values["text"], values["text_hash"]
        # The labels were made without the text that is kept: have them made again.
        values |= dict.fromkeys(STAMP)
    return Decision(kind="changed", values=values, archive=True)


def _same_content(
    held: Held, row: Mapping[str, Any], first_fetch: Mapping[str, Any], *, labels_count: bool
) -> Decision:
    later = dict(first_fetch)
    if row["text_fetched_at"] > held.text_fetched_at:
        later |= _last_fetch(held, row)
    if not labels_count:
        return Decision(kind="unchanged", values=later)
    if row["record_hash"] == held.record_hash:
        stamp = {name: row[name] for name in STAMP if row[name] != getattr(held, name)}
        return Decision(kind="unchanged", values=later | stamp)
    values = _replaced(row)
    for name in ("text", "text_hash", "text_fetched_at"):
        del values[name]
    return Decision(kind="changed", values=values | later)


def _replaced(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("id", "version", "fetched_at")}


def _last_fetch(held: Held, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"text_fetched_at": max(held.text_fetched_at, row["text_fetched_at"])}


def _first_fetch(held: Held, row: Mapping[str, Any]) -> dict[str, Any]:
    return {"fetched_at": row["fetched_at"]} if row["fetched_at"] < held.fetched_at else {}
