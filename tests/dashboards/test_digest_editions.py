"""Stories, alerts, the editor's part and editions of several days, as people see them."""

import re
from dataclasses import replace

import pytest

from dashboards.digest.fit import HTML_LIMIT_BYTES
from dashboards.digest.mail import render_eml
from dashboards.digest.overview import edition_title, subject_of
from dashboards.digest.render import fitted, html_page, render_html, render_text, size_of
from dashboards.digest.section_view import ItemView
from dashboards.digest.typography import day_span
from dashboards.digest.view import view_of
from pipeline.digest.build import Background, build_edition
from pipeline.digest.draft import OUTLOOK_CHARS, PROPOSAL_CHARS, PROPOSALS
from pipeline.digest.editing import Edits, ItemEdit
from pipeline.digest.facts import digest_of, facts_of
from pipeline.digest.period import Period
from pipeline.records import Digest, DigestAlert
from tests.dashboards.editions import ALERTS, ONE_DAY, SAVED_AT, briefing, edited_edition, foreign_week, full_edition
from tests.dashboards.reading import ReadPage
from tests.dashboards.specimen import DAY, NHAT_TRIEU, NON_CAO, PLAN, document
from tests.pipeline.digest.daily import build_digest
from tests.pipeline.digest.told import told

EDITIONS = {"full": full_edition(), "edited": edited_edition(), "week": foreign_week(), "briefing": briefing()}


def plain(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def printed(digest: Digest, section: str) -> list[ItemView]:
    found = next(one for one in view_of(digest).sections if one.id == section)
    return [item for group in found.groups for item in group.items]


# ---- stories --------------------------------------------------------------------------------------------------------


def test_a_story_names_the_other_outlets_and_links_to_them() -> None:
    page = ReadPage(render_html(EDITIONS["full"]))
    section = plain(page.text("//*[@id='section-negative']"))
    assert "[Tiêu cực] Nhật báo Thủy Triều, 23:00 4/3 · các báo: tích cực 1, trung tính 2, tiêu cực 1" in section
    assert "· xuất hiện đầu tiên 11:00 4/3" in section
    assert (
        "và 3 báo khác: Báo Non Cao (trung tính), Bản tin Kinh tế Việt (trung tính), Sông Bằng Online (tích cực)"
        in section
    )
    assert "https://song-bang.example/tin/song-bang-cau-treo.html" in page.links()


def test_a_prominent_story_says_whether_it_is_new() -> None:
    marks = {item.title: item.marks for item in printed(EDITIONS["full"], "prominent")}
    assert [plain(mark) for mark in marks["Mưa lớn gây sạt lở tại ba xã vùng cao"][:2]] == [
        "tiếp diễn từ bản 4/3",
        "xuất hiện đầu tiên 01:00 4/3",
    ]
    fresh = build_digest(PLAN, DAY, [told(NHAT_TRIEU, "Mới", topic="environment.pollution")])
    assert "mới" in printed(fresh, "prominent")[0].marks


def test_an_outlet_that_wrote_twice_says_so() -> None:
    docs = [told(NON_CAO, "Sáng", doc_id="1"), told(NON_CAO, "Chiều", doc_id="2"), told(NHAT_TRIEU, "Báo khác")]
    marks = [plain(mark) for mark in printed(build_digest(PLAN, DAY, docs), "neutral")[0].marks]
    assert marks == ["tất cả 3 bài", "và 1 báo khác"]


def test_a_section_tells_reports_and_stories() -> None:
    page = ReadPage(render_html(EDITIONS["full"]))
    counts = [plain(node.text_content()) for node in page.tree.xpath("//td[contains(@class, 'count')]")]
    assert counts[:3] == ["7 tin · 3 nội dung", "7 tin · 4 nội dung", "9 tin"]


def test_neutral_stories_stay_on_one_line() -> None:
    digest = build_digest(PLAN, DAY, [told(NON_CAO, "Một"), told(NHAT_TRIEU, "Hai", hours_before_close=4)])
    (item,) = printed(digest, "neutral")
    assert (item.others, item.copies, item.marks[-1]) == ("", (), "và 1\xa0báo khác")


def test_a_story_of_very_many_outlets_names_some_and_counts_all() -> None:
    outlets = [replace(NON_CAO, id=f"bao-{n}", name=f"Báo {n}") for n in range(40)]
    docs = [told(outlet, "Ai cũng đưa", topic="environment.pollution") for outlet in outlets]
    digest = build_digest(PLAN, DAY, docs)
    text = plain(render_text(digest))
    assert "và 39 báo khác: – Báo 1 " in text
    assert "và 29 báo nữa" in text
    assert sum(section.count for section in ReadPage(render_html(digest)).sections()) == 40


# ---- alerts and events ----------------------------------------------------------------------------------------------


def test_alerts_stand_above_the_summary_and_in_the_subject() -> None:
    digest = EDITIONS["full"]
    assert subject_of(digest) == (
        "[Điểm báo] Tỉnh Cao Bằng – 5/3/2026: 34 tin (tích cực 13 · trung tính 17 · tiêu cực 4) – 2 cảnh báo"
    )
    assert subject_of(replace(digest, alerts=ALERTS[:1])).endswith(" – 1 cảnh báo")
    page = ReadPage(render_html(digest))
    assert plain(page.text("//*[@id='alerts']")) == (
        "Cảnh báo [Mức 2] Tin tiêu cực tăng bất thường, cần kiểm chứng, làm rõ"
        "Tỉnh Cao Bằng, ngày 4/3: 7 tin tiêu cực, thường khoảng 1,4 · mới "
        "[Theo dõi] Một báo nước ngoài nêu vấn đề nhạy cảm"
        "Tỉnh Cao Bằng, ngày 4/3: bài có chủ đề nhạy cảm · đã tiếp nhận"
    )
    order = [node.get("id") for node in page.tree.xpath("//*[@id='alerts' or @id='summary']")]
    assert order == ["alerts", "summary"]
    assert 'id="alerts"' not in render_html(replace(digest, alerts=()))


def test_many_alerts_are_counted() -> None:
    many = tuple(replace(ALERTS[0], id=str(n)) for n in range(30))
    assert "và 22 cảnh báo khác" in plain(render_text(replace(EDITIONS["full"], alerts=many)))


def test_an_alert_of_an_unknown_state_or_level_is_still_printed() -> None:
    odd = DigestAlert(
        id="x", kind="lạ", level=9, unit="da-nang", day=DAY, observed=1, expected=0, title="Lạ", state="lạ"
    )
    (shown,) = view_of(replace(EDITIONS["full"], alerts=(odd,))).alerts
    assert (shown.level, plain(shown.facts)) == ("Mức 3", "TP. Đà Nẵng, ngày 5/3: 1 tin tiêu cực")


def test_events_of_the_day_and_those_ahead() -> None:
    lines = view_of(EDITIONS["full"]).summary
    assert "Sự kiện, ngày kỷ niệm: Lễ hội Lồng tồng." in lines
    assert "Sắp tới: Ngày Quốc tế Phụ nữ (8/3)." in lines
    assert lines[-1].startswith("Thu thập:")


# ---- the editor -----------------------------------------------------------------------------------------------------


def test_the_editors_words_stand_after_the_sections_and_the_footer_says_whose() -> None:
    digest = EDITIONS["edited"]
    page = ReadPage(render_html(digest))
    words = plain(page.text("//*[@id='editor']"))
    assert words.startswith("Dự báo, đề xuất Mưa lớn còn kéo dài")
    assert "Đề xuất, kiến nghị –Sở Xây dựng trả lời" in words
    footer = plain(page.text("//*[@id='footer']"))
    assert "Biên tập: Hoàng Thị Thử, lúc 06:40 5/3/2026." in footer
    assert "1 tin do người biên tập lược bớt, không in nhưng vẫn tính trong số liệu." in footer
    assert "«biên tập»:" in footer
    assert sum(section.count for section in page.sections()) + 1 == digest.counts.total == page.number("total")


def test_an_edited_headline_stands_above_the_original() -> None:
    text = plain(render_text(EDITIONS["edited"]))
    assert "Đoàn Cao Bằng thăm Quế Giang, bàn lập khu hợp tác" in text
    assert "· biên tập" in text
    assert "Nguyên văn (tiếng Trung): “高平省代表团访问桂江市，商谈合作区建设”" in text


@pytest.mark.parametrize(
    ("outlook", "proposals", "title"),
    [
        (("Mưa.",), (), "Dự báo"),
        ((), ("Trả lời.",), "Đề xuất, kiến nghị"),
        (("Mưa.",), ("Trả lời.",), "Dự báo, đề xuất"),
    ],
)
def test_the_heading_says_what_was_written(outlook: tuple[str, ...], proposals: tuple[str, ...], title: str) -> None:
    digest = EDITIONS["edited"]
    assert digest.editor
    view = view_of(replace(digest, editor=replace(digest.editor, outlook=outlook, proposals=proposals)))
    assert view.editor
    assert view.editor.title == title


def test_a_section_that_the_editor_emptied_does_not_say_that_there_was_nothing() -> None:
    docs = [document(NON_CAO, "Chê", tone="negative", doc_id="a")]
    entry = ItemEdit(id="a", line=1, drop=True)
    edits = Edits(place="nhap.yaml", edited_at=SAVED_AT, by="Lan", sections={"negative": (entry,)})
    page = ReadPage(render_html(build_edition(PLAN, Period.daily(DAY), docs, Background(), edits=edits)))
    negative = plain(page.text("//*[@id='section-negative']"))
    assert negative.endswith("1 tin do người biên tập lược bớt.")
    assert "Không có" not in negative


def test_an_editor_who_only_left_something_out_adds_no_section() -> None:
    digest = EDITIONS["edited"]
    assert digest.editor
    quiet = replace(digest, editor=replace(digest.editor, outlook=(), proposals=()))
    assert view_of(quiet).editor is None
    assert "lược bớt" in render_text(quiet)


# ---- several days ---------------------------------------------------------------------------------------------------


def test_subjects_and_titles_of_other_editions() -> None:
    assert subject_of(EDITIONS["week"]).startswith(
        "[Điểm báo nước ngoài hằng tuần] Tỉnh Cao Bằng – 27/2–5/3/2026: 7 tin (tích cực 4 · "
    )
    assert edition_title(EDITIONS["week"]) == "Tuần 27/2–5/3/2026"
    assert subject_of(EDITIONS["briefing"]).startswith("[Điểm báo giao ban] Tỉnh Cao Bằng – 3/3–5/3/2026: ")
    assert edition_title(EDITIONS["briefing"]) == "Các ngày 3/3–5/3/2026"
    assert day_span(DAY, DAY, "vi") == "5/3/2026"
    assert day_span(DAY.replace(year=2025), DAY, "vi") == "5/3/2025–5/3/2026"
    assert day_span(DAY - ONE_DAY, DAY, "en") == "4 Mar – 5 March 2026"


def test_the_foreign_week_stands_by_country_neighbours_first_without_other_sections() -> None:
    view = view_of(EDITIONS["week"])
    (section,) = view.sections
    assert [(group.title, plain(group.count)) for group in section.groups] == [
        ("Trung Quốc", "4 tin"),
        ("Lào", "1 tin"),
        ("Thái Lan", "2 tin"),
    ]
    assert view.editor
    assert view.editor.title == "Nhận xét"
    border = next(item for item in section.groups[0].items if item.copies)
    assert (border.title, plain(border.others)) == ("两国口岸延长开放时间", "và 1 báo khác")
    negative = [item for group in section.groups for item in group.items if item.tone == "negative"]
    assert [item.marks for item in negative] == [("nguyên văn tiếng Anh",), ("nguyên văn tiếng Thái",)]
    assert "Kỳ trước (20/2–26/2/2026): 4 tin (kỳ này nhiều hơn 3)." in [plain(line) for line in view.summary]


def test_an_empty_foreign_week_does_not_speak_of_the_press_at_home() -> None:
    empty = build_edition(PLAN, Period.foreign_week(DAY), [document(NON_CAO, "Trong nước")], Background())
    view = view_of(empty)
    assert view.sections == ()
    assert view.summary[0].startswith("Chưa ghi nhận tin nào của báo chí nước ngoài về tỉnh Cao Bằng")
    assert "Biểu đồ" not in render_text(empty)


def test_editions_of_one_day_never_share_a_message_id() -> None:
    found = [re.search(rb"^Message-ID: (\S+)", render_eml(digest), re.MULTILINE) for digest in EDITIONS.values()]
    assert [one[1] for one in found if one] == [
        b"<digest.cao-bang.20260305.1@diembao.invalid>",
        b"<digest.cao-bang.20260305.1@diembao.invalid>",
        b"<digest.cao-bang.foreign-weekly.20260305.1@diembao.invalid>",
        b"<digest.cao-bang.range.2026-03-03.20260305.1@diembao.invalid>",
    ]


# ---- whatever it holds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EDITIONS)
def test_page_and_text_hold_the_same_links_and_fit(name: str) -> None:
    digest = EDITIONS[name]
    page = render_html(digest)
    assert size_of(page) < HTML_LIMIT_BYTES
    text = render_text(digest)
    assert re.findall(r"^ +(https?://\S+)$", text, re.MULTILINE) == ReadPage(page).links()
    assert max(len(line) for line in text.splitlines() if "http" not in line) <= 78
    assert render_html(digest_of(facts_of(digest))) == page


def test_the_worst_that_outlets_and_an_editor_can_write_still_fits() -> None:
    docs = [
        replace(
            document(
                replace(NON_CAO, id=f"o{outlet}", name="&" * 300),
                '"' * 2_000,
                "'" * 5_000,
                doc_id=f"{story}-{outlet}",
                url=f"https://bao.example/{story}-{outlet}?" + "&" * 700,
                tone=("positive", "neutral", "negative")[story % 3],
                topic="environment.pollution" if story % 4 else "society",
            ),
            story=str(story),
        )
        for story in range(60)
        for outlet in range(12)
    ]
    editor = edited_edition().editor
    assert editor
    wordy = replace(editor, outlook=("&" * OUTLOOK_CHARS,), proposals=("&" * PROPOSAL_CHARS,) * PROPOSALS)
    digest = replace(build_digest(PLAN, DAY, docs), editor=wordy, alerts=ALERTS * 20)
    page = html_page(fitted(digest), ())
    assert size_of(page) < HTML_LIMIT_BYTES
    assert sum(section.count for section in ReadPage(page).sections()) == digest.counts.total == 720


def test_words_from_outside_stay_words() -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    editor = edited_edition().editor
    assert editor
    docs = [told(replace(NON_CAO, name=hostile), hostile), told(replace(NHAT_TRIEU, name=hostile), hostile)]
    docs[0] = replace(docs[0], article=replace(docs[0].article, url="javascript:alert(1)"))
    digest = replace(
        build_digest(PLAN, DAY, [replace(doc, country="CN") for doc in docs]),
        editor=replace(editor, by=hostile, outlook=(hostile,), proposals=(hostile,)),
        alerts=(replace(ALERTS[0], title=hostile),),
        events=(replace(EDITIONS["full"].events[0], title=hostile),),
    )
    page = ReadPage(render_html(digest))
    assert page.tree.xpath("//script | //*[@onerror]") == []
    assert all(link.startswith("https://") for link in page.links())
