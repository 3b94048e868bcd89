"""The one topic that a report is listed under."""

from collections.abc import Sequence

OTHER_TOPIC = "other"
"""Of reports whose topic nobody knows."""


def leading_topic(topic_ids: Sequence[str]) -> str:
    """Return the first level of the best topic: ``society`` for ``society.education``."""
    return topic_ids[0].partition(".")[0] if topic_ids else OTHER_TOPIC
