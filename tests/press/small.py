"""Small sites for tests that care about fetching, not about what the articles say."""

from datetime import datetime, timedelta

from tests.press.site import Article, Edit, Layout, Listing, Outlet, Site

LISTINGS: tuple[Listing, ...] = ("rss", "atom", "news_sitemap", "section")
LAYOUTS: tuple[Layout, ...] = ("json_ld", "open_graph", "meta_time", "microdata")
SENTENCES = (
    "Sở Xây dựng Cao Bằng cho biết đoạn đường số {n} qua xã vùng cao đã thông xe sau ba tháng thi công.",
    "Theo chủ đầu tư, gói thầu thứ {n} có tổng vốn {n} tỷ đồng, do đơn vị trong tỉnh thực hiện.",
    "Bà con hai bên đường nói việc đi chợ phiên thuận lợi hơn trước, nhất là trong những ngày mưa kéo dài.",
    "Ngành giao thông sẽ tiếp tục rà soát các điểm sạt lở và báo cáo Ủy ban nhân dân tỉnh trước mùa mưa năm sau.",
)


def small_site(now: datetime, *, outlets: int = 4, articles: int = 5) -> Site:
    """Return ``outlets`` outlets (feed, Atom, news sitemap, section page in turn) with ``articles`` each.

    Ids are ``outlet-1`` and ``outlet-1-article-1``. Article n was published n hours before ``now``. At stage 2 every
    first article reads differently, every second one is gone, and each outlet has one more.
    """
    names = [f"outlet-{number}" for number in range(1, outlets + 1)]
    houses = [
        Outlet(
            id=name,
            name=f"Báo Thử Nghiệm {number}",
            listing=LISTINGS[(number - 1) % len(LISTINGS)],
            layout=LAYOUTS[(number - 1) % len(LAYOUTS)],
        )
        for number, name in enumerate(names, start=1)
    ]
    written = [
        _article(name, number, now, stage=2 if number > articles else 1)
        for name in names
        for number in range(1, articles + 2)
    ]
    return Site(outlets=tuple(houses), articles=tuple(written))


def _article(outlet_id: str, number: int, now: datetime, *, stage: int) -> Article:
    published_at = now - timedelta(hours=number if stage == 1 else 0.5)
    title = f"Cao Bằng thông xe đoạn đường số {number} của {outlet_id}"
    paragraphs = tuple(sentence.format(n=number) for sentence in SENTENCES)
    edit = Edit(
        stage=2,
        title=f"{title} (cập nhật)",
        lead=f"Cập nhật: đoạn đường số {number} đã có đèn chiếu sáng.",
        paragraphs=(*paragraphs, "Chiều cùng ngày, đơn vị thi công lắp xong hệ thống đèn chiếu sáng hai bên đường."),
        updated_at=now - timedelta(minutes=10),
    )
    return Article(
        id=f"{outlet_id}-article-{number}",
        outlet_id=outlet_id,
        path=f"/thoi-su/thong-xe-{number}.html",
        title=title,
        lead=f"Đoạn đường số {number} nối các xã vùng cao với quốc lộ đã đưa vào sử dụng.",
        paragraphs=paragraphs,
        published_at=published_at,
        author="Bế Thị Thử",
        section="Thời sự",
        stage=stage,
        edit=edit if number == 1 else None,
        gone_from=2 if number == 2 else None,
    )
