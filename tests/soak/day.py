"""The demo press on one day: its articles appear in a few waves, and outlets fail meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from config.localtime import LOCAL_ZONE
from tests.press import faults
from tests.press.demo import demo_site
from tests.press.server import Press
from tests.press.site import Article, Site

DAY = date(2026, 3, 5)
"""A Thursday: the foreign edition is due as well."""
START = datetime.combine(DAY - timedelta(days=1), time(8, 10), LOCAL_ZONE)
END = START + timedelta(days=1)
OUTLETS = ("thoi-bao-viet", "tin-sang", "doi-song-moi", "bao-non-nuoc")
WAVE = timedelta(hours=3)
"""Articles of three hours appear together, so that the classifiers are loaded a dozen times and not fifty."""


GRAVE = (
    (
        "thoi-bao-viet",
        START + timedelta(hours=5),
        "Cao Bằng: khởi tố phó giám đốc sở nhận hối lộ hai tỷ đồng của nhà thầu trường học",
        "Cơ quan điều tra khởi tố, bắt tạm giam phó giám đốc một sở của tỉnh Cao Bằng vì nhận hối lộ trong các gói "
        "thầu xây trường học.",
        "Cơ quan điều tra cho biết vị phó giám đốc đã nhiều lần nhận tiền của nhà thầu để bỏ qua sai phạm. Người dân "
        "Cao Bằng bức xúc vì ba ngôi trường vừa bàn giao đã nứt tường. Thanh tra từng cảnh báo từ hai năm trước "
        "nhưng tỉnh không xử lý, để sai phạm kéo dài",
    ),
    (
        "tin-sang",
        START + timedelta(hours=14),
        "Nhà máy xả thải đầu độc sông Bằng, chính quyền Cao Bằng bị tố buông lỏng quản lý",
        "Cá chết trắng nhiều cây số, dân mất nước sạch; Cao Bằng bị phê bình làm ngơ trước đơn kêu cứu suốt một năm.",
        "Nước thải chưa xử lý của nhà máy chảy thẳng ra sông Bằng khiến cá chết hàng loạt, ô nhiễm nghiêm trọng. Người "
        "dân gửi hàng chục đơn kêu cứu nhưng tỉnh Cao Bằng im lặng. Chuyên gia chỉ trích sự tắc trách của các cơ quan "
        "quản lý môi trường địa phương",
    ),
)
"""Outlet, time (the wave that it appears with is the next), title, lead and text."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that befalls the world."""

    at: datetime
    do: Callable[[], object]


def local(hour: int, minute: int = 0) -> datetime:
    """Return a time of the simulated day: of its eve from 8:10 on, else of the day itself."""
    at = datetime.combine(DAY - timedelta(days=1), time(hour, minute), LOCAL_ZONE)
    return at if at >= START else at + timedelta(days=1)


def day_site() -> Site:
    """Return the press: everything older is out when the day begins, the rest comes wave by wave, a stage each."""
    site = demo_site(DAY)
    outlets = tuple(replace(outlet, troubles=()) for outlet in site.outlets if outlet.id in OUTLETS)
    articles = (*(one for one in site.articles if one.outlet_id in OUTLETS), *_grave_articles())
    restaged = map(_restaged, articles)
    return Site(outlets=outlets, articles=tuple(one for one in restaged if one.published_at < END))


def _grave_articles() -> Iterator[Article]:
    """Yield two articles of the national press that an office must hear of at once."""
    for outlet_id, at, title, lead, text in GRAVE:
        yield Article(
            id=f"{outlet_id}-{at:%H%M}",
            outlet_id=outlet_id,
            path=f"/phap-luat/tin-{at:%H%M}.html",
            title=title,
            lead=lead,
            paragraphs=tuple(f"{sentence}." for sentence in text.split(". ")),
            published_at=at,
            author="Bế Thị Thử",
            section="Pháp luật",
        )


def _restaged(article: Article) -> Article:
    stage = _stage(article.published_at)
    at = article.published_at if stage == 1 else _wave_at(stage)
    return replace(article, published_at=at, stage=stage, edit=None, gone_from=None)


def _stage(at: datetime) -> int:
    """Return 1 for what was out at the start, and 2, 3, … for the waves after it."""
    return 1 if at <= START else 1 - (START - at) // WAVE


def _wave_at(stage: int) -> datetime:
    return START + (stage - 1) * WAVE


def waves(press: Press) -> Iterator[Happening]:
    """Yield the appearance of each wave."""
    for stage in sorted({article.stage for article in press.site.articles if article.stage > 1}):
        yield Happening(_wave_at(stage), lambda stage=stage: press.advance(stage))  # type: ignore[misc]


def outages(press: Press) -> Iterator[Happening]:
    """Yield the troubles of outlets: one is down for three hours, one hangs, a national one is down for an hour."""
    for outlet, fault, from_at, to_at in (
        ("doi-song-moi", faults.unavailable(), local(10, 30), local(13, 30)),
        ("bao-non-nuoc", faults.unavailable(status=500), local(12), local(20)),
        ("thoi-bao-viet", faults.unavailable(), local(18, 30), local(19, 30)),
    ):
        yield Happening(from_at, lambda outlet=outlet, fault=fault: press.break_(outlet, "*", fault))  # type: ignore[misc]
        yield Happening(to_at, lambda outlet=outlet: press.heal(outlet))  # type: ignore[misc]
