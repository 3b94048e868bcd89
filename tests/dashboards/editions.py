"""Invented editions with what the plain one lacks: stories of several outlets, alerts, events, an editor's hand."""

from datetime import UTC, datetime, timedelta

from pipeline.digest.build import Background, build_edition
from pipeline.digest.editing import Edits, ItemEdit, ItemTexts
from pipeline.digest.period import Period
from pipeline.records import Digest, DigestAlert, DigestEvent, Document
from tests.dashboards.specimen import (
    COVERAGE,
    DAY,
    GUANGXI,
    HISTORY,
    LU_HANH,
    MEKONG,
    NON_CAO,
    PHO_HIEN,
    PLAN,
    SIAM,
    SONG_BANG,
    TRUYEN_HINH,
    specimen_documents,
)
from tests.pipeline.digest.told import YESTERDAY, bridge, told

ONE_DAY = timedelta(days=1)
SAVED_AT = datetime(2026, 3, 4, 23, 40, tzinfo=UTC)

ALERTS = (
    DigestAlert(
        id="canh-bao-1",
        kind="spike",
        level=2,
        unit="cao-bang",
        day=DAY - ONE_DAY,
        observed=7,
        expected=1.4,
        title="Tin tiêu cực tăng bất thường, cần kiểm chứng, làm rõ",
        state="opened",
    ),
    DigestAlert(
        id="canh-bao-2",
        kind="grave",
        level=0,
        unit="cao-bang",
        day=DAY - ONE_DAY,
        observed=1,
        expected=0.3,
        title="Một báo nước ngoài nêu vấn đề nhạy cảm",
        state="acknowledged",
    ),
)
EVENTS = (
    DigestEvent(day=DAY, title="Lễ hội Lồng tồng"),
    DigestEvent(day=DAY + 3 * ONE_DAY, title="Ngày Quốc tế Phụ nữ"),
)
FLOOD = "sat-lo"
MORNING = Background(coverage=COVERAGE, earlier=HISTORY, began={FLOOD: YESTERDAY}, alerts=ALERTS, events=EVENTS)


def stories_of_a_morning() -> list[Document]:
    """Return the documents of `specimen_documents` and two stories that several outlets tell."""
    landslide = [
        told(outlet, title, story=FLOOD, hours_before_close=hours, topic="environment.natural_disaster")
        for outlet, title, hours in (
            (NON_CAO, "Mưa lớn gây sạt lở tại ba xã vùng cao", 11),
            (SONG_BANG, "Ba xã vùng cao bị cô lập vì sạt lở", 10),
            (PHO_HIEN, "Sạt lở ở vùng cao, chưa ghi nhận thương vong", 6),
            (LU_HANH, "Sạt lở, nhiều tuyến du lịch tạm dừng", 2),
            (TRUYEN_HINH, "Trực tiếp từ điểm sạt lở", 1),
        )
    ]
    return [*specimen_documents(), *bridge(), *landslide]


def full_edition() -> Digest:
    """Return the edition of 5 March 2026 with stories, alerts and events."""
    return build_edition(PLAN, Period.daily(DAY), stories_of_a_morning(), MORNING)


def edited_edition() -> Digest:
    """Return the same edition after an editor: words, an order, a headline in Vietnamese, an item left out."""
    plain = full_edition()
    foreign = next(section for section in plain.sections if section.id == "foreign")
    neutral = next(section for section in plain.sections if section.id == "neutral")
    headline = ItemTexts(
        title="Đoàn Cao Bằng thăm Quế Giang, bàn lập khu hợp tác",
        summary="Hai bên trao đổi về quy hoạch khu hợp tác kinh tế qua biên giới và nối tuyến giao thông.",
    )
    chinese = next(item for item in foreign.items if item.language == "zh")
    edits = Edits(
        place="nhap.yaml",
        edited_at=SAVED_AT,
        by="Hoàng Thị Thử",
        outlook=(
            "Mưa lớn còn kéo dài đến cuối tuần; báo chí sẽ tiếp tục hỏi về đường tỉnh 204 và ba xã bị chia cắt.",
            "Câu chuyện cầu treo Nà Rị có thể chuyển sang trách nhiệm của chủ đầu tư phần đường dẫn.",
        ),
        proposals=(
            "Sở Xây dựng trả lời Nhật báo Thủy Triều về tiến độ đường dẫn trước ngày 7/3.",
            "Công bố số điện thoại cập nhật tình hình giao thông cho phóng viên.",
        ),
        sections={
            "foreign": (ItemEdit(id=chinese.id, line=20, texts=headline),),
            "neutral": (ItemEdit(id=neutral.items[-1].id, line=30, drop=True, why="đã đăng hôm trước"),),
            "prominent": (ItemEdit(id=FLOOD, line=10),),
        },
    )
    return build_edition(PLAN, Period.daily(DAY), stories_of_a_morning(), MORNING, edits=edits)


def foreign_week() -> Digest:
    """Return the weekly foreign edition that ends with 5 March 2026, one story of it told in two countries."""
    border = "cua-khau"
    docs = [
        *stories_of_a_morning(),
        told(GUANGXI, "两国口岸延长开放时间", story=border, hours_before_close=70, tone="positive"),
        told(MEKONG, "Border gate to open longer", story=border, hours_before_close=52, tone="positive"),
        told(SIAM, "ผู้โดยสารร้องเรียนราคารถตู้", story=None, hours_before_close=90, tone="negative"),
    ]
    remarks = ("Báo chí Trung Quốc đưa đậm về thông quan; tin tiêu cực chỉ là giá dịch vụ du lịch.",)
    edits = Edits(place="nhap.yaml", edited_at=SAVED_AT, by="Hoàng Thị Thử", outlook=remarks)
    background = Background(coverage=COVERAGE, previous_period=4)
    return build_edition(PLAN, Period.foreign_week(DAY), docs, background, edits=edits)


def briefing() -> Digest:
    """Return the edition of three days that end with 5 March 2026."""
    period = Period.of_days(DAY - 2 * ONE_DAY, DAY)
    return build_edition(PLAN, period, stories_of_a_morning(), Background(coverage=COVERAGE, previous_period=31))
