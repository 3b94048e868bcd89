"""The order and colours of tones, the same in charts, mails and Kibana."""

from pipeline.records import Tone

TONE_ORDER: tuple[Tone, ...] = ("positive", "neutral", "negative")
TONE_COLOURS: dict[Tone, str] = {"positive": "#1f7a6d", "neutral": "#8b95a5", "negative": "#b3362b"}
"""Dark enough to carry white figures, and told apart by people who do not see red and green as different."""
