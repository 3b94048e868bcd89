"""The conditions that saved searches, charts and links from a digest share, on the index's flat fields.

``relevance``, ``tone`` and their scores are those of the installation's own province, so none needs a nested query.
"""

from collections.abc import Mapping
from typing import Any

from config.messages import Lang
from dashboards.kibana.filters import Filter, any_of, is_not, is_value
from dashboards.kibana.wording import say
from pipeline.records import SectionId, Tone

TOP_TIER = 1
"""Outlets of national or world reach."""


def about_us() -> Filter:
    """Articles about the own province; a mere mention is not one."""
    return is_value("relevance", "about")


def of_tone(tone: Tone) -> Filter:
    return is_value("tone", tone)


def from_abroad() -> Filter:
    return is_value("outlet.foreign", True)


def on_sensitive_topic() -> Filter:
    return is_value("sensitive", True)


def not_dropped(lang: Lang) -> Filter:
    """Without what a person took out of all counts."""
    return is_not("marks", "dropped", say("not_dropped", lang))


def to_verify(lang: Lang) -> Filter:
    """Claims that need an answer: criticism, and bad events whatever the tone."""
    return any_of([_term("tone", "negative"), _term("bad_event", True)], say("to_verify", lang))


def prominent(lang: Lang) -> Filter:
    """What a digest lists as prominent: a sensitive topic, or a bad event in an outlet of the first tier."""
    bad_news = {"bool": {"filter": [_term("bad_event", True), _term("outlet.tier", TOP_TIER)]}}
    return any_of([_term("sensitive", True), bad_news], say("prominent", lang))


def section_filters(section: SectionId, lang: Lang) -> tuple[Filter, ...]:
    """Return what reports of a digest's section have in common; empty for one that flat fields cannot tell."""
    filters: Mapping[SectionId, Filter] = {
        "negative": of_tone("negative"),
        "foreign": from_abroad(),
        "prominent": prominent(lang),
        "positive": of_tone("positive"),
        "neutral": of_tone("neutral"),
    }
    return (about_us(), filters[section]) if section in filters else ()


def _term(field: str, value: str | bool | int) -> dict[str, Any]:
    return {"term": {field: value}}
