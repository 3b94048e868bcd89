"""Articles that tell of several events at once: a story of their own, lest they pull the events together."""

import re

_ROUNDUP = re.compile(
    r"\s\|\s|^\s*(?:điểm tin|điểm báo|xem nhanh|tin nóng|tin tức đặc biệt|bản tin|tin trong ngày|"
    r"morning briefing|evening briefing|news in brief|week in review)\b",
    re.IGNORECASE,
)
"""Several headlines in one, parted by strokes, or a column that is known by its name."""


def is_roundup(title: str) -> bool:
    """Tell whether a headline is that of a round-up."""
    return _ROUNDUP.search(title) is not None
