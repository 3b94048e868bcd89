"""Lines of an extracted text that are the outlet's furniture: title, byline, references, appeals at the end.

Each rule asks for a form that prose does not have (a place in the text, a length, an ending), because a sentence lost
costs more than an appeal kept.
"""

import re
from collections.abc import Collection
from typing import Final

from pipeline.extract.published import VISIBLE_DATE
from pipeline.extract.words import same_words, tidy, words

REFERENCE: Final = re.compile(
    r"""^\W*(?:
      xem\s+thêm|đọc\s+thêm|tin\s+liên\s+quan|bài\s+liên\s+quan|mời\s+(?:quý\s+)?(?:bạn\s+đọc|độc\s+giả)\s+xem
    | read\s+(?:more|also|next|full)|also\s+read|see\s+also|more\s+(?:on|from|about)\s+this
    | (?:related|recommended|trending)(?=\s*:)
    | lesen\s+sie\s+(?:auch|hier|mehr)|mehr\s+(?:zum\s+thema|dazu|lesen)
    | lire\s+(?:aussi|la\s+suite)|à\s+lire|leggi\s+anche|lee\s+(?:también|más)|leer\s+más
    | czytaj\s+(?:więcej|też|także)|číst\s+dál|čtěte\s+také|läs\s+(?:mer|också)|les\s+også|lees\s+(?:ook|meer)
    | devamını\s+oku|関連記事|相关(?:新闻|阅读)|相關新聞|延伸閱讀|관련\s*기사
    )(?=\W|$)""",
    re.I | re.X,
)
"""A line that points to another article."""
MAX_REFERENCE_CHARS: Final = 220

APPEAL: Final = re.compile(
    r"""newsletter|sign\s+up\s+(?:for|to)|subscribe\s+(?:now|to|today)|all\s+rights\s+reserved
    | ^\W*(?:©|copyright\b)|click\s+here\s+to|download\s+(?:the|our)\s+app|follow\s+us\s+on|comment\s+policy
    | our\s+standards:|trust\s+principles|report\s+a\s+typo
    | fehler\s+gefunden|unterstützen\s+sie\s+uns|jetzt\s+testen|alle\s+rechte\s+vorbehalten|in\s+einer\s+app
    | đăng\s+ký\s+nhận\s+(?:bản\s+)?tin|chia\s+sẻ\s+bài\s+viết|(?:ý\s+kiến|bình\s+luận)\s+của\s+bạn|giữ\s+bản\s+quyền
    | theo\s+dõi\s+.{0,40}(?:trên|tại)\s+(?:google\s+news|fanpage|zalo|facebook|youtube)
    | mời\s+(?:bạn|quý|độc\s+giả).{0,40}(?:theo\s+dõi|đón\s+đọc)
    | bültenimize|無断転載|有料会員|会員限定|무단\s*전재""",
    re.I | re.X,
)
"""What the end of a page asks of its reader."""
MAX_APPEAL_CHARS: Final = 300
MAX_APPEALS: Final = 6
"""Lines looked at from the end."""

END_HEADING: Final = re.compile(
    r"""^\W*(?:tin\s+liên\s+quan|tin\s+(?:cùng\s+chuyên\s+mục|khác|mới(?:\s+nhất)?|nổi\s+bật|đọc\s+nhiều)
    | bài\s+(?:liên\s+quan|cùng\s+chuyên\s+mục|đọc\s+nhiều)|xem\s+thêm|đọc\s+thêm|từ\s+khóa|chủ\s+đề
    | (?:ý\s+kiến\s+)?bình\s+luận(?:\s*\(\d+\))?|related\s+(?:articles|stories|news|topics)
    | most\s+(?:read|popular)(?:\s+in\s+\w+)?|more\s+stories|recommended
    | comments?(?:\s*\(\d+\))?|mehr\s+zum\s+thema|auch\s+interessant|das\s+könnte\s+sie\s+auch\s+interessieren
    )\W*$""",
    re.I | re.X,
)
"""What stands above lists of other articles. Prose behind it is the article again: the box stood in its middle."""

BYLINE: Final = re.compile(
    r"^\W*(?:(?i:von|by|par|por|di|door|av|af)\s+[A-ZÀ-ÝĐ][\w.-]+(?:\s+[\w.-]+){0,4}$"
    r"|(?i:tác\s+giả|thực\s+hiện|bài(?:\s+và\s+ảnh)?|ảnh|video|theo|nguồn)\s*:)"
)
MAX_BYLINE_CHARS: Final = 80
MAX_DATE_WORDS: Final = 10
NAME_MARGIN: Final = 8
"""Words a byline may hold beside the author's name: a role, a date, a town."""
FRONT_LINES: Final = 6
"""Before the text: title, byline, date."""
PROSE_CHARS: Final = 120
"""A line this long is the text itself."""
SENTENCE_END: Final = (".", "?", "!", ":", "…", "”", '"', "»", "。")


def clean_lines(text: str, *, titles: Collection[str], author: str) -> list[str]:
    """Return the lines of ``text`` that are the article, each clean."""
    lines = [line for line in map(tidy, text.split("\n")) if line]
    lines = _cut_front(lines, titles, author)
    lines = _cut_end(lines, author)
    return [line for line in lines if len(line) > MAX_REFERENCE_CHARS or not REFERENCE.match(line)]


def _cut_front(lines: list[str], titles: Collection[str], author: str) -> list[str]:
    """Drop the headline and the lines of names and dates before the first line of prose."""
    kept: list[str] = []
    for position, line in enumerate(lines):
        repeated = any(same_words(line, title) for title in titles)
        if position >= FRONT_LINES or len(line) > PROSE_CHARS:
            return kept + lines[position + repeated :]
        if not repeated and not _is_byline(line, author):
            kept.append(line)
    return kept


def _is_byline(line: str, author: str) -> bool:
    said = words(line)
    name = words(author.partition(",")[0])
    if len(name) > 1 and _contains(said, name) and len(said) <= len(name) + NAME_MARGIN:
        return True
    if len(line) > MAX_BYLINE_CHARS or line.endswith(SENTENCE_END):
        return False
    return bool(BYLINE.match(line)) or (len(said) <= MAX_DATE_WORDS and bool(VISIBLE_DATE.search(line)))


def _contains(said: list[str], name: list[str]) -> bool:
    return any(said[index : index + len(name)] == name for index in range(len(said)))


def _cut_end(lines: list[str], author: str) -> list[str]:
    for position, line in enumerate(lines):
        if position and END_HEADING.match(line) and not any(len(after) >= PROSE_CHARS for after in lines[position:]):
            lines = lines[:position]
            break
    lines = [line for line in lines if not END_HEADING.match(line)]
    floor = max(1, len(lines) - MAX_APPEALS)
    while len(lines) > floor and _is_appeal(lines[-1], author):
        lines = lines[:-1]
    return lines


def _is_appeal(line: str, author: str) -> bool:
    return (len(line) <= MAX_APPEAL_CHARS and bool(APPEAL.search(line))) or same_words(line, author)
