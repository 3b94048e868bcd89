"""The words people read in place of the index's keys: tones, topics, provinces, countries, languages."""

import json
from collections.abc import Iterator, Mapping
from functools import partial

from config.files import data_path
from config.messages import Lang, catalogue, message
from config.units import unit_names


def say(key: str, lang: Lang, /, **fields: object) -> str:
    """Return a sentence of the Kibana objects' own."""
    return message(f"kibana.{key}", lang, **fields)


def value_names(lang: Lang) -> Mapping[str, Mapping[str, str]]:
    """Return field to (value to name), of every field whose values are keys or yes and no."""
    named = partial(_names, lang=lang)
    yes_no = {"true": say("value_yes", lang), "false": say("value_no", lang)}
    topics = dict(_topic_names(lang))
    units = unit_names()
    return {
        "bad_event": yes_no,
        "current": units,
        "language": named("digest", "language_"),
        "marks": named("corrections", "mark_"),
        "outlet.country": named("digest", "country_"),
        "outlet.foreign": {"true": say("foreign", lang), "false": say("domestic", lang)},
        "outlet.kind": named("kibana", "kind_"),
        "relevance": named("kibana", "relevance_"),
        "sensitive": yes_no,
        "tone": named("digest", "tone_"),
        "topic": topics,
        "topic_tree": topics,
        "topics": topics,
        "unit": units,
        "units": units,
    }


def field_names(lang: Lang) -> Mapping[str, str]:
    """Return field to what people call it."""
    return {key.removeprefix("field_").replace("__", "."): text for key, text in _texts("kibana", "field_", lang)}


def _names(domain: str, prefix: str, lang: Lang) -> dict[str, str]:
    return {key.removeprefix(prefix): text for key, text in _texts(domain, prefix, lang)}


def _texts(domain: str, prefix: str, lang: Lang) -> Iterator[tuple[str, str]]:
    return ((key, text) for key, text in catalogue(domain, lang).items() if key.startswith(prefix))


def _topic_names(lang: Lang) -> Iterator[tuple[str, str]]:
    for topic in json.loads(data_path("topics.json").read_text(encoding="utf-8")):
        yield topic["id"], topic[f"label_{lang}"]
        for child in topic.get("children", ()):
            yield child["id"], child[f"label_{lang}"]
