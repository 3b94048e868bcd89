import re
from dataclasses import replace
from datetime import date

import pytest

from config.messages import Lang
from dashboards.digest.fit import HTML_LIMIT_BYTES
from dashboards.digest.overview import subject_of
from dashboards.digest.render import html_page, render_html, render_json, render_text, size_of
from dashboards.digest.section_view import safe_link
from dashboards.digest.typography import full_day, number
from dashboards.digest.view import view_of
from dashboards.digest.wording import unit_in_sentence, unit_title
from pipeline.digest.facts import digest_of, facts_of
from pipeline.records import Digest, FailedSource
from tests.dashboards.reading import ReadPage
from tests.dashboards.specimen import (
    COVERAGE,
    DAY,
    GUANGXI,
    MEKONG,
    NON_CAO,
    PLAN,
    REGION,
    document,
    specimen,
    specimen_documents,
)
from tests.dashboards.test_digest_numbers import busy
from tests.pipeline.digest.daily import build_digest

EMPTY = build_digest(PLAN, DAY, [], coverage=COVERAGE)


def one(title: str = "Tin", **changes: str) -> Digest:
    return build_digest(PLAN, DAY, [document(NON_CAO, title, tone="positive", **changes)])  # type: ignore[arg-type]


# ---- order and wording ----------------------------------------------------------------------------------------------


def test_sections_stand_in_the_order_offices_expect() -> None:
    assert [section.title for section in ReadPage(render_html(specimen())).sections()] == [
        "Vấn đề nổi cộm, dư luận quan tâm",
        "Thông tin tiêu cực, cần kiểm tra – làm rõ",
        "Điểm sáng, thông tin tích cực",
        "Thông tin trung tính theo lĩnh vực",
        "Báo chí nước ngoài",
        "Trong nước – ngoài tỉnh có liên quan",
    ]


def test_an_empty_day_says_so_and_still_prints_the_negative_section() -> None:
    page = ReadPage(render_html(EMPTY))
    assert "Không có tin nào về tỉnh Cao Bằng trong khung giờ này." in page.text("//*[@id='summary']")
    (section,) = page.sections()
    assert section.title == "Thông tin tiêu cực, cần kiểm tra – làm rõ"
    assert "Không có." in page.text("//*[@id='section-negative']")


def test_nothing_seen_is_not_nothing_published_when_collection_is_unknown() -> None:
    summary = view_of(build_digest(PLAN, DAY, [])).summary
    assert "chưa thể kết luận là không có tin" in summary[0]
    assert summary[-1] == "Thu thập: không rõ số nguồn thu thập bình thường."


def test_nothing_seen_is_not_nothing_published_when_most_sources_failed() -> None:
    low = view_of(build_digest(PLAN, DAY, [], coverage=replace(COVERAGE, healthy=22))).summary[0]
    assert "chỉ 22/45\xa0nguồn thu thập được nên chưa thể kết luận" in low
    enough = view_of(build_digest(PLAN, DAY, [], coverage=replace(COVERAGE, healthy=23))).summary[0]
    assert enough.startswith("Không có tin nào")


def test_coverage_line_names_what_failed() -> None:
    assert view_of(EMPTY).summary[-1].replace("\xa0", " ") == (
        "Thu thập: 42/45 nguồn thu thập bình thường; 3 nguồn lỗi: Báo Mẫu B (quá thời gian chờ), "
        "Đài Mẫu C (máy chủ trả lỗi 503), Tạp chí Mẫu (robots.txt không cho phép)."
    )
    many = replace(
        COVERAGE, failed=tuple(FailedSource(id=str(n), name=f"Báo {n}", reason="lỗi") for n in range(30)), due=72
    )
    line = view_of(build_digest(PLAN, DAY, [], coverage=many)).summary[-1].replace("\xa0", " ")
    assert line.endswith("Báo 7 (lỗi), và 22 nguồn khác.")


def test_foreign_items_stand_by_country_neighbours_first_with_their_language() -> None:
    section = next(one for one in view_of(specimen()).sections if one.id == "foreign")
    assert [group.title for group in section.groups] == ["Trung Quốc", "Thái Lan"]
    assert "nguyên văn tiếng Trung" in section.groups[0].items[0].marks
    page = ReadPage(render_html(specimen()))
    assert len(page.tree.xpath("//td[@class='item' and @lang='zh']/div[@class='meta' and @lang='vi']")) == 2
    assert section.references.replace("\xa0", " ") == "Xem thêm tin số 5."


def test_a_translated_headline_keeps_the_original_beside_it() -> None:
    digest = build_digest(PLAN, DAY, [document(GUANGXI, "高平省代表团访问桂江市")])
    foreign = next(section for section in digest.sections if section.id == "foreign")
    (item,) = foreign.items
    assert item.original_title == item.title
    translated = replace(item, title="Đoàn Cao Bằng thăm Quế Giang")
    changed = replace(
        digest, sections=tuple(replace(s, items=(translated,)) if s is foreign else s for s in digest.sections)
    )
    text = render_text(changed)
    assert "Đoàn Cao Bằng thăm Quế Giang" in text
    assert "Nguyên văn (tiếng Trung): “高平省代表团访问桂江市”" in text


def test_neutral_reports_are_grouped_by_topic_on_one_line_each() -> None:
    section = next(one for one in view_of(specimen()).sections if one.id == "neutral")
    assert [(group.title, len(group.items)) for group in section.groups][:2] == [
        ("Chính trị, xây dựng Đảng và chính quyền", 2),
        ("Kinh tế, đầu tư", 1),
    ]
    assert not any(item.summary for group in section.groups for item in group.items)


def test_late_items_carry_their_mark_and_the_footer_explains_it() -> None:
    text = render_text(specimen())
    assert "· bổ sung" in text
    assert "«bổ sung»:" in text
    assert "«bổ sung»" not in render_text(EMPTY)


def test_revisions_and_previews_say_so() -> None:
    assert subject_of(replace(EMPTY, revision=2)).endswith(" – bản số 2")
    assert subject_of(replace(EMPTY, revision=0)).endswith(" – bản xem trước")
    assert "Bản số 2" in ReadPage(render_html(replace(EMPTY, revision=2))).text("//*[@id='revision']")
    assert "bản số" not in subject_of(EMPTY)


def test_internal_circulation_is_printed_only_when_set() -> None:
    assert "LƯU HÀNH NỘI BỘ" in render_text(replace(EMPTY, internal=True))
    assert "Lưu hành nội bộ" in render_html(replace(EMPTY, internal=True))
    assert "Lưu hành nội bộ".casefold() not in (render_text(EMPTY) + render_html(EMPTY)).casefold()


@pytest.mark.parametrize(
    ("slug", "title", "inside"),
    [
        ("cao-bang", "Tỉnh Cao Bằng", "tỉnh Cao Bằng"),
        ("da-nang", "TP. Đà Nẵng", "TP. Đà Nẵng"),
        ("ho-chi-minh", "TP. Hồ Chí Minh", "TP. Hồ Chí Minh"),
        ("ha-noi", "TP. Hà Nội", "TP. Hà Nội"),
        ("hue", "TP. Huế", "TP. Huế"),
        ("tien-giang", "Tỉnh Tiền Giang", "tỉnh Tiền Giang"),
        ("ba-ria-vung-tau", "Tỉnh Bà Rịa – Vũng Tàu", "tỉnh Bà Rịa – Vũng Tàu"),
    ],
)
def test_units_bear_their_title(slug: str, title: str, inside: str) -> None:
    assert unit_title(slug, "vi") == title
    assert unit_in_sentence(slug, "vi") == inside


@pytest.mark.parametrize(
    ("value", "vi", "en"),
    [(0, "0", "0"), (1234, "1.234", "1,234"), (21.54, "21,5", "21.5"), (1e6, "1.000.000", "1,000,000")],
)
def test_numbers(value: float, vi: str, en: str) -> None:
    assert (number(value, "vi"), number(value, "en")) == (vi, en)


def test_days() -> None:
    assert full_day(date(2026, 3, 5), "vi") == "5/3/2026"
    assert full_day(date(2026, 3, 5), "en") == "5 March 2026"


def test_english_edition_holds_no_vietnamese_words_of_ours() -> None:
    plan = replace(PLAN, language="en", internal=True, province="da-nang")
    units = (("da-nang", "da-nang"),)
    doc = document(MEKONG, "Bridge reopens", tone="positive", units=units)
    text = render_text(build_digest(plan, DAY, [doc], revision=2))
    assert subject_of(build_digest(plan, DAY, [doc])) == (
        "[Press review] Đà Nẵng City – 5 March 2026: 1 report (positive 1 · neutral 0 · negative 0)"
    )
    assert "1\xa0report in 1\xa0outlet:" in text
    leftovers = re.sub(r"Đà Nẵng|Điểm Báo|ĐÀ NẴNG", "", text)
    assert not re.search(r"[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", leftovers, re.IGNORECASE)


def test_readers_are_told_what_was_corrected_and_what_was_removed() -> None:
    doc = document(NON_CAO, "Cầu Bản Thử đóng", tone="neutral")
    marked = replace(doc, corrected=("tone",), disappeared_at=doc.fetched_at)
    told: dict[Lang, str] = {"vi": "đã hiệu đính · bài đã gỡ", "en": "corrected · removed by its outlet"}
    for lang, words in told.items():
        digest = build_digest(replace(PLAN, language=lang), DAY, [marked])
        assert words in " ".join(render_text(digest).split())
        assert words in ReadPage(render_html(digest)).text("//td[@class='item']//div[@class='meta']")


# ---- safety ---------------------------------------------------------------------------------------------------------

HOSTILE = (
    """<script>alert(1)</script><img src=x onerror=alert(2)>"'&{{ 7*7 }}{% raw %}</td></table><style>*{display:none}"""
)


def test_text_from_outside_stays_text() -> None:
    outlet = replace(NON_CAO, name=f"Báo {HOSTILE}")
    doc = document(outlet, f"Tin {HOSTILE}", f"Tóm {HOSTILE}", tone="positive")
    digest = build_digest(replace(PLAN, contact=HOSTILE, software=HOSTILE), DAY, [doc])
    page = ReadPage(render_html(digest))
    assert page.tree.xpath("//script | //*[@onerror] | //iframe | //object | //form | //link") == []
    assert len(page.tree.xpath("//img")) == len(page.tree.xpath("//img[starts-with(@src, 'data:image/png')]"))
    assert len(page.tree.xpath("//style")) == 1
    assert HOSTILE.split("}}", maxsplit=1)[0] in page.text("//td[@class='item']/a")
    assert "7*7" in page.text("//*[@id='footer']")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//bao.example/x",
        "/tin",
        "https:///x",
        "https://[bad",
        "https://user:pass@bao.example/x",
        "https://bao.example/a b",
        "https://bao.example/\x00",
        "https://bao.example\\@evil.example/",
        "https://bao.example/\u202etxt",
        "https://bao.example/" + "a" * 2_000,
        "",
    ],
)
def test_only_plain_addresses_become_links(url: str) -> None:
    assert safe_link(url) is None
    digest = one(url=url or "x:")
    page = ReadPage(render_html(digest))
    assert page.links() == []
    assert "javascript:" not in render_text(digest)


def test_an_address_cannot_leave_its_attribute() -> None:
    url = """https://bao.example/?q="onmouseover="alert(1)&a=<b>'"""
    page = ReadPage(render_html(one(url=url)))
    assert page.links() == [url]
    assert page.tree.xpath("//*[@onmouseover]") == []


# ---- size and bytes -------------------------------------------------------------------------------------------------


def worst() -> Digest:
    """Return an edition in which everything is as long, and as costly to escape, as it can be."""
    docs = [
        document(
            replace((NON_CAO, GUANGXI, MEKONG)[place % 3], id=f"o{place}", name="&" * 500, country=f"X{place % 40}"),
            '"' * 2_000 if place % 2 else "ก็" * 1_000,
            "'" * 5_000 if place % 2 else "𠀀" * 5_000,
            doc_id=f"{place:03d}",
            url=f"https://bao.example/{place}?" + "&" * 700,
            tone=("positive", "neutral", "negative")[place % 7 % 3],
            topic=f"unknown{place}" if place % 5 else "environment.pollution",
            units=REGION if place % 4 == 0 else REGION[:1],
        )
        for place in range(400)
    ]
    coverage = replace(
        COVERAGE,
        due=142,
        failed=tuple(FailedSource(id=str(n), name="Báo " * 20, reason="lỗi " * 20) for n in range(100)),
    )
    return build_digest(PLAN, DAY, docs, coverage=coverage)


@pytest.mark.parametrize("make", [busy, worst, specimen])
def test_page_stays_below_the_limit_and_every_report_is_still_counted(make: object) -> None:
    assert callable(make)
    digest = make()
    page = render_html(digest)
    assert size_of(page) < HTML_LIMIT_BYTES
    assert sum(section.count for section in ReadPage(page).sections()) == digest.counts.total


def test_an_ordinary_day_is_printed_in_full_with_both_charts() -> None:
    page = ReadPage(render_html(specimen()))
    assert len(page.links()) == 25
    alternatives = page.tree.xpath("//img/@alt")
    assert len(alternatives) == 2
    assert "Báo Non Cao\xa04 (tích cực\xa02, trung tính\xa02, tiêu cực\xa00)" in alternatives[0]
    assert "2/3:\xa0không có số liệu" in alternatives[1]


def test_rendering_again_gives_the_same_bytes_from_records_and_from_facts() -> None:
    digest = specimen()
    again = digest_of(facts_of(build_digest(PLAN, DAY, reversed(specimen_documents()), coverage=COVERAGE, earlier={})))
    rebuilt = digest_of(facts_of(digest))
    for render in (render_html, render_text, render_json):
        assert render(digest) == render(rebuilt)
    assert render_text(again).count("\n") > 100


def test_styles_are_inlined_and_nothing_is_loaded_from_elsewhere() -> None:
    page = html_page(specimen(), ())
    assert 'style="' in page
    assert "prefers-color-scheme" in page
    assert "@media print" in page
    assert not re.search(r"""(?:src|background)\s*=\s*["']?http|url\(|@import""", page)


def test_tone_is_told_in_words() -> None:
    text = ReadPage(html_page(specimen(), ())).text("//body")
    assert text.count("[Tiêu cực]") == 3
    assert text.count("[Tích cực]") == 12
    assert text.count("[Trung tính]") == 10


def test_text_lines_fit_a_mail_window() -> None:
    lines = render_text(specimen()).splitlines()
    assert max(len(line) for line in lines if "http" not in line) <= 78
