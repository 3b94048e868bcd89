"""Mail addresses as this program takes them: one bare address, ASCII, so that every relay takes it."""

import re

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_LOCAL}@{_LABEL}(\.{_LABEL})*", re.ASCII)
"""A dot-atom (RFC 5322, 3.2.3) at a host name; an international host is written in its ASCII form."""

LONGEST = 254
"""Characters, RFC 5321 with its erratum 1690."""


def is_mail_address(text: str) -> bool:
    """Tell whether a text is one mail address and nothing else."""
    return len(text) <= LONGEST and _ADDRESS.fullmatch(text) is not None
