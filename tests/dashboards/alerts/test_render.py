"""An alert as people read it: figures, evidence, wording; hostile texts stay texts."""

import email
import re
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default

import pytest
from lxml import html

from config.messages import Lang
from dashboards.alerts.notice import Notice, subject_of
from dashboards.alerts.render import compose_mail, note_of, render_html, render_text
from pipeline.records import Alert
from tests.dashboards.alerts.specimen import GRAVE, NOTICE, SPIKE, at

LIMIT_BYTES = 102_000
"""Gmail cuts longer mails."""


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("alert", [SPIKE, GRAVE])
def test_page_and_text_say_the_same(alert: Alert, lang: Lang) -> None:
    notice = replace(NOTICE, alert=alert, lang=lang)
    page, text = html.fromstring(render_html(notice)), render_text(notice)
    flat = " ".join(text.split())
    lines = [" ".join(cell.text_content().split()) for cell in page.xpath("//*[@id='lines']//td[@class='line']")]
    lines = lines or [" ".join(cell.text_content().split()) for cell in page.xpath("//*[@id='lines']//td")]
    assert lines
    for line in lines:
        assert line in flat
    for story in alert.stories:
        assert story.title in flat
        assert story.title in page.text_content()
        assert (story.sentence in flat) and (story.sentence in page.text_content())


def test_figures_reasons_and_the_caution_are_there() -> None:
    text = " ".join(render_text(NOTICE).split())
    assert "Ngày 5/3/2026 có 11 tin tiêu cực về tỉnh Cao Bằng trên 8 báo" in text
    assert "thường có khoảng 1,6 tin" in text
    assert "Nâng một mức vì: có chủ đề nhạy cảm; báo chí nước ngoài đưa tin." in text
    assert "cần kiểm chứng, làm rõ" in text
    assert "5/3: 11 (thường" in text
    assert subject_of(NOTICE) == "[Cảnh báo · Mức 2] Tỉnh Cao Bằng, 5/3/2026: 11 tin tiêu cực, thường khoảng 1,6"


@pytest.mark.parametrize(
    ("lang", "says"), [("vi", "Đây là vấn đề kéo dài: bài tiếp theo"), ("en", "The matter lasts:")]
)
def test_an_alert_on_a_lasting_matter_says_that_further_articles_join_it(lang: Lang, says: str) -> None:
    lasting = replace(GRAVE, stories=(replace(GRAVE.stories[0], matter="air"),))
    assert says in " ".join(render_text(replace(NOTICE, alert=lasting, lang=lang)).split())
    assert says not in " ".join(render_text(replace(NOTICE, alert=GRAVE, lang=lang)).split())


@pytest.mark.parametrize(
    ("notice", "begins"),
    [
        (replace(NOTICE, happened="raised"), "[Cảnh báo · nâng lên mức 2]"),
        (replace(NOTICE, happened="escalated"), "[Cảnh báo · Mức 2 · chưa ai tiếp nhận]"),
        (replace(NOTICE, happened="closed"), "[Cảnh báo · đã kết thúc]"),
        (replace(NOTICE, alert=GRAVE, lang="en"), "[Alert · Level 1]"),
    ],
)
def test_the_subject_says_what_happened(notice: Notice, begins: str) -> None:
    assert subject_of(notice).startswith(begins)


def test_links_lead_to_the_web_only_and_titles_stay_text() -> None:
    page = html.fromstring(render_html(NOTICE))
    links = page.xpath("//a/@href")
    assert links
    assert all(re.match(r"https://", link) for link in links)
    assert "2026-03-04T17%3A00" in page.get_element_by_id("kibana").get("href").replace(":", "%3A")
    assert not page.xpath("//b[normalize-space()='']")
    assert "<b>" in page.text_content()


def test_the_mail_holds_both_forms_and_its_chart() -> None:
    mail = email.message_from_bytes(compose_mail(NOTICE, "diembao@tinh.example").as_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    assert mail["Subject"] == subject_of(NOTICE)
    assert mail["Importance"] == "high"
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain and page
    assert len(page.get_content().encode()) < LIMIT_BYTES
    (chart,) = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert f"cid:{chart['Content-ID'].strip('<>')}" in page.get_content()
    assert chart.get_content().startswith(b"\x89PNG")


def test_the_same_notice_gives_the_same_bytes() -> None:
    first, again = (compose_mail(notice, "diembao@tinh.example").as_bytes() for notice in (NOTICE, replace(NOTICE)))
    assert first == again


def test_who_took_it_on_and_when_it_closed_is_told() -> None:
    taken = replace(SPIKE, state="acknowledged", acknowledged_by="Lê Thị Thử", acknowledged_at=at(15))
    text = render_text(replace(NOTICE, alert=taken)).replace("\N{NO-BREAK SPACE}", " ")
    assert "Lê Thị Thử đã tiếp nhận lúc 15:00 5/3/2026." in text
    closed = replace(SPIKE, state="closed", closed_at=at(20))
    text = " ".join(render_text(replace(NOTICE, alert=closed, happened="closed")).split())
    assert "2 ngày liền không còn bất thường" in text
    assert "diembao alerts ack" not in text


def test_a_note_is_short() -> None:
    title, body = note_of(NOTICE)
    assert title == subject_of(NOTICE)
    assert "https://bao-mau.example/bai-thai-na-mau" in body
    assert len(body) < 1500
