"""A digest as the JSON object ``digest.json`` (version 1), and back.

The schema lies in ``dashboards/digest/digest.schema.json``. Instants carry Vietnam's offset. A sealed digest is kept as
this object, and what is rebuilt from it renders to the same bytes: keys that came later are left out where they say
nothing, for editions sealed before them must stay as they are.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from config.errors import StoreError
from config.localtime import LOCAL_ZONE
from pipeline.records import (
    Copy,
    Coverage,
    DayCount,
    Digest,
    DigestAlert,
    DigestCounts,
    DigestEvent,
    DigestItem,
    DigestSection,
    EditedText,
    EditorsPart,
    Excerpt,
    FailedSource,
    LeftOut,
    OutletTone,
    TopicCount,
)

FACTS_VERSION = 1

COUNT_KEYS = (
    "total",
    "positive",
    "neutral",
    "negative",
    "articles",
    "stories",
    "outlets",
    "foreign",
    "previous_day",
    "mean_28d",
)
TONE_KEYS = ("positive", "neutral", "negative")


def facts_of(digest: Digest) -> dict[str, Any]:
    """Return the digest as plain JSON values, keys in a fixed order."""
    coverage = digest.coverage
    return {
        "version": FACTS_VERSION,
        "province": digest.province,
        "date": digest.date.isoformat(),
        "window": {"from": _instant(digest.window_from_at), "to": _instant(digest.window_to_at)},
        "revision": digest.revision,
        "counts": {key: getattr(digest.counts, key) for key in COUNT_KEYS}
        | _said(previous_period=digest.counts.previous_period),
        "coverage": coverage
        and {
            "healthy": coverage.healthy,
            "due": coverage.due,
            "failed": [{"id": one.id, "name": one.name, "reason": one.reason} for one in coverage.failed],
        },
        "alerts": [asdict(alert) | {"day": alert.day.isoformat()} for alert in digest.alerts],
        "sections": [_section_facts(section) for section in digest.sections],
        "outlets": [
            {"outlet": row.outlet} | {key: getattr(row, key) for key in TONE_KEYS} for row in digest.outlet_tones
        ],
        "last_days": [
            {"date": row.day.isoformat()} | {key: getattr(row, key) for key in TONE_KEYS} for row in digest.last_days
        ],
        "language": digest.language,
        "muted": digest.muted,
        "internal": digest.internal,
        "contact": digest.contact,
        "software": digest.software,
        **_said(
            kibana_url=digest.kibana_url,
            kind=digest.kind if digest.kind != "daily" else None,
            events=[{"day": event.day.isoformat(), "title": event.title} for event in digest.events],
            excerpt=digest.excerpt and _excerpt_facts(digest.excerpt),
            editor=digest.editor and _editor_facts(digest.editor),
        ),
    }


def _excerpt_facts(excerpt: Excerpt) -> dict[str, Any]:
    """An excerpt is handed out but never sealed, so nothing reads it back."""
    return {
        "units": list(excerpt.units),
        "topics": list(excerpt.topics),
        "min_tone": excerpt.min_tone,
        "shown": excerpt.shown,
    }


def digest_of(facts: Mapping[str, Any]) -> Digest:
    """Return the digest that `facts_of` was given. Raises StoreError for another version of the format."""
    if facts.get("version") != FACTS_VERSION:
        raise StoreError("digest.facts_version", found=facts.get("version"), known=FACTS_VERSION)
    coverage = facts["coverage"]
    return Digest(
        province=facts["province"],
        date=date.fromisoformat(facts["date"]),
        window_from_at=_utc(facts["window"]["from"]),
        window_to_at=_utc(facts["window"]["to"]),
        revision=facts["revision"],
        counts=DigestCounts(**facts["counts"]),
        coverage=coverage
        and Coverage(
            healthy=coverage["healthy"],
            due=coverage["due"],
            failed=tuple(FailedSource(**one) for one in coverage["failed"]),
        ),
        sections=tuple(_section_of(section) for section in facts["sections"]),
        outlet_tones=tuple(OutletTone(**row) for row in facts.get("outlets", ())),
        last_days=tuple(
            DayCount(day=date.fromisoformat(row["date"]), **{key: row[key] for key in TONE_KEYS})
            for row in facts.get("last_days", ())
        ),
        language=facts.get("language", "vi"),
        muted=facts.get("muted", 0),
        internal=facts.get("internal", False),
        contact=facts.get("contact", ""),
        software=facts.get("software", ""),
        kibana_url=facts.get("kibana_url", ""),
        kind=facts.get("kind", "daily"),
        alerts=tuple(DigestAlert(**{**one, "day": date.fromisoformat(one["day"])}) for one in facts["alerts"]),
        events=tuple(
            DigestEvent(day=date.fromisoformat(one["day"]), title=one["title"]) for one in facts.get("events", ())
        ),
        editor=_editor_of(facts["editor"]) if "editor" in facts else None,
    )


def _section_facts(section: DigestSection) -> dict[str, Any]:
    return {
        "id": section.id,
        "title": section.title,
        "items": [_item_facts(item) for item in section.items],
        "folded": section.folded,
        "folded_topics": [{"topic": one.topic, "reports": one.reports} for one in section.folded_topics],
    }


def _section_of(facts: Mapping[str, Any]) -> DigestSection:
    return DigestSection(
        id=facts["id"],
        title=facts["title"],
        items=tuple(_item_of(item) for item in facts["items"]),
        folded=facts["folded"],
        folded_topics=tuple(TopicCount(**one) for one in facts.get("folded_topics", ())),
    )


def _item_facts(item: DigestItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "original_title": item.original_title,
        "outlet": item.outlet,
        "outlet_id": item.outlet_id,
        "country": item.country,
        "language": item.language,
        "published_at": _instant(item.published_at),
        "tone": item.tone,
        "tone_score": item.tone_score,
        "bad_event": item.bad_event,
        "topics": list(item.topics),
        "units": list(item.units),
        "why": list(item.why),
        "summary": item.summary,
        "copies": [{"outlet": copy.outlet, "url": copy.url} | _said(tone=copy.tone) for copy in item.copies],
        "late": item.late,
        "also": list(item.also),
        **_said(
            story=item.story,
            first_seen_at=item.first_seen_at and _instant(item.first_seen_at),
            since=item.since and item.since.isoformat(),
            edited=[asdict(text) for text in item.edited],
            articles=item.articles or None,
            sure=item.sure,
        ),
    }


def _item_of(facts: Mapping[str, Any]) -> DigestItem:
    values = dict(facts)
    values["published_at"] = _utc(values["published_at"])
    for key in ("topics", "units", "why"):
        values[key] = tuple(values[key])
    values["also"] = tuple(values.get("also", ()))
    values["copies"] = tuple(Copy(**copy) for copy in values["copies"])
    values["first_seen_at"] = _utc(values["first_seen_at"]) if "first_seen_at" in values else None
    values["since"] = _day(values.get("since"))
    values["edited"] = tuple(EditedText(**one) for one in values.get("edited", ()))
    return DigestItem(**values)


def _editor_facts(editor: EditorsPart) -> dict[str, Any]:
    return {
        "by": editor.by,
        "edited_at": _instant(editor.edited_at),
        "outlook": list(editor.outlook),
        "proposals": list(editor.proposals),
        "left_out": [asdict(one) for one in editor.left_out],
        "arranged": list(editor.arranged),
    }


def _editor_of(facts: Mapping[str, Any]) -> EditorsPart:
    return EditorsPart(
        by=facts["by"],
        edited_at=_utc(facts["edited_at"]),
        outlook=tuple(facts["outlook"]),
        proposals=tuple(facts["proposals"]),
        left_out=tuple(LeftOut(**one) for one in facts["left_out"]),
        arranged=tuple(facts["arranged"]),
    )


def _said(**values: Any) -> dict[str, Any]:
    """Return what says something: neither None nor empty."""
    return {key: value for key, value in values.items() if value is not None and value not in ("", [])}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _instant(at: datetime) -> str:
    return at.astimezone(LOCAL_ZONE).isoformat()


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
