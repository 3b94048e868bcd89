"""Pages written for the tests: one for each rule by which a field is found, with what must come out."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pipeline.records import FeedEntry, Page, Source

FETCHED_AT = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
URL = "https://baomoi-xuan.example/xa-hoi/cau-moi-cao-bang-104.htm"
TITLE = "Cao Bằng thông xe cầu mới bắc qua sông Hiến"
LEAD = "Sáng 4/3, cây cầu dài 210 m nối hai bờ sông Hiến chính thức đưa vào sử dụng sau 18 tháng thi công."
FIRST = (
    "Phát biểu tại lễ thông xe, lãnh đạo địa phương cho biết công trình rút ngắn quãng đường từ trung tâm "
    "tới khu công nghiệp phía nam còn chưa đầy bốn cây số, giảm hẳn cảnh ùn tắc giờ cao điểm."
)
SECOND = (
    "Theo đơn vị thi công, cầu có bốn làn xe, tổng mức đầu tư 320 tỷ đồng từ ngân sách, được thiết kế để chịu "
    "được lũ có tần suất một trăm năm. Người dân hai bên bờ đã chờ cây cầu này hơn mười năm nay."
)
THIRD = (
    "Trong thời gian tới, tỉnh tiếp tục đầu tư đường dẫn và hệ thống chiếu sáng, đồng thời cấm xe tải trên mười "
    "tấn đi qua khu dân cư. Việc trồng cây dọc hai bờ sông sẽ hoàn thành trước mùa mưa năm nay."
)
BODY = f"<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>"
TEXT = "\n".join((FIRST, SECOND, THIRD))
SOURCE = Source(
    id="bao-xuan", name="Báo Xuân", kind="central", tier=2, country="VN", language="vi", timezone="Asia/Ho_Chi_Minh"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One page and the fields of the article it must give. ``rules`` are compared where given."""

    name: str
    body: bytes
    expected: Mapping[str, Any]
    rules: Mapping[str, str] = field(default_factory=dict)
    url: str = URL
    content_type: str = "text/html; charset=utf-8"
    source: Source | None = None
    entry: FeedEntry | None = None

    @property
    def page(self) -> Page:
        return Page(
            url=self.url,
            requested_url=self.url,
            status=200,
            content_type=self.content_type,
            body=self.body,
            fetched_at=FETCHED_AT,
            entry=self.entry,
        )


def markup(head: str = "", body: str = BODY, *, title: str = TITLE, lang: str = "vi") -> str:
    """Return a page: ``head`` into its head, ``body`` into its article behind the ``<h1>``."""
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><title>{title}</title>{head}</head>'
        f"<body><nav><a href='/'>Trang chủ</a> <a href='/xa-hoi'>Xã hội</a></nav><main><article><h1>{TITLE}</h1>"
        f"{body}</article></main><footer>Cơ quan chủ quản: Hội Báo Xuân</footer></body></html>"
    )


def json_ld(data: str) -> str:
    return f'<script type="application/ld+json">{data}</script>'


def meta(**values: str) -> str:
    """``meta(og__title="…")`` → ``<meta property="og:title" content="…">``."""
    return "".join(f'<meta property="{name.replace("__", ":")}" content="{value}">' for name, value in values.items())


def named(**values: str) -> str:
    return "".join(f'<meta name="{name.replace("__", ".")}" content="{value}">' for name, value in values.items())


TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"


def windows_1258(text: str) -> bytes:
    """Return ``text`` as that encoding has it: tone marks that have no letter of their own stand behind the vowel."""
    written = []
    for char in text:
        parts = unicodedata.normalize("NFD", char)
        vowel = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONE_MARKS))
        written.append(vowel + "".join(part for part in parts if part in TONE_MARKS))
    return "".join(written).encode("cp1258")


PUBLISHED = datetime(2026, 3, 4, 1, 30, tzinfo=UTC)
ARTICLE_LD = (
    f'{{"@type": "NewsArticle", "headline": "{TITLE}", "datePublished": "2026-03-04T08:30:00+07:00", '
    '"author": {"@type": "Person", "name": "Lý Thu Hà"}, "publisher": {"@type": "Organization", "name": "Báo Xuân"}, '
    f'"articleSection": "Xã hội", "inLanguage": "vi-VN", "description": "{LEAD}"}}'
)
FROM_LD = {
    "title": TITLE,
    "published_at": PUBLISHED,
    "published_raw": "2026-03-04T08:30:00+07:00",
    "author": "Lý Thu Hà",
    "outlet": "Báo Xuân",
    "section": "Xã hội",
    "text": TEXT,
    "flags": (),
}

CASES: tuple[Case, ...] = (
    # ---- JSON-LD ----------------------------------------------------------------------------------------------------
    Case(
        name="json_ld_object",
        body=markup(json_ld(ARTICLE_LD)).encode(),
        expected=FROM_LD,
        rules={"title": "json-ld", "published_at": "json-ld", "author": "json-ld", "text": "trafilatura"},
    ),
    Case(
        name="json_ld_graph",
        body=markup(
            json_ld(
                f'{{"@graph": [{{"@type": "WebSite", "name": "Trang", "datePublished": "2001-01-01"}}, {ARTICLE_LD}]}}'
            )
        ).encode(),
        expected=FROM_LD,
    ),
    Case(
        name="json_ld_list_with_breadcrumb_first",
        body=markup(
            json_ld(f'[{{"@type": "BreadcrumbList", "itemListElement": [{{"name": "x"}}]}}, {ARTICLE_LD}]')
        ).encode(),
        expected=FROM_LD,
    ),
    Case(
        name="json_ld_type_is_a_list",
        body=markup(json_ld(ARTICLE_LD.replace('"NewsArticle"', '["Thing", "ReportageNewsArticle"]'))).encode(),
        expected=FROM_LD,
    ),
    Case(
        name="json_ld_broken_by_comment_comma_and_line_break",
        body=markup(
            json_ld("\n/* tạo tự động */\n" + ARTICLE_LD.replace("cầu dài", "cầu\n dài").rstrip("}") + ",\n}\n;")
        ).encode(),
        expected=FROM_LD,
    ),
    Case(
        name="json_ld_in_cdata",
        body=markup(json_ld(f"//<![CDATA[\n{ARTICLE_LD}\n//]]>")).encode(),
        expected=FROM_LD,
    ),
    Case(
        name="json_ld_two_objects_joined",
        body=markup(json_ld('{"@type": "Organization", "name": "Báo Xuân"}' + ARTICLE_LD)).encode(),
        expected=FROM_LD,
    ),
    Case(
        name="json_ld_beyond_repair_leaves_the_rest",
        body=markup(
            json_ld('{"@type": "NewsArticle", "headline": ')
            + meta(og__title=TITLE, article__published_time="2026-03-04T08:30:00+07:00")
        ).encode(),
        expected={"title": TITLE, "published_at": PUBLISHED, "text": TEXT},
        rules={"published_at": "opengraph"},
    ),
    Case(
        name="json_ld_of_related_articles_is_not_the_article",
        body=markup(
            json_ld(
                '{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "Tin khác", '
                '"datePublished": "2020-01-01"}]}'
            )
            + named(pubdate="2026-03-04T08:30:00+07:00")
        ).encode(),
        expected={"title": TITLE, "published_at": PUBLISHED},
        rules={"published_at": "meta"},
    ),
    Case(
        name="json_ld_entities_and_soft_hyphens",
        body=markup(json_ld(ARTICLE_LD.replace("thông xe", "th&ocirc;ng&#32;x\u00ade"))).encode(),
        expected={"title": TITLE},
    ),
    # ---- headline ---------------------------------------------------------------------------------------------------
    Case(
        name="opengraph_only",
        body=markup(
            meta(
                og__title="Cầu mới qua sông Hiến: bốn cây số, mười năm chờ",
                og__site_name="Báo Xuân",
                og__description=LEAD,
                article__published_time="2026-03-04T01:30:00Z",
                article__section="Giao thông",
            ),
            title=f"{TITLE} | Báo Xuân",
        ).encode(),
        expected={
            "title": "Cầu mới qua sông Hiến: bốn cây số, mười năm chờ",
            "lead": LEAD,
            "published_raw": "2026-03-04T01:30:00+00:00",
            "section": "Giao thông",
            "outlet": "Báo Xuân",
        },
        rules={"title": "opengraph", "lead": "description", "published_at": "opengraph", "outlet": "opengraph"},
    ),
    Case(
        name="opengraph_title_with_outlet_loses_to_heading",
        body=markup(
            meta(og__title="Cầu mới ở Cao Bằng - Báo Xuân", og__site_name="Báo Xuân"), title="Cầu mới - Báo Xuân"
        ).encode(),
        expected={"title": TITLE},
        rules={"title": "h1"},
    ),
    Case(
        name="suffix_is_the_host",
        body=f"<html><head><title>{TITLE} - baomoi-xuan.example</title></head><body>{BODY}</body></html>".encode(),
        expected={"title": TITLE, "flags": ("no_date",), "published_at": FETCHED_AT, "published_raw": ""},
        rules={"title": "title-tag"},
    ),
    Case(
        name="a_dash_inside_the_headline_stays",
        body=markup(
            meta(og__title="Hà Nội - Cao Bằng: khởi công cao tốc - Báo Xuân", og__site_name="Báo Xuân"),
            title="Cao tốc",
        )
        .replace(f"<h1>{TITLE}</h1>", "")
        .encode(),
        expected={"title": "Hà Nội - Cao Bằng: khởi công cao tốc"},
    ),
    Case(
        name="title_from_the_feed_when_the_page_has_none",
        body=f"<html><body>{BODY}</body></html>".encode(),
        entry=FeedEntry(url=URL, title=TITLE, summary="Tóm tắt của nguồn tin.", published_at=PUBLISHED, author="L. H."),
        expected={"title": TITLE, "lead": "Tóm tắt của nguồn tin.", "published_at": PUBLISHED, "author": "L. H."},
        rules={"title": "feed", "published_at": "feed", "author": "feed"},
    ),
    # ---- date -------------------------------------------------------------------------------------------------------
    Case(
        name="time_element",
        body=markup(body=f'<time datetime="2026-03-04T08:30:00+07:00">04/03/2026</time>{BODY}').encode(),
        expected={"published_raw": "2026-03-04T08:30:00+07:00", "text": TEXT},
        rules={"published_at": "time"},
    ),
    Case(
        name="microdata",
        body=markup(
            body=f'<span itemprop="datePublished" content="2026-03-04T08:30:00+07:00"></span>'
            f'<span itemprop="author">Lý Thu Hà</span>{BODY}'
        ).encode(),
        expected={"published_at": PUBLISHED, "author": "Lý Thu Hà", "text": TEXT},
        rules={"published_at": "microdata", "author": "microdata"},
    ),
    Case(
        name="vietnamese_date_line",
        body=markup(body=f'<div class="ngay-dang">Thứ Tư, 04/03/2026 08:30 (GMT+7)</div>{BODY}').encode(),
        expected={"published_at": PUBLISHED, "text": TEXT},
        rules={"published_at": "text"},
    ),
    Case(
        name="todays_date_in_the_page_head_is_not_the_articles",
        body=markup(body=f'<span class="publish-time">04/03/2026 08:30</span>{BODY}')
        .replace("<nav>", '<div class="today-date">Thứ Năm, ngày 05/03/2026</div><nav>')
        .encode(),
        expected={"published_at": PUBLISHED},
        rules={"published_at": "text"},
    ),
    Case(
        name="vietnamese_date_in_words",
        body=markup(body=f'<p class="post-date">Ngày 4 tháng 3 năm 2026, 08h30</p>{BODY}').encode(),
        expected={"published_at": PUBLISHED},
        rules={"published_at": "text"},
    ),
    Case(
        name="date_in_the_address",
        url="https://baomoi-xuan.example/xa-hoi/cau-moi-20260304083012345.htm",
        body=markup().encode(),
        expected={"published_raw": "2026-03-04T08:30:12+07:00"},
        rules={"published_at": "url"},
    ),
    Case(
        name="date_without_zone_is_the_outlets",
        source=Source(
            id="bkk", name="Bangkok", kind="foreign", tier=2, country="TH", language="th", timezone="Asia/Tokyo"
        ),
        body=markup(named(pubdate="2026-03-04 08:30")).encode(),
        expected={"published_raw": "2026-03-04T08:30:00+09:00"},
    ),
    Case(
        name="odd_offset_is_repaired",
        body=markup(meta(article__published_time="2026-03-04T08:30:00+07:07")).encode(),
        expected={"published_at": PUBLISHED, "published_raw": "2026-03-04T08:30:00+07:00"},
    ),
    Case(
        name="bare_date_stays_bare",
        body=markup(named(dc__date="2026-03-04")).encode(),
        expected={"published_raw": "2026-03-04", "published_at": datetime(2026, 3, 3, 17, 0, tzinfo=UTC)},
    ),
    Case(
        name="future_date_is_clamped",
        body=markup(meta(article__published_time="2026-03-05T23:30:00+07:00")).encode(),
        expected={
            "published_at": FETCHED_AT,
            "published_raw": "2026-03-05T23:30:00+07:00",
            "flags": ("future_date",),
        },
    ),
    Case(
        name="date_far_ahead_loses_to_a_plausible_one",
        body=markup(
            meta(article__published_time="2026-04-03T08:30:00+07:00") + named(pubdate="2026-03-04T08:30:00+07:00")
        ).encode(),
        expected={"published_at": PUBLISHED, "flags": ()},
    ),
    Case(
        name="unreadable_date_is_passed_over",
        body=markup(meta(article__published_time="{{date}}") + named(pubdate="2026-03-04T08:30:00+07:00")).encode(),
        expected={"published_at": PUBLISHED},
    ),
    # ---- text -------------------------------------------------------------------------------------------------------
    Case(
        name="lead_byline_references_and_appeals",
        body=markup(
            json_ld(ARTICLE_LD),
            f'<p class="author">Lý Thu Hà</p><h2 class="sapo">{LEAD}</h2><p>{FIRST}</p>'
            '<p>Xem thêm: <a href="/x.htm">Cao Bằng đón hai triệu lượt khách du lịch trong năm</a></p>'
            f"<p>{SECOND}</p><p>{THIRD}</p><p>Theo dõi Báo Xuân trên Google News</p>"
            '<h3>Tin liên quan</h3><ul><li><a href="/a.htm">Một tin khác về giao thông miền núi</a></li></ul>',
        ).encode(),
        expected={"lead": LEAD, "text": f"{LEAD}\n{TEXT}"},
        rules={"lead": "page"},
    ),
    Case(
        name="caption_of_a_vietnamese_page_stays",
        body=markup(
            body=f"<p>{FIRST}</p><figure><img src='a.jpg'><figcaption>Cầu nhìn từ trên cao (Ảnh: Báo Xuân)."
            f"</figcaption></figure><p>{SECOND}</p><p>{THIRD}</p>"
        ).encode(),
        expected={"text": "\n".join((FIRST, "Cầu nhìn từ trên cao (Ảnh: Báo Xuân).", SECOND, THIRD))},
    ),
    Case(
        name="caption_of_a_foreign_page_goes",
        body=markup(
            body=f"<p>{FIRST}</p><figure><img src='a.jpg'><figcaption>The bridge (Photo: Xuan).</figcaption></figure>"
            f"<p>{SECOND}</p><p>{THIRD}</p>",
            lang="en",
        ).encode(),
        expected={"text": TEXT, "language": "en"},
    ),
    Case(
        name="next_article_of_an_endless_page_goes",
        body=markup(json_ld(ARTICLE_LD))
        .replace(
            "</main>",
            f"<article><h1>Lạng Sơn mở chợ đêm</h1><p>{'Chợ đêm họp hằng tuần ở phố cũ. ' * 12}</p></article></main>",
        )
        .encode(),
        expected={"text": TEXT},
    ),
    Case(
        name="a_feed_snippet_is_never_the_text",
        body="<html><head><title>Cao Bằng có tin</title></head><body><div id=app></div></body></html>".encode(),
        entry=FeedEntry(url=URL, title=TITLE, summary=FIRST),
        expected={"text": "", "lead": FIRST, "title": "Cao Bằng có tin", "flags": ("no_date", "empty_text")},
    ),
    Case(
        name="photo_page_without_text",
        body=markup(json_ld(ARTICLE_LD), "<img src='a.jpg'>").encode(),
        expected={"title": TITLE, "text": "", "lead": LEAD, "flags": ("empty_text",)},
    ),
    Case(
        name="amp_page",
        url="https://amp.baomoi-xuan.example/xa-hoi/cau-moi-cao-bang-104.amp",
        body=markup(f'<link rel="canonical" href="{URL}">' + json_ld(ARTICLE_LD)).replace("<html", "<html ⚡").encode(),
        expected={"url": URL, "title": TITLE, "text": TEXT},
        rules={"url": "canonical"},
    ),
    Case(
        name="canonical_link_to_another_outlet_is_ignored",
        body=markup('<link rel="canonical" href="https://hang-tin.example/goc.htm">').encode(),
        expected={"url": URL},
        rules={"url": "response"},
    ),
    Case(
        name="canonical_link_to_the_front_page_is_ignored",
        body=markup('<link rel="canonical" href="/">').encode(),
        expected={"url": URL},
    ),
    # ---- paywalls ---------------------------------------------------------------------------------------------------
    Case(
        name="paywall_said_and_seen",
        body=markup(
            json_ld(ARTICLE_LD.replace('"inLanguage"', '"isAccessibleForFree": "False", "inLanguage"')),
            f"<p>{FIRST}</p><div>Đăng nhập để đọc tiếp</div>",
        ).encode(),
        expected={"title": TITLE, "lead": LEAD, "flags": ("paywalled",)},
    ),
    Case(
        name="paywall_seen_by_the_declared_length",
        body=markup(json_ld(ARTICLE_LD.replace('"inLanguage"', '"wordCount": 900, "inLanguage"'))).encode(),
        expected={"text": TEXT, "flags": ("paywalled",)},
    ),
    Case(
        name="said_to_be_free_with_a_count_of_something_else",
        body=markup(
            json_ld(ARTICLE_LD.replace('"inLanguage"', '"isAccessibleForFree": true, "wordCount": 900, "inLanguage"'))
        ).encode(),
        expected={"text": TEXT, "flags": ()},
    ),
    Case(
        name="said_to_be_closed_but_shown_whole",
        body=markup(
            json_ld(ARTICLE_LD.replace('"inLanguage"', '"isAccessibleForFree": false, "wordCount": 330, "inLanguage"')),
            BODY + BODY.replace("cầu", "cây cầu") + BODY.replace("tỉnh", "địa phương"),
        ).encode(),
        expected={"flags": ()},
    ),
    # ---- encodings --------------------------------------------------------------------------------------------------
    Case(
        name="windows_1258_by_header",
        content_type="text/html; charset=windows-1258",
        body=windows_1258(markup()),
        expected={"title": TITLE, "text": TEXT},
        rules={"encoding": "cp1258 (http)"},
    ),
    Case(
        name="windows_1258_by_meta",
        content_type="text/html",
        body=windows_1258(markup('<meta charset="windows-1258">')),
        expected={"title": TITLE, "text": TEXT},
        rules={"encoding": "cp1258 (meta)"},
    ),
    Case(
        name="utf_16_with_mark",
        content_type="text/html",
        body=markup(json_ld(ARTICLE_LD)).encode("utf-16"),
        expected=FROM_LD,
        rules={"encoding": "utf-16-le (bom)"},
    ),
    Case(
        name="utf_16_big_endian_without_mark",
        content_type="text/html",
        body=markup(json_ld(ARTICLE_LD)).encode("utf-16-be"),
        expected=FROM_LD,
        rules={"encoding": "utf-16-be (zero-bytes)"},
    ),
    Case(
        name="utf_8_declared_otherwise",
        content_type="text/html; charset=iso-8859-1",
        body=markup(json_ld(ARTICLE_LD)).encode(),
        expected=FROM_LD,
        rules={"encoding": "utf-8 (valid-utf-8)"},
    ),
    Case(
        name="decomposed_letters_are_composed",
        body=unicodedata.normalize("NFD", markup()).encode(),
        expected={"title": TITLE, "text": TEXT},
    ),
)
