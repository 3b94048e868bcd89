"""Lines of an extracted text that are the outlet's furniture: title, byline, references, appeals at the end."""

import re
from collections.abc import Collection
from typing import Final

from pipeline.extract.words import same_words, tidy, words

REFERENCE: Final = re.compile(
    r"""^\W*(?:
      xem\s+thêm|đọc\s+thêm|tin\s+liên\s+quan|bài\s+liên\s+quan|mời\s+(?:quý\s+)?(?:bạn\s+đọc|độc\s+giả)\s+xem
    | read\s+(?:more|also|next|full)|also\s+read|see\s+also|more\s+(?:on|from|about)\s+this|related\s*:|recommended\s*:|trending\s*:
    | lesen\s+sie\s+(?:auch|hier|mehr)|mehr\s+(?:zum\s+thema|dazu|lesen)|lire\s+(?:aussi|la\s+suite)|à\s+lire|leggi\s+anche|lee\s+(?:también|más)
    | leer\s+más|czytaj\s+(?:więcej|też|także)|läs\s+(?:mer|också)|les\s+også|lees\s+(?:ook|meer)|číst\s+dál|čtěte\s+také|devamını\s+oku
    | 関連記事|相关(?:新闻|阅读)|相關新聞|延伸閱讀|관련\s*기사
    )\b""",
    re.I | re.X,
)
"""A line that points to another article."""
MAX_REFERENCE_CHARS: Final = 220

APPEAL: Final = re.compile(
    r"""newsletter|e-?paper|news-?app|sign\s+up|sign\s+in|subscri|all\s+rights\s+reserved|copyright|©|click\s+here|app\s+store
    |follow\s+(?:us|live)|whatsapp|telegram|comment\s+policy|our\s+standards|trust\s+principles|report\s+(?:a\s+)?(?:typo|error)
    |fehler\s+gefunden|abonnier|unterstützen\s+sie|spende|meld(?:en|e)\s+(?:sie|dich)|jetzt\s+testen|alle\s+rechte\s+vorbehalten
    |đăng\s+ký\s+nhận|theo\s+dõi\s+.{0,40}(?:google\s+news|fanpage|zalo|facebook|youtube)|mời\s+(?:bạn|quý|độc)\s+.{0,30}theo\s+dõi
    |chia\s+sẻ\s+bài\s+viết|ý\s+kiến\s+của\s+bạn|bình\s+luận\s+của\s+bạn|bản\s+quyền|abonne|inscri|abonelik|무단\s*전재|有料会員|会員限定""",
    re.I | re.X,
)
"""What the end of a page asks of its reader."""
MAX_APPEALS: Final = 6
"""Lines looked at from the end."""

END_HEADING: Final = re.compile(
    r"^\W*(?:tin\s+liên\s+quan|tin\s+(?:cùng\s+chuyên\s+mục|khác|mới(?:\s+nhất)?|nổi\s+bật|đọc\s+nhiều)|bài\s+(?:liên\s+quan|cùng\s+chuyên\s+mục)"
    r"|xem\s+thêm|đọc\s+thêm|(?:ý\s+kiến\s+)?bình\s+luận(?:\s*\(\d+\))?|từ\s+khóa|chủ\s+đề|related\s+(?:articles|stories|news|topics)"
    r"|most\s+(?:read|popular)(?:\s+in\s+\w+)?|more\s+stories|recommended|comments?(?:\s*\(\d+\))?|mehr\s+zum\s+thema|das\s+könnte\s+sie\s+auch\s+interessieren)\W*$",
    re.I,
)
"""What stands above lists of other articles. Prose behind it is the article again: the box stood in its middle."""

BYLINE: Final = re.compile(
    r"^\W*(?:von|by|par|por|di|door|av|af|tác\s+giả|thực\s+hiện|bài(?:\s+và\s+ảnh)?|ảnh|theo|nguồn)\s*:?\s+[^\W\d_]", re.I
)
DATE: Final = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}:\d{2}|\b(?:19|20)\d\d\b")
MAX_BYLINE_CHARS: Final = 80
FRONT_LINES: Final = 6
"""Before the text: title, byline, date."""
PROSE_CHARS: Final = 120
"""A line this long is the text itself."""


def clean_lines(text: str, *, titles: Collection[str], author: str) -> list[str]:
    """Return the lines of ``text`` that are the article."""
    lines = [tidy(line) for line in text.split("\n")]
    lines = [line for line in lines if line]
    lines = _cut_front(lines, titles, author)
    lines = [line for line in lines if not (len(line) <= MAX_REFERENCE_CHARS and REFERENCE.match(line))]
    return _cut_end(lines, author)


def _cut_front(lines: list[str], titles: Collection[str], author: str) -> list[str]:
    kept: list[str] = []
    for position, line in enumerate(lines):
        if position >= FRONT_LINES or len(line) > PROSE_CHARS:
            if any(same_words(line, title) for title in titles):
                continue
            return kept + lines[position:]
        if not (any(same_words(line, title) for title in titles) or _is_byline(line, author)):
            kept.append(line)
    return kept


def _is_byline(line: str, author: str) -> bool:
    if len(line) > MAX_BYLINE_CHARS:
        return False
    if author and len(words(author)) > 1 and _contains(words(line), words(author.split(",")[0])):
        return len(words(line)) <= len(words(author)) + 8
    if line.endswith((".", "?", "!", ":")) and not DATE.search(line):
        return False
    return bool(BYLINE.match(line)) or (bool(DATE.search(line)) and len(words(line)) <= 10 and not line.endswith("?"))


def _contains(line: list[str], name: list[str]) -> bool:
    return bool(name) and any(line[index : index + len(name)] == name for index in range(len(line)))


def _cut_end(lines: list[str], author: str) -> list[str]:
    for position, line in enumerate(lines):
        if position and END_HEADING.match(line) and not any(len(after) >= PROSE_CHARS for after in lines[position:]):
            lines = lines[:position]
            break
    lines = [line for line in lines if not END_HEADING.match(line)]
    floor = max(1, len(lines) - MAX_APPEALS)
    while len(lines) > floor and (APPEAL.search(lines[-1]) or (author and same_words(lines[-1], author))):
        lines = lines[:-1]
    return lines
