"""Which encoding a page is in."""

import pytest

from pipeline.extract.encoding import decode_body
from tests.pipeline.extract.fixture_pages import FIRST, SECOND, THIRD, windows_1258

VIETNAMESE = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
RUSSIAN = (
    "<p>" + "Правительство провинции Каобанг открыло новый мост через реку, сообщают местные власти. " * 6 + "</p>"
)
CHINESE = "<p>" + "越南高平省新桥昨日通车，全长二百一十米，连接河的两岸，当地居民等待了十多年。" * 6 + "</p>"
JAPANESE = "<p>" + "ベトナム北部カオバン省で新しい橋が開通した。住民は十年以上待っていたという。" * 6 + "</p>"


@pytest.mark.parametrize(
    ("text", "body", "content_type", "rule"),
    [
        (VIETNAMESE, VIETNAMESE.encode(), "", "valid-utf-8"),
        (VIETNAMESE, b"\xef\xbb\xbf" + VIETNAMESE.encode(), "text/html; charset=windows-1258", "bom"),
        (VIETNAMESE, VIETNAMESE.encode("utf-16"), "text/html; charset=utf-8", "bom"),
        (VIETNAMESE, VIETNAMESE.encode("utf-16-le"), "", "zero-bytes"),
        (VIETNAMESE, windows_1258(VIETNAMESE), "text/html; charset=windows-1258", "http"),
        (VIETNAMESE, windows_1258(VIETNAMESE), "text/html; charset=utf-8", "detected"),
        (VIETNAMESE, windows_1258(VIETNAMESE), "", "detected"),
        (RUSSIAN, RUSSIAN.encode("cp1251"), "", "detected"),
        (RUSSIAN, RUSSIAN.encode("koi8-r"), "text/html; charset=koi8-r", "http"),
        (CHINESE, CHINESE.encode("gb18030"), "text/html; charset=gb2312", "http"),
        (JAPANESE, JAPANESE.encode("shift_jis"), "", "detected"),
        (JAPANESE, JAPANESE.encode("euc_jp"), "text/html; charset=no-such-thing", "detected"),
    ],
)
def test_encoding_is_found(text: str, body: bytes, content_type: str, rule: str) -> None:
    decoded = decode_body(body, content_type)
    assert decoded.utf8.decode() == text
    assert decoded.rule == rule


def test_declaration_in_the_page_counts_when_the_header_is_silent() -> None:
    page = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=big5"></head>' + "高平省新橋通車" * 20
    )
    decoded = decode_body(page.encode("big5"), "text/html")
    assert (decoded.utf8.decode(), decoded.rule) == (page, "meta")


def test_control_characters_go_and_line_breaks_stay() -> None:
    assert decode_body(b"a\x00b\x1b\tc\r\nd").utf8 == b"ab\tc\r\nd"
