"""One invented edition with 25 reports, every section filled; outlets, persons and events do not exist."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from config.settings import MuteSettings
from pipeline.digest.reports import DigestPlan
from pipeline.records import (
    Annotation,
    Article,
    Assessment,
    Coverage,
    DayCount,
    Digest,
    Document,
    FailedSource,
    Relevance,
    SourceKind,
    Tone,
    TopicScore,
)
from tests.pipeline.digest.daily import build_digest

DAY = date(2026, 3, 5)
WINDOW_END = datetime(2026, 3, 5, 0, 0, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
SENSITIVE = frozenset({"environment.pollution", "economy.land_realestate", "politics.anti_corruption"})

COVERAGE = Coverage(
    healthy=42,
    due=45,
    failed=(
        FailedSource(id="bao-mau-b", name="Báo Mẫu B", reason="quá thời gian chờ"),
        FailedSource(id="dai-mau-c", name="Đài Mẫu C", reason="máy chủ trả lỗi 503"),
        FailedSource(id="tap-chi-mau", name="Tạp chí Mẫu", reason="robots.txt không cho phép"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    name: str
    id: str
    tier: int = 2
    country: str = "VN"
    kind: SourceKind = "central"
    language: str = "vi"


NON_CAO = Outlet(name="Báo Non Cao", id="non-cao", tier=3, kind="local")
NHAT_TRIEU = Outlet(name="Nhật báo Thủy Triều", id="thuy-trieu", tier=1)
SONG_BANG = Outlet(name="Sông Bằng Online", id="song-bang", tier=3, kind="local")
BAN_TIN = Outlet(name="Bản tin Kinh tế Việt", id="ban-tin-kinh-te", tier=2)
PHO_HIEN = Outlet(name="Thời báo Phố Hiến", id="pho-hien", tier=2)
TRUYEN_HINH = Outlet(name="Truyền hình Miền Ngược", id="mien-nguoc", tier=1)
LU_HANH = Outlet(name="Tạp chí Lữ Hành Việt", id="lu-hanh", tier=3)
GUANGXI = Outlet(name="Quế Giang nhật báo", id="que-giang", tier=1, country="CN", kind="foreign", language="zh")
MEKONG = Outlet(name="Mekong Morning Post", id="mekong-morning", tier=2, country="LA", kind="foreign", language="en")
SIAM = Outlet(name="Siam Voyage", id="siam-voyage", tier=2, country="TH", kind="foreign", language="th")


def document(
    outlet: Outlet,
    title: str,
    lead: str = "",
    *,
    hours_before_close: float = 5.0,
    tone: Tone = "neutral",
    topic: str = "economy.growth_budget",
    units: tuple[tuple[str, str], ...] = (("cao-bang", "cao-bang"),),
    relevance: Relevance = "about",
    bad_event: bool = False,
    fetched_after_h: float = 0.5,
    url: str = "",
    doc_id: str = "",
    why: tuple[str, ...] = ("tên tỉnh trong tiêu đề",),
) -> Document:
    published_at = WINDOW_END - timedelta(hours=hours_before_close)
    fetched_at = published_at + timedelta(hours=fetched_after_h)
    key = doc_id or f"{outlet.id}-{abs(hash_of(title)):08x}"
    return Document(
        id=key,
        article=Article(
            url=url or f"https://{outlet.id}.example/tin/{key}.html",
            title=title,
            lead=lead,
            text="",
            published_at=published_at,
            fetched_at=fetched_at,
        ),
        source_id=outlet.id,
        outlet=outlet.name,
        country=outlet.country,
        tier=outlet.tier,
        kind=outlet.kind,
        language=outlet.language,
        annotation=Annotation(
            language=outlet.language,
            topics=(TopicScore(id=topic, score=0.9),),
            bad_event=bad_event,
            assessments=tuple(
                Assessment(
                    unit=unit,
                    current=current,
                    relevance=relevance,
                    score=0.95,
                    tone=tone if relevance == "about" else None,
                    tone_score=0.88 if relevance == "about" else None,
                    why=why,
                )
                for unit, current in units
            ),
        ),
        fetched_at=fetched_at,
    )


def hash_of(text: str) -> int:
    """Return a number that is the same in every process."""
    return sum((place + 1) * ord(char) for place, char in enumerate(text))


REGION = (("cao-bang", "cao-bang"), ("lang-son", "lang-son"), ("bac-kan", "thai-nguyen"), ("ha-giang", "tuyen-quang"))


def specimen_documents() -> list[Document]:
    """Return 25 documents of the edition, and some that do not belong to it."""
    return [
        document(
            NHAT_TRIEU,
            "Người dân xóm Nà Lũng phản ánh nước suối đục ngầu sau khi mỏ đá hoạt động trở lại",
            "Gần một tháng nay, hơn 60 hộ dân xóm Nà Lũng phải mua nước đóng bình để nấu ăn. Chính quyền xã cho biết đã"
            " lập biên bản ba lần nhưng doanh nghiệp chưa khắc phục. Sở chuyên ngành hẹn trả lời trong tuần này.",
            tone="negative",
            topic="environment.pollution",
            hours_before_close=3.2,
        ),
        document(
            PHO_HIEN,
            "Dự án chợ đầu mối chậm tiến độ năm thứ ba, tiểu thương vẫn bán hàng ven quốc lộ",
            "Khởi công từ năm 2023, công trình mới xong phần móng. Chủ đầu tư cho rằng vướng giải phóng mặt bằng;"
            " huyện cũ và xã mới chưa thống nhất ai là đầu mối giải quyết.",
            tone="negative",
            topic="economy.trade_export",
            hours_before_close=8.7,
        ),
        document(
            MEKONG,
            "Tourists complain of overcharging at waterfall car park in Cao Bang",
            "Several visitors told the Mekong Morning Post that they had been charged three times the posted fee at a"
            " private car park near the waterfall. The operator denied the claim.",
            tone="negative",
            topic="tourism_sport.tourism_incident",
            hours_before_close=11.0,
        ),
        document(
            GUANGXI,
            "高平省与广西边境口岸通关时间缩短三成",
            "双方口岸部门表示，今年前两个月货车平均等待时间同比缩短三成，边民互市贸易恢复较快。",
            tone="positive",
            topic="sovereignty_border.border_gate",
            hours_before_close=9.5,
        ),
        document(
            SIAM,
            "น้ำตกบ๋านซกติดสิบน้ำตกที่สวยที่สุดในเอเชียตะวันออกเฉียงใต้",
            "นักเดินทางชาวไทยยกให้น้ำตกในจังหวัดกาวบั่งเป็นจุดหมายที่ควรไปในปีนี้",
            tone="positive",
            topic="tourism_sport.tourism_promotion",
            hours_before_close=14.0,
        ),
        document(
            GUANGXI,
            "高平省代表团访问桂江市，商谈合作区建设",
            "双方就跨境经济合作区的规划和交通衔接交换意见。",
            topic="foreign_affairs.border_locality_cooperation",
            hours_before_close=6.0,
        ),
        document(
            TRUYEN_HINH,
            "Sạt lở trên đường tỉnh 204, hai thôn bị chia cắt trong đêm",
            "Khoảng 400 m³ đất đá tràn xuống mặt đường lúc 22 giờ ngày 4/3. Không có thương vong; lực lượng chức năng"
            " đang hốt dọn và dự kiến thông xe một làn trong sáng nay.",
            topic="environment.natural_disaster",
            bad_event=True,
            hours_before_close=1.4,
        ),
        document(
            BAN_TIN,
            "Tỉnh công bố kết quả rà soát 18 khu đất công bỏ trống",
            "Mười một khu sẽ được đấu giá trong quý II, bảy khu giao lại cho xã làm trường học và nhà văn hóa.",
            topic="economy.land_realestate",
            tone="positive",
            hours_before_close=12.5,
        ),
        *(
            document(outlet, title, lead, tone="positive", topic=topic, hours_before_close=hours, fetched_after_h=after)
            for outlet, title, lead, topic, hours, after in (
                (
                    NON_CAO,
                    "Công viên địa chất đón đoàn chuyên gia tái thẩm định",
                    "Đoàn đánh giá cao việc người dân tham gia bảo tồn và cách kể chuyện di sản tại ba tuyến đường.",
                    "culture.heritage_unesco",
                    2.0,
                    0.5,
                ),
                (
                    NON_CAO,
                    "Chỉ số cải cách hành chính tăng sáu bậc",
                    "Tỷ lệ hồ sơ trả đúng hạn đạt 98,7%, tăng 2,1 điểm phần trăm so với năm trước.",
                    "politics.admin_reform",
                    4.0,
                    0.5,
                ),
                (
                    SONG_BANG,
                    "Miến dong Phia Đén lần đầu vào hệ thống siêu thị ở miền Nam",
                    "Hợp tác xã ký hợp đồng cung cấp 40 tấn trong năm đầu, giá cao hơn bán lẻ tại chợ khoảng 15%.",
                    "economy.agriculture_rural",
                    5.5,
                    0.5,
                ),
                (
                    LU_HANH,
                    "Ba ngày trên những cung đường đá: gợi ý cho mùa hoa lê",
                    "Hành trình dành cho nhóm nhỏ, nghỉ tại nhà dân, mỗi ngày đi không quá 60 km.",
                    "tourism_sport.tourism_promotion",
                    7.0,
                    0.5,
                ),
                (
                    NHAT_TRIEU,
                    "Bộ đội biên phòng giúp dân dựng lại 12 ngôi nhà sau lốc xoáy",
                    "Chỉ sau chín ngày, những mái nhà cuối cùng ở bản vùng cao đã được lợp xong.",
                    "society.labour_welfare",
                    10.0,
                    0.5,
                ),
                (
                    TRUYEN_HINH,
                    "Học sinh vùng cao đoạt giải nhất cuộc thi sáng tạo với máy sấy thạch đen",
                    "Nhóm ba em lớp 11 làm chiếc máy từ vật liệu tái chế, chi phí chưa tới hai triệu đồng.",
                    "science_digital.innovation_rnd",
                    13.0,
                    0.5,
                ),
                (
                    PHO_HIEN,
                    "Lượng khách quốc tế hai tháng đầu năm tăng 31%",
                    "Khách lưu trú dài hơn, bình quân 2,4 đêm; công suất phòng cuối tuần đạt 86%.",
                    "tourism_sport.tourism_promotion",
                    15.0,
                    0.5,
                ),
                (
                    BAN_TIN,
                    "Tuyến cao tốc qua vùng biên hoàn thành hầm đầu tiên sớm hai tháng",
                    "Nhà thầu huy động ba ca, bốn kíp; đoạn hầm dài 1.240 m đã thông kỹ thuật tối 3/3.",
                    "economy.transport_infrastructure",
                    30.0,
                    14.0,
                ),
                (
                    SONG_BANG,
                    "Câu lạc bộ hát Then của người cao tuổi mở lớp miễn phí cho thiếu nhi",
                    "",
                    "culture.festival_arts",
                    16.0,
                    0.5,
                ),
            )
        ),
        *(
            document(outlet, title, lead, topic=topic, hours_before_close=hours)
            for outlet, title, lead, topic, hours in (
                (
                    NON_CAO,
                    "Kỳ họp chuyên đề Hội đồng nhân dân tỉnh xem xét 14 tờ trình",
                    "",
                    "politics.leadership_activity",
                    3.0,
                ),
                (
                    NON_CAO,
                    "Lịch tiếp công dân định kỳ tháng 3 của lãnh đạo tỉnh",
                    "",
                    "politics.leadership_activity",
                    4.5,
                ),
                (
                    SONG_BANG,
                    "Từ 10/3, điều chỉnh giờ thông quan tại hai cửa khẩu phụ",
                    "",
                    "sovereignty_border.border_gate",
                    6.5,
                ),
                (BAN_TIN, "Giá thạch đen đầu vụ giữ ở mức 32.000 đồng/kg", "", "economy.agriculture_rural", 8.0),
                (PHO_HIEN, "Dự báo: vùng núi phía Bắc đón đợt rét cuối mùa", "", "environment.natural_disaster", 9.0),
                (SONG_BANG, "Tuyển sinh lớp 10: thêm hai trường xét học bạ", "", "society.education", 17.0),
            )
        ),
        document(
            BAN_TIN,
            "Bốn tỉnh vùng biên bàn cách nối tuyến xe khách cho du lịch",
            "Các địa phương thống nhất thử nghiệm vé liên tuyến từ tháng 5, giao hiệp hội vận tải xây dựng biểu giá.",
            topic="economy.transport_infrastructure",
            units=REGION,
            hours_before_close=18.0,
        ),
        document(
            TRUYEN_HINH,
            "Miền núi phía Bắc giải ngân vốn chương trình mục tiêu đạt 21%",
            "Cao hơn cùng kỳ 4 điểm phần trăm; một số tỉnh đề nghị được điều chuyển vốn giữa các dự án thành phần.",
            topic="society.poverty_ntp",
            units=REGION,
            hours_before_close=20.0,
        ),
        # What follows must not be printed.
        document(NON_CAO, "Chỉ nhắc tới tỉnh như quê quán", relevance="mention"),
        document(NON_CAO, "Tin của tỉnh khác", units=(("lang-son", "lang-son"),)),
        document(NON_CAO, "Tin của ngày hôm trước", hours_before_close=26.0),
        document(LU_HANH, "Mua ngay vé khuyến mãi đi Cao Bằng", "Quảng cáo", tone="positive"),
    ]


HISTORY = {
    DAY - timedelta(days=back): DayCount(
        day=DAY - timedelta(days=back), positive=8 + back % 5, neutral=6 + back % 4, negative=back % 3
    )
    for back in range(1, 29)
    if back != 3
}

PLAN = DigestPlan(
    province="cao-bang",
    collecting_since_at=SINCE,
    mute=MuteSettings(phrases=("vé khuyến mãi",)),
    sensitive=SENSITIVE,
    contact="diemtin@caobang.example",
    software="0.1.0",
)


def specimen() -> Digest:
    """Return the edition of 5 March 2026 for Cao Bằng."""
    return build_digest(PLAN, DAY, specimen_documents(), coverage=COVERAGE, earlier=HISTORY)
