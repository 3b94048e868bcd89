"""The words a digest uses for units, countries, languages, topics and counts."""

import json
from collections.abc import Mapping
from functools import lru_cache

from config.files import data_path
from config.messages import Lang, catalogue, message
from config.units import unit_names
from dashboards.digest.typography import number
from pipeline.digest.topics import OTHER_TOPIC, leading_topic
from pipeline.records import DigestItem, Tone, TopicCount

CITIES = frozenset({"ha-noi", "ho-chi-minh", "hai-phong", "da-nang", "can-tho", "hue", "thua-thien-hue"})
"""Slugs of the units that are cities under the central government."""


TONES: tuple[Tone, ...] = ("positive", "neutral", "negative")
"""In the order they are told."""


def unit_title(slug: str, lang: Lang) -> str:
    """Return ``Tỉnh Cao Bằng`` or ``TP. Đà Nẵng``."""
    name = unit_names()[slug].replace(" - ", " – ")
    return message("digest.unit_city" if slug in CITIES else "digest.unit_province", lang, name=name)


def unit_in_sentence(slug: str, lang: Lang) -> str:
    """Return the title as it stands inside a sentence: ``tỉnh Cao Bằng``, ``TP. Đà Nẵng``."""
    title = unit_title(slug, lang)
    return title if slug in CITIES or lang == "en" else title[0].lower() + title[1:]


def tone_name(tone: Tone, lang: Lang) -> str:
    return message(f"digest.tone_{tone}", lang)


def country_name(code: str, lang: Lang) -> str:
    """Return the country's name; its ISO code when the catalogue has none."""
    return catalogue("digest", lang).get(f"country_{code}", code)


def language_name(code: str, lang: Lang) -> str:
    words = catalogue("digest", lang)
    return words.get(f"language_{code}", words["language_other"])


def topic_name(topic: str, lang: Lang) -> str:
    """Return the name of a topic's first level; «Chủ đề khác» when it is unknown."""
    labels = _topic_labels(lang)
    return labels.get(leading_topic((topic,)), labels[OTHER_TOPIC])


def own_topic_name(topic: str, lang: Lang) -> str:
    """Return the name of a topic or subtopic itself. KeyError when there is none."""
    return _topic_labels(lang)[topic]


@lru_cache
def _topic_labels(lang: Lang) -> dict[str, str]:
    rows = json.loads(data_path("topics.json").read_text(encoding="utf-8"))
    return {one["id"]: one[f"label_{lang}"] for row in rows for one in (row, *row.get("children", ()))}


def reports_count(count: int, lang: Lang) -> str:
    """Return ``24 tin``."""
    form = "one" if count == 1 else "other"
    return message(f"digest.reports_{form}", lang, count=number(count, lang))


def stories_count(count: int, lang: Lang) -> str:
    """Return ``4 nội dung``."""
    return message(f"digest.stories_{'one' if count == 1 else 'other'}", lang, count=number(count, lang))


def more_outlets(item: DigestItem, lang: Lang) -> str:
    """Return ``và 3 báo khác``; empty when one outlet alone tells the story."""
    others = item.reports - 1
    if not others:
        return ""
    return message(f"digest.copies_{'one' if others == 1 else 'other'}", lang, count=number(others, lang))


def tone_split(tones: Mapping[Tone, int], lang: Lang) -> str:
    """Return ``tích cực 2, tiêu cực 1``, the tones that occur."""
    parts = (
        message("digest.count_of_tone", lang, tone=tone_name(tone, lang).lower(), count=number(tones[tone], lang))
        for tone in TONES
        if tones.get(tone)
    )
    return ", ".join(parts)


def more_line(folded: int, topics: tuple[TopicCount, ...], lang: Lang) -> str:
    """Return «và 12 tin khác (Kinh tế, đầu tư 7 · Xã hội, an sinh 5)»; empty when nothing is folded away."""
    if not folded:
        return ""
    if not topics:
        return message("digest.more", lang, count=number(folded, lang))
    parts = (
        message("digest.topic_count", lang, topic=topic_name(one.topic, lang), count=number(one.reports, lang))
        for one in topics
    )
    return message("digest.more_topics", lang, count=number(folded, lang), topics=" · ".join(parts))
