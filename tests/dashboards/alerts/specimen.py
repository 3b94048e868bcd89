"""An invented alert for the tests of rendering."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from dashboards.alerts.notice import Notice
from pipeline.records import Alert, AlertDay, AlertStory

DAY = date(2026, 3, 5)
COUNTS = (2, 1, 0, 3, 1, None, 2, 1, 2, 0, 1, 3, 2, 1, 1, 0, 2, 2, 1, 4, 1, 0, 1, 2, 3, 1, 5, 11)


def at(hour: int, minute: int = 0) -> datetime:
    """Return a local clock time of the day as an instant."""
    return datetime(2026, 3, 5, hour - 7, minute, tzinfo=UTC)


STORIES = (
    AlertStory(
        id="s1",
        day=DAY,
        title="Người dân xã Nà Mẫu phản ánh bãi thải mỏ tràn xuống suối, chính quyền chậm xử lý",
        url="https://bao-mau.example/bai-thai-na-mau",
        outlet="Báo Mẫu",
        country="VN",
        language="vi",
        published_at=at(8, 15),
        outlets=6,
        sentence="Nhiều hộ dân cho biết đã kiến nghị bốn lần trong hai năm nhưng chưa được trả lời.",
        tone_score=0.93,
        marks=("sensitive", "tier_1"),
        documents=("d1", "d2", "d3", "d4", "d5", "d6"),
    ),
    AlertStory(
        id="s2",
        day=DAY,
        title="Vietnam mining waste spills into border stream, villagers say",
        url="https://daily-sample.example/mining-waste",
        outlet="The Daily Sample",
        country="SG",
        language="en",
        published_at=at(13, 40),
        outlets=1,
        sentence="Residents accuse the province of ignoring their warnings.",
        tone_score=0.88,
        marks=("sensitive", "foreign"),
        documents=("d7",),
    ),
    AlertStory(
        id="s3",
        day=DAY,
        title="Tạm dừng dự án kè sông vì chậm giải ngân <b>",
        url="javascript:alert(1)",
        outlet="Thời báo Ví Dụ",
        country="VN",
        language="vi",
        published_at=at(9, 5),
        outlets=4,
        sentence="",
        tone_score=0.7,
        documents=("d8", "d9", "d10", "d11"),
    ),
)

SPIKE = Alert(
    id="cao-bang-20260305",
    unit="cao-bang",
    kind="spike",
    level=2,
    day=DAY,
    last_day=DAY,
    peak_day=DAY,
    observed=11,
    expected=1.63,
    p_value=0.00042,
    outlets=8,
    qualifiers=("sensitive", "foreign"),
    stories=STORIES,
    days=tuple(
        AlertDay(
            day=DAY - timedelta(days=len(COUNTS) - 1 - place),
            observed=count,
            expected=None if count is None else 1.5 + 0.1 * (place % 7),
        )
        for place, count in enumerate(COUNTS)
    ),
    events=("Ngày hội non nước (ví dụ)",),
    opened_at=at(14),
    raised_at=at(14),
    updated_at=at(14),
)

GRAVE = replace(
    SPIKE,
    id="cao-bang-20260305-d7",
    kind="grave",
    level=1,
    observed=1,
    p_value=0.7,
    outlets=1,
    qualifiers=("sensitive", "foreign"),
    stories=STORIES[1:2],
    events=(),
)

NOTICE = Notice(
    alert=SPIKE, kibana_url="https://kibana.tinh.example/s/press", contact="vanthu@caobang.example", internal=True
)
