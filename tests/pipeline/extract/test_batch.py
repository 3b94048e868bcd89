"""Saved pages to rows."""

import gzip
from pathlib import Path

from config.errors import InputError
from pipeline.extract.batch import extract_files
from tests.pipeline.extract.fixture_pages import ARTICLE_LD, FETCHED_AT, TEXT, TITLE, URL, json_ld, markup

PAGE = markup(json_ld(ARTICLE_LD)).encode()
ROW = {
    "title": TITLE,
    "text": TEXT,
    "published_at": "2026-03-04T08:30:00+07:00",
    "language": "vi",
    "outlet": "Báo Xuân",
}


def test_plain_and_packed_pages_give_the_same_row(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.html", tmp_path / "b.html.gz"
    plain.write_bytes(PAGE)
    packed.write_bytes(gzip.compress(PAGE))
    rows = list(extract_files([plain, packed], now=FETCHED_AT))
    assert rows == [{"path": str(plain), **ROW}, {"path": str(packed), **ROW}]


def test_what_cannot_be_read_is_an_error_that_names_it_and_the_rest_goes_on(tmp_path: Path) -> None:
    torn, image, empty, good = (tmp_path / name for name in ("torn.gz", "image.html", "empty.html", "good.html"))
    torn.write_bytes(gzip.compress(PAGE)[:-40])
    image.write_bytes(b"\x89PNG\r\n")
    empty.write_bytes(b"")
    good.write_bytes(PAGE)
    missing = tmp_path / "missing.html"
    results = list(extract_files([missing, torn, image, empty, tmp_path, good], now=FETCHED_AT))
    errors = [result for result in results if isinstance(result, InputError)]
    assert [error.code for error in errors] == [
        "extract.unreadable",
        "extract.unreadable",
        "extract.not_markup",
        "extract.no_content",
        "extract.unreadable",
    ]
    for error, path in zip(errors, (missing, torn, image, empty, tmp_path), strict=True):
        assert str(path) in error.text("vi")
        assert str(path) in error.text("en")
    assert results[-1] == {"path": str(good), **ROW}


def test_packed_bomb_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.gz"
    bomb.write_bytes(gzip.compress(b"<p>" + b"0" * 300_000_000, compresslevel=1))
    (error,) = extract_files([bomb], now=FETCHED_AT)
    assert isinstance(error, InputError)
    assert error.code == "extract.too_large"


def test_address_decides_what_the_page_leaves_open(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_bytes(markup(title=f"{TITLE} - baomoi-xuan.example").encode())
    (row,) = extract_files([page], url=f"{URL}?ngay=20260304", now=FETCHED_AT)
    assert isinstance(row, dict)
    assert (row["title"], row["published_at"]) == (TITLE, "2026-03-04")
    (error,) = extract_files([page], url="ftp://x", now=FETCHED_AT)
    assert isinstance(error, InputError)
    assert error.code == "extract.bad_url"
