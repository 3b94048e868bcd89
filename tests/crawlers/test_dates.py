"""Dates of outlets, feeds and files."""

import json
import lzma
import time
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.dates import parse_date

HANOI = "Asia/Ho_Chi_Minh"
HOURS_7 = timezone(timedelta(hours=7))
MOMENT = datetime(2025, 8, 9, 8, 35, tzinfo=HOURS_7)
SECOND = MOMENT.replace(second=18)
DAY = MOMENT.replace(hour=0, minute=0)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # ISO 8601, exact and otherwise
        ("2025-08-09T08:35:18+07:00", SECOND),
        ("2025-08-09T08:35:18+07:07", SECOND),
        ("2025-08-09T08:35:18+07:06", SECOND),
        ("2025-08-09T08:35:18+0700", SECOND),
        ("2025-08-09T08:35:18+07", SECOND),
        ("2025-08-09 08:35:18 +0700", SECOND),
        ("2025-08-09T08:35:18+7:00", SECOND),
        ("2025-08-09T01:35:18Z", SECOND),
        ("2025-08-09 01:35:18 UTC", SECOND),
        ("2025-08-09T01:35:18.000Z", SECOND),
        ("2025-08-09T08:35:18", SECOND),
        ("2025-08-09 08:35", MOMENT),
        ("2025-8-9 8:35", MOMENT),
        ("2025/08/09 08:35", MOMENT),
        ("2025-08-09", DAY),
        ("20250809T083518", SECOND),
        # seconds and milliseconds since 1970
        ("1754703318", SECOND),
        ("1754703318000", SECOND),
        # RFC 822
        ("Sat, 09 Aug 2025 08:35:18 +0700", SECOND),
        ("Sat, 09 Aug 2025 08:35:18 +0707", SECOND),
        ("Sat, 09 Aug 2025 08:35:18 GMT+7", SECOND),
        ("Sat, 09 Aug 2025 01:35:18 GMT", SECOND),
        ("Sat, 09 Aug 2025 08:35:18 ICT", SECOND),
        ("Sat, 09 Aug 2025 08:35:18", SECOND),
        ("09 Aug 25 08:35:18 +0700", SECOND),
        ("Fri, 08 Aug 2025 21:35:18 EDT", SECOND),
        ("Sat Aug  9 08:35:18 2025", SECOND),
        # Vietnamese
        ("Thứ Bảy, 09/08/2025 08:35 GMT+7", MOMENT),
        ("Thứ bảy, 9/8/2025, 08:35 (GMT+7)", MOMENT),
        ("Thứ Bảy, ngày 09/08/2025 - 08:35", MOMENT),
        ("08:35 | 09/08/2025", MOMENT),
        ("08:35 09-08-2025", MOMENT),
        ("09.08.2025 08:35", MOMENT),
        ("09/08/2025 08h35", MOMENT),
        ("8 giờ 35 phút, ngày 9/8/2025", MOMENT),
        ("8:35 SA, 09/08/2025", MOMENT),
        ("8/9/2025 8:35:18 AM", MOMENT.replace(month=9, day=8, second=18)),
        ("Cập nhật: 09/08/2025 08:35 (GMT +7)", MOMENT),
        ("ngày 9 tháng 8 năm 2025", DAY),
        ("9 tháng 8, 2025", DAY),
        ("9 Tháng Tám, 2025", DAY),
        ("Tháng Tám 9, 2025", DAY),
        ("08:35 CH 09/08/2025", MOMENT.replace(hour=20)),
        ("8:35 chiều 9/8/2025", MOMENT.replace(hour=20)),
        # English on Vietnamese sites
        ("August 9, 2025", DAY),
        ("Saturday, August 9, 2025 - 08:35", MOMENT),
        ("09-Aug-2025 08:35", MOMENT),
    ],
)
def test_forms_of_vietnamese_outlets(raw: str, expected: datetime) -> None:
    parsed = parse_date(raw, timezone=HANOI)
    assert parsed == expected
    assert parse_date(f"  {raw}\n", timezone=HANOI) == expected


@pytest.mark.parametrize(
    ("raw", "zone", "expected"),
    [
        ("2025年8月9日 08:35", "Asia/Shanghai", "2025-08-09T08:35:00+08:00"),
        ("2025年08月09日08時35分", "Asia/Tokyo", "2025-08-09T08:35:00+09:00"),
        ("2025年8月9日 午後8時35分", "Asia/Tokyo", "2025-08-09T20:35:00+09:00"),
        ("2025년 8월 9일 오후 3:05", "Asia/Seoul", "2025-08-09T15:05:00+09:00"),
        ("2025.08.09 15:05", "Asia/Seoul", "2025-08-09T15:05:00+09:00"),
        ("9 ส.ค. 2568 08:35 น.", "Asia/Bangkok", "2025-08-09T08:35:00+07:00"),
        ("๙ สิงหาคม ๒๕๖๘", "Asia/Bangkok", "2025-08-09T00:00:00+07:00"),
        ("29 ก.พ. 2567", "Asia/Bangkok", "2024-02-29T00:00:00+07:00"),
        ("9 ສິງຫາ 2025", "Asia/Vientiane", "2025-08-09T00:00:00+07:00"),
        ("9 សីហា 2025", "Asia/Phnom_Penh", "2025-08-09T00:00:00+07:00"),
        ("9 августа 2025, 08:35", "Europe/Moscow", "2025-08-09T08:35:00+03:00"),
        ("9 août 2025 à 08h35", "Europe/Paris", "2025-08-09T08:35:00+02:00"),
        ("09. August 2025, 08:35 Uhr", "Europe/Berlin", "2025-08-09T08:35:00+02:00"),
        ("August 9, 2025 8:35 am EDT", "America/New_York", "2025-08-09T08:35:00-04:00"),
        ("January 9, 2025 8:35 pm", "America/New_York", "2025-01-09T20:35:00-05:00"),
        ("08/09/2025", "America/New_York", "2025-08-09T00:00:00-04:00"),
        ("08/09/2025", "Europe/London", "2025-09-08T00:00:00+01:00"),
        ("Sat, 09 Aug 2025 08:35:18 CST", "Asia/Shanghai", "2025-08-09T08:35:18+08:00"),
        ("Thu, 09 Jan 2025 08:35:18 CST", HANOI, "2025-01-09T08:35:18-06:00"),
        ("Sat, 09 Aug 2025 08:35:18 +0700 (ICT)", "Europe/London", "2025-08-09T08:35:18+07:00"),
        ("Sat, 09 Aug 2025 08:35:18 -0000", "Europe/London", "2025-08-09T08:35:18+00:00"),
        ("Sat, 09 Aug 2025 08:35:18 JST", "Europe/London", "2025-08-09T08:35:18+09:00"),
        ("2025-08-09T08:35:18+05:45", HANOI, "2025-08-09T08:35:18+05:45"),
        ("2025-08-09T08:35:18+05:53", HANOI, "2025-08-09T08:35:18+06:00"),
        ("2025-08-09T08:35:18-99:99", HANOI, None),
    ],
)
def test_forms_of_foreign_outlets(raw: str, zone: str, expected: str | None) -> None:
    parsed = parse_date(raw, timezone=zone)
    if expected is None:
        assert parsed is None or parsed.utcoffset() == timedelta(hours=7)
    else:
        assert parsed is not None
        assert parsed.isoformat() == expected


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "hôm nay",
        "3 giờ trước",
        "12 hours ago",
        "xyz",
        "2025",
        "08:35",
        "32/13/2025",
        "30/02/2025",
        "9999-12-31T23:59:59Z",
        "0001-01-01",
        "-1",
        "1" * 5000,
        "tin số 12 trong 2025 bài",
    ],
)
def test_what_is_no_date_is_none(raw: str) -> None:
    assert parse_date(raw, timezone=HANOI) is None


# ---- properties -----------------------------------------------------------------------------------------------------

moments = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)).map(lambda m: m.replace(microsecond=0))  # noqa: DTZ001
quarters = st.integers(-12 * 4, 14 * 4).map(lambda n: timezone(timedelta(minutes=15 * n)))
zones = st.sampled_from([HANOI, "Asia/Tokyo", "Europe/London", "America/New_York", "Asia/Kathmandu"])


@given(moments, quarters, zones)
def test_a_date_with_an_offset_means_the_same_everywhere(local: datetime, offset: timezone, zone: str) -> None:
    moment = local.replace(tzinfo=offset)
    for raw in (moment.isoformat(), moment.isoformat(" "), format_datetime(moment), moment.astimezone(UTC).isoformat()):
        assert parse_date(raw, timezone=zone) == moment


@given(moments, zones)
def test_a_date_without_an_offset_is_the_outlets(local: datetime, zone: str) -> None:
    moment = local.replace(tzinfo=ZoneInfo(zone))
    for raw in (local.isoformat(), local.strftime("%a, %d %b %Y %H:%M:%S"), local.strftime("%H:%M:%S %Y/%m/%d")):
        assert parse_date(raw, timezone=zone) == moment


@given(moments, st.integers(-14 * 60, 14 * 60), zones)
def test_an_offset_that_exists_nowhere_is_repaired_and_the_clock_stays(
    local: datetime, minutes: int, zone: str
) -> None:
    parsed = parse_date(local.replace(tzinfo=timezone(timedelta(minutes=minutes))).isoformat(), timezone=zone)
    assert parsed is not None
    assert parsed.replace(tzinfo=None) == local
    offset = parsed.utcoffset()
    assert offset is not None and not offset % timedelta(minutes=15)
    assert abs(offset - timedelta(minutes=minutes)) < timedelta(minutes=30)


@given(st.text(max_size=60) | st.text("0123456789/-:. +TZGMTápm年月日tháng", max_size=40), zones)
def test_any_text_is_an_aware_date_or_none(raw: str, zone: str) -> None:
    parsed = parse_date(raw, timezone=zone)
    assert parsed is None or (parsed.tzinfo is not None and 1945 <= parsed.year <= 2100)


def test_every_date_of_the_stream_is_read_in_seconds(eval_data: Path) -> None:
    with lzma.open(eval_data / "data" / "stream.jsonl.xz", "rt", encoding="utf-8") as lines:
        raws = [item[key] for item in map(json.loads, lines) for key in ("published_at", "fetched_at")]
    started = time.perf_counter()
    parsed = [parse_date(raw, timezone=HANOI) for raw in raws]
    assert time.perf_counter() - started < 5
    assert len(parsed) > 280_000
    for raw, moment in zip(raws, parsed, strict=True):
        assert moment is not None and moment.utcoffset() == timedelta(hours=7)
        assert moment.replace(tzinfo=None).isoformat() == raw[: raw.index("+")]
