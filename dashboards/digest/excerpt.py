"""What an excerpt says of itself: what one recipient asked for, and how much of the edition that is."""

from config.messages import message
from dashboards.digest.typography import number
from dashboards.digest.wording import own_topic_name, tone_name, unit_title
from pipeline.records import Digest, Excerpt, Tone

PRINTED_TONES: dict[Tone, tuple[Tone, ...]] = {"neutral": ("negative", "neutral"), "negative": ("negative",)}
"""From the mildest tone that is wanted to all that are; all tones need no words."""


def excerpt_line(digest: Digest, excerpt: Excerpt) -> str:
    """Return ``Bản trích theo lựa chọn của người nhận (lĩnh vực: Kinh tế): in 4 trong 25 tin …``."""
    lang = digest.language
    wishes = {
        "units": [unit_title(slug, lang) for slug in excerpt.units],
        "topics": [own_topic_name(topic, lang) for topic in excerpt.topics],
        "tones": [tone_name(tone, lang) for tone in PRINTED_TONES.get(excerpt.min_tone, ())],
    }
    parts = (message(f"digest.excerpt_{key}", lang, names=" · ".join(names)) for key, names in wishes.items() if names)
    return message(
        "digest.excerpt",
        lang,
        wishes="; ".join(parts),
        shown=number(excerpt.shown, lang),
        total=number(digest.counts.total, lang),
    )
