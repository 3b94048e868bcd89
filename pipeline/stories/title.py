"""The headline that stands for a story: neutral, chosen by rule, never rewritten."""

import re
from collections.abc import Sequence
from typing import Final

BAIT: Final = re.compile(
    r"[?!…]|\.\.\.|\b(?:sốc|choáng|rúng động|kinh hoàng|khó tin|không ngờ|bất ngờ|hé lộ|lộ diện|sự thật|bí mật|gây sốt|"
    r"gây bão|dậy sóng|xôn xao|dân mạng|cư dân mạng|điều gì|vì sao|tại sao|thế nào|ra sao|là ai|"
    r"shock\w*|stunn\w+|unbelievable|you won't believe|secret\w*|revealed|here's (?:what|why|how)|what happened)\b",
    re.IGNORECASE,
)
"""Signs that a headline withholds or excites instead of telling."""
LABEL: Final = re.compile(
    r"^\s*(?:\[[^\]]*\]|(?:video|clip|infographic|ảnh|podcast|trực tiếp|nóng)\s*[:|-])", re.IGNORECASE
)
"""A label of the form before the headline proper."""
QUOTED: Final = re.compile(r"^\s*['\"“‘«]")
"""A headline that begins with somebody's words takes sides."""
LEAST_WORDS: Final = 4
"""A shorter headline does not tell what happened."""


def choose_title(titles: Sequence[tuple[str, str]]) -> str:
    """Return one of the (headline, language) pairs, which come in order of publication; never empty.

    Vietnamese wins over other languages, then the headline with the fewest signs of click-bait, then the first.
    """
    ranked = sorted(enumerate(titles), key=lambda each: (each[1][1] != "vi", bait_signs(each[1][0]), each[0]))
    return ranked[0][1][0]


def bait_signs(title: str) -> int:
    """Count what makes a headline unfit to stand for others."""
    short = 0 < title.strip().count(" ") < LEAST_WORDS - 1  # scripts without blanks have none
    return len(BAIT.findall(title)) + bool(LABEL.match(title)) + bool(QUOTED.match(title)) + short
