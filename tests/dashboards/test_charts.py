import struct
import zlib

import numpy as np
import pytest

from dashboards.charts import ToneRow, tone_chart
from dashboards.palette import SIGNATURE, with_palette
from dashboards.tones import TONE_COLOURS
from pipeline.records import Tone

NAMES: dict[Tone, str] = {"positive": "Tích cực", "neutral": "Trung tính", "negative": "Tiêu cực"}


def counts(positive: int, neutral: int, negative: int) -> dict[Tone, int]:
    return {"positive": positive, "neutral": neutral, "negative": negative}


def chart(*rows: ToneRow, bars: str = "across", scale: float = 1.0) -> bytes:
    return tone_chart(rows, bars="up" if bars == "up" else "across", tone_names=NAMES, no_data="–", scale=scale)


def pixels(png: bytes) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """Decode an 8-bit palette PNG whose lines use filter 0, as `with_palette` writes them: (height, width, 3)."""
    chunks, at = {}, len(SIGNATURE)
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        name, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        assert zlib.crc32(name + data) == struct.unpack_from(">I", png, at + 8 + size)[0]
        chunks[name] = data
        at += size + 12
    width, height, depth, kind = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, kind) == (8, 3)
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not lines[:, 0].any()
    palette = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    return palette[lines[:, 1:]]


def area(png: bytes, tone: Tone) -> int:
    """Return how many pixels have exactly the colour of the tone."""
    colour = [int(TONE_COLOURS[tone][place : place + 2], 16) for place in (1, 3, 5)]
    return int((pixels(png) == colour).all(axis=2).sum())


@pytest.mark.parametrize("bars", ["across", "up"])
def test_areas_follow_the_counts(bars: str) -> None:
    png = chart(
        ToneRow(label="Báo Ế", counts=counts(20, 10, 0)), ToneRow(label="Báo Ự", counts=counts(0, 0, 30)), bars=bars
    )
    assert area(png, "positive") > 1.6 * area(png, "neutral") > 0
    assert area(png, "negative") > area(png, "positive")


def test_the_picture_is_as_wide_as_asked_and_twice_that_at_scale_two() -> None:
    row = ToneRow(label="Báo có cái tên rất dài để thử xem nhãn có đẩy hình rộng ra hay không", counts=counts(1, 2, 3))
    assert pixels(chart(row)).shape[1] == 560
    assert pixels(chart(row, scale=2.0)).shape[1] == 1120


def test_a_day_without_data_has_no_bar() -> None:
    png = chart(ToneRow(label="1/3", counts=counts(3, 0, 0)), ToneRow(label="2/3", counts=None), bars="up")
    both = chart(ToneRow(label="1/3", counts=counts(3, 0, 0)), ToneRow(label="2/3", counts=counts(3, 0, 0)), bars="up")
    assert area(both, "positive") > 1.5 * area(png, "positive") > 0


def test_two_outlets_of_one_name_are_two_bars() -> None:
    row = ToneRow(label="Báo Mẫu", counts=counts(4, 0, 0))
    assert pixels(chart(row, row)).shape[0] > pixels(chart(row)).shape[0]


@pytest.mark.parametrize(("plain", "marked"), [("e", "ế"), ("o", "ộ"), ("a", "ằ"), ("u", "ủ"), ("y", "ỷ"), ("O", "Ồ")])
def test_vietnamese_letters_come_from_the_font_that_travels_with_us(plain: str, marked: str) -> None:
    """A letter is as wide with its marks as without; one that is taken from another font is not."""

    def start_of_bar(letter: str) -> int:
        drawn = pixels(chart(ToneRow(label=letter * 16, counts=counts(1, 0, 0))))
        colour = [int(TONE_COLOURS["positive"][place : place + 2], 16) for place in (1, 3, 5)]
        bar = (drawn == colour).all(axis=2)[40:]  # below the legend
        return int(np.flatnonzero(bar.any(axis=0))[0])

    assert start_of_bar(plain) == start_of_bar(marked)


def test_the_same_rows_give_the_same_bytes() -> None:
    row = ToneRow(label="Báo", counts=counts(1, 1, 1))
    assert chart(row) == chart(row)


def rgba_png(image: np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]) -> bytes:
    """Encode (height, width, 4) with filter 1 on every line, as vl-convert does."""
    height, width, _ = image.shape
    left = np.concatenate([np.zeros((height, 1, 4), np.uint8), image[:, :-1]], axis=1)
    lines = np.concatenate([np.ones((height, 1), np.uint8), (image - left).reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = b""
    for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes())), (b"IEND", b"")):
        body += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return SIGNATURE + body


def test_palette_keeps_every_pixel() -> None:
    colours = np.random.default_rng(7).integers(0, 256, (200, 4), np.uint8)
    colours[:, 3] = 255
    image = colours[np.random.default_rng(8).integers(0, 200, (31, 57))]
    assert (pixels(with_palette(rgba_png(image))) == image[..., :3]).all()


def test_a_picture_with_too_many_colours_or_with_transparency_is_left_alone() -> None:
    image = np.random.default_rng(9).integers(0, 256, (40, 40, 4), np.uint8)
    image[..., 3] = 255
    assert with_palette(rgba_png(image)) == rgba_png(image)
    see_through = np.zeros((4, 4, 4), np.uint8)
    assert with_palette(rgba_png(see_through)) == rgba_png(see_through)
