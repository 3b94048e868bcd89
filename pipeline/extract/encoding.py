"""Bytes of a page to clean UTF-8: which encoding they are in, and by which rule that was decided."""

import re
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from dataclasses import dataclass

from charset_normalizer import from_bytes
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding

SAMPLE_BYTES = 20_000
"""How much of a page detection looks at; more costs time and changes nothing."""
DAMAGE_SHARE = 0.1
"""Broken characters for a sound one beyond ASCII, up to which a page is damaged UTF-8; other encodings have more."""
LEGACY = ("cp1258", "cp1252", "cp1251", "cp1250", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp874", "utf_8")
"""What pages without a declaration are in: the legacy encodings of the languages that are watched."""

BOMS = ((BOM_UTF8, "utf-8"), (BOM_UTF16_LE, "utf-16-le"), (BOM_UTF16_BE, "utf-16-be"))
CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A page's bytes in UTF-8, control characters removed."""

    utf8: bytes
    encoding: str
    """Python's name of the encoding they came in."""
    rule: str
    """``bom``, ``zero-bytes``, ``valid-utf-8``, ``damaged-utf-8``, ``http``, ``meta`` or ``detected``."""


def decode_body(body: bytes, content_type: str = "") -> Decoded:
    """Return the page in UTF-8. Never fails: what no encoding explains becomes U+FFFD.

    A byte order mark wins (WHATWG Encoding Standard). Then bytes that are valid UTF-8 are UTF-8 whatever is declared,
    because no other encoding of text passes that test by chance. Then the header's charset, the page's own, and last
    detection. Decomposed tone marks, as windows-1258 has them, are composed (NFC).
    """
    encoding, rule, skip = _find_encoding(body, content_type)
    if encoding == "utf-8":
        utf8 = body[skip:] if rule != "damaged-utf-8" else body.decode("utf-8", "replace").encode()
        return Decoded(utf8=utf8.translate(None, CONTROLS), encoding=encoding, rule=rule)
    text = unicodedata.normalize("NFC", body[skip:].decode(encoding, "replace"))
    return Decoded(utf8=text.encode("utf-8", "replace").translate(None, CONTROLS), encoding=encoding, rule=rule)


def _find_encoding(body: bytes, content_type: str) -> tuple[str, str, int]:
    for mark, encoding in BOMS:
        if body.startswith(mark):
            return encoding, "bom", len(mark)
    zero_encoding = _utf16_without_mark(body)
    if zero_encoding:
        return zero_encoding, "zero-bytes", 0
    damage = _utf8_damage(body)
    if damage <= DAMAGE_SHARE:
        return "utf-8", "damaged-utf-8" if damage else "valid-utf-8", 0
    for declared, rule in (
        (http_content_type_encoding(content_type), "http"),
        (html_body_declared_encoding(body[:SAMPLE_BYTES]), "meta"),
    ):
        if declared and declared != "utf-8":
            return declared, rule, 0
    return _detect(body), "detected", 0


def _utf8_damage(body: bytes) -> float:
    """Return how many broken characters there are for each sound one beyond ASCII; 0 when none is broken."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace")
        broken = text.count("\ufffd")
        return broken / max(1, len(text) - len(text.encode("ascii", "ignore")) - broken)
    return 0.0


def _utf16_without_mark(body: bytes) -> str:
    """Markup in UTF-16 has a zero byte beside every ASCII character."""
    head = body[:1024]
    if head[1::2].count(0) > len(head) // 3:
        return "utf-16-le"
    if head[::2].count(0) > len(head) // 3:
        return "utf-16-be"
    return ""


def _detect(body: bytes) -> str:
    first = re.search(rb"[\x80-\xff]", body)
    start = max(0, (first.start() if first else 0) - SAMPLE_BYTES // 4)
    best = from_bytes(body[start : start + SAMPLE_BYTES], cp_isolation=list(LEGACY)).best()
    return best.encoding if best else "cp1252"
