"""The little text of an article that leaves the system: a clean headline and a short summary."""

import re
import unicodedata

from pipeline.records import Document

TITLE_CHARS = 300
"""Longer headlines are not headlines but a page's mistake."""
OUTLET_CHARS = 80
SUMMARY_CHARS = 300
"""Longest summary, in characters: enough to judge whether to open the article, too little to replace it."""

MIN_SENTENCE_CHARS = 80
"""A cut at a sentence end that leaves less than this says too little; the text is cut inside the next sentence."""

OUTLET_PREFIX = re.compile(r"^\([^()]{2,24}\)\s*[-–—:]\s*")
"""What outlets put before a lead, such as ``(Báo Mẫu) -``; the digest names the outlet itself."""

SENTENCE_END = re.compile(r"""(?:[.!?…]["”’»)\]]*(?=\s|$)|[。！？។]["”』」）]*)""")
ABBREVIATION = re.compile(r"(?:^|\s)(?:TP|Tp|TX|TT|P|Q|TS|ThS|GS|PGS|BS|KTS|LS|Mr|Mrs|Ms|Dr|St|No|[A-Z])$")

KEPT_CONTROLS = frozenset("\u200b\u200c\u200d")
"""Invisible signs that scripts without spaces, or with joined letters, need."""


def outlet_name(doc: Document) -> str:
    """Return the outlet's name as it is printed."""
    return shorten(clean_line(doc.outlet), OUTLET_CHARS) or doc.source_id


def printed_title(doc: Document) -> str:
    """Return the headline as it is printed where no editor has a better one; never empty."""
    article = doc.article
    return shorten(clean_line(article.title), TITLE_CHARS) or article.url[:TITLE_CHARS] or doc.id


def printed_summary(doc: Document) -> str:
    """Return the summary as it is printed where no editor has a better one."""
    return summarise(doc.article.lead, doc.article.text, title=printed_title(doc))


def clean_line(text: str) -> str:
    """Return ``text`` on one line, NFC, without control signs, direction overrides and broken characters."""
    kept = (
        char if char in KEPT_CONTROLS or unicodedata.category(char)[0] != "C" else " " if char in "\t\r\n\f\v" else ""
        for char in text
    )
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def summarise(lead: str, text: str, *, title: str = "", limit: int = SUMMARY_CHARS) -> str:
    """Return at most ``limit`` characters of the lead (of the text when there is none), cut where a sentence ends.

    Empty when there is nothing beyond the title.
    """
    source = OUTLET_PREFIX.sub("", clean_line(lead) or clean_line(text[: 4 * limit]))
    if source.casefold().rstrip(" .…") == clean_line(title).casefold().rstrip(" .…"):
        return ""
    return shorten(source, limit)


def shorten(text: str, limit: int) -> str:
    """Return ``text`` within ``limit`` characters: whole sentences if they say enough, else words and an ellipsis."""
    if len(text) <= limit:
        return text
    ends = [
        match.end()
        for match in SENTENCE_END.finditer(text[: limit + 1])
        if match.end() <= limit and not (match[0].startswith(".") and ABBREVIATION.search(text[: match.start()]))
    ]
    if ends and ends[-1] >= min(MIN_SENTENCE_CHARS, limit // 2):
        return text[: ends[-1]].strip()
    return _cut_at_word(text, limit - 1).rstrip(" ,;:–-") + "…"


def _cut_at_word(text: str, limit: int) -> str:
    space = text.rfind(" ", 0, limit + 1)
    if space >= limit // 2:
        return text[:space]
    while limit > 0 and unicodedata.category(text[limit])[0] == "M":  # never part a letter from its marks
        limit -= 1
    return text[:limit]
