"""The demo's press: invented outlets and articles (``content/``), dated relative to one day."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from config.units import slugify
from tests.press.faults import Fault, unavailable
from tests.press.site import Article, Edit, Label, Outlet, Site, Trouble

CONTENT = Path(__file__).parent / "content"
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
FAULTS: dict[str, Fault] = {"unavailable": unavailable()}
"""What `content/outlets.yaml` may call a trouble."""

PLACEHOLDER = re.compile(r"\{(?P<what>[dwy])(?P<shift>[+-]\d+)?\}")


def demo_site(day: date) -> Site:
    """Return the demo press whose edition of ``day`` covers [day-1 07:00, day 07:00), Asia/Ho_Chi_Minh.

    Everything is published between day-3 07:00 and day 07:00, so nothing lies in the future once that edition is due.
    """
    raw_outlets = _read(CONTENT / "outlets.yaml")
    paths = {raw["id"]: raw["path"] for raw in raw_outlets}
    outlets = {outlet.id: outlet for outlet in map(_outlet, raw_outlets)}
    raw_articles = [raw for file in sorted((CONTENT / "articles").glob("*.yaml")) for raw in _read(file)]
    originals = {raw["id"]: raw for raw in raw_articles if "reprint" not in raw}
    articles = tuple(
        _article(_resolved(raw, originals), outlets[raw["outlet"]], paths[raw["outlet"]], day) for raw in raw_articles
    )
    return Site(outlets=tuple(outlets.values()), articles=articles)


def spell_dates(text: str, day: date, language: str) -> str:
    """Fill in ``{d}``, ``{d-1}`` (day and month), ``{w-1}`` (weekday) and ``{y}`` (year), counted from ``day``."""
    return PLACEHOLDER.sub(partial(_spelled, day=day, language=language), text)


def _spelled(found: re.Match[str], *, day: date, language: str) -> str:
    then = day + timedelta(days=int(found["shift"] or 0))
    if found["what"] == "w":
        return str(_calendar(language)["weekdays"][then.weekday()])
    if found["what"] == "y":
        return str(then.year)
    words = _calendar(language)
    return str(words["date"].format(day=then.day, month=words["months"][then.month - 1]))


@lru_cache
def _calendar(language: str) -> dict[str, Any]:
    calendars: dict[str, dict[str, Any]] = yaml.safe_load((CONTENT / "calendar.yaml").read_text(encoding="utf-8"))
    return calendars[language]


def _read(path: Path) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def _outlet(raw: dict[str, Any]) -> Outlet:
    values = {key: value for key, value in raw.items() if key not in {"path", "troubles"}}
    troubles = tuple(
        Trouble(stage=trouble["stage"], path=trouble["path"], fault=FAULTS[trouble["fault"]])
        for trouble in raw.get("troubles", ())
    )
    return Outlet(**values, troubles=troubles)


def _resolved(raw: dict[str, Any], originals: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Give a reprint the text and the labels of its original, less what it skips, with what it adds around it."""
    if "reprint" not in raw:
        return raw
    original = originals[raw["reprint"]]
    kept = [text for number, text in enumerate(_paragraphs(original["text"])) if number not in raw.get("skip", ())]
    text = "\n\n".join([*_paragraphs(raw.get("before", "")), *kept, *_paragraphs(raw.get("after", ""))])
    inherited = {key: original[key] for key in ("title", "section", "about", "mention", "bad_event") if key in original}
    return inherited | raw | {"text": text, "copy_of": original["id"]}


def _article(raw: dict[str, Any], outlet: Outlet, path: str, day: date) -> Article:
    spell = partial(spell_dates, day=day, language=outlet.language)
    lead, *paragraphs = _paragraphs(spell(raw["text"]))
    canonical = raw.get("path") or path.format(section=slugify(raw["section"]), id=raw["id"])
    article = Article(
        id=raw["id"],
        outlet_id=outlet.id,
        path=canonical,
        title=spell(raw["title"]),
        lead=lead,
        paragraphs=tuple(paragraphs),
        published_at=_instant(raw["at"], day),
        author=raw.get("author", outlet.name),
        section=raw["section"],
        stage=raw.get("stage", 1),
        gone_from=raw.get("gone_from"),
        paywalled=raw.get("paywalled", False),
        listed_as=tuple(pattern.format(path=canonical) for pattern in raw.get("listed_as", ())),
        labels=tuple(_labels(raw)),
        bad_event=raw.get("bad_event", False),
        copy_of=raw.get("copy_of"),
    )
    if "edit" not in raw:
        return article
    new_lead, *new_paragraphs = _paragraphs(spell(raw["edit"]["text"]))
    edit = Edit(
        stage=2,
        title=spell(raw["edit"]["title"]),
        lead=new_lead,
        paragraphs=tuple(new_paragraphs),
        updated_at=_instant(raw["edit"]["at"], day),
    )
    return replace(article, edit=edit)


def _labels(raw: dict[str, Any]) -> Iterator[Label]:
    for unit, tone in raw.get("about", {}).items():
        yield Label(unit=unit, relevance="about", tone=tone)
    for unit in raw.get("mention", ()):
        yield Label(unit=unit, relevance="mention")


def _paragraphs(text: str) -> list[str]:
    return [" ".join(block.split()) for block in text.split("\n\n") if block.strip()]


def _instant(at: str, day: date) -> datetime:
    """Read ``-1 08:15``: 08:15 local time on the day before the demo day."""
    shift, _, clock = at.partition(" ")
    return datetime.combine(day + timedelta(days=int(shift)), time.fromisoformat(clock), tzinfo=LOCAL)
