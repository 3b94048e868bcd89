"""The numbers of the subject, the summary, the tables, the text and the JSON are the same numbers."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards.digest.fit import HTML_LIMIT_BYTES
from dashboards.digest.mail import render_eml
from dashboards.digest.render import fitted, html_page, render_html, render_json, render_text
from pipeline.digest.reports import DigestPlan
from pipeline.records import Digest, Document
from tests.dashboards.reading import ReadPage, number_in
from tests.dashboards.specimen import (
    COVERAGE,
    DAY,
    GUANGXI,
    HISTORY,
    MEKONG,
    NHAT_TRIEU,
    NON_CAO,
    PLAN,
    REGION,
    SONG_BANG,
    document,
    specimen,
)
from tests.pipeline.digest.daily import build_digest
from tests.pipeline.digest.test_build import PLANS, documents

TONES = ("Tích cực", "Trung tính", "Tiêu cực")


def busy() -> Digest:
    """Return an edition in which every section overflows."""
    docs: list[Document] = []
    for place in range(1_200):
        outlet = (NON_CAO, NHAT_TRIEU, SONG_BANG, GUANGXI, MEKONG)[place % 5]
        doc = document(
            replace(outlet, id=f"{outlet.id}-{place % 31}", name=f"{outlet.name} {place % 31}"),
            f"Tin số {place} về tình hình phát triển kinh tế, xã hội của tỉnh trong những tháng đầu năm",
            "Nội dung tóm tắt của tin này dài vừa phải để đo kích thước trang in ra. " * 4,
            doc_id=f"{place:04d}",
            tone=("positive", "neutral", "negative", "neutral")[place % 4],
            topic=("society.education", "economy.growth_budget", "culture.festival_arts", "environment.pollution")[
                place % 7 % 4
            ],
            units=REGION if place % 3 == 0 else REGION[:1],
            hours_before_close=0.01 * place + 0.5,
            fetched_after_h=0.2,
        )
        docs.append(doc)
    return build_digest(PLAN, DAY, docs, coverage=COVERAGE, earlier=HISTORY)


DIGESTS = {
    "specimen": specimen(),
    "empty": build_digest(PLAN, DAY, [], coverage=COVERAGE),
    "one": build_digest(PLAN, DAY, [document(NON_CAO, "Một tin")]),
    "busy": busy(),
}


@pytest.mark.parametrize("name", DIGESTS)
def test_numbers_agree_everywhere(name: str) -> None:
    digest = DIGESTS[name]
    page = ReadPage(render_html(digest))
    text = render_text(digest).replace("\N{NO-BREAK SPACE}", " ")
    facts = json.loads(render_json(digest))
    mail = message_from_bytes(render_eml(digest), policy=default)
    counts = facts["counts"]
    by_tone = (counts["positive"], counts["neutral"], counts["negative"])

    assert counts["total"] == sum(by_tone)
    assert counts["total"] == sum(len(section["items"]) + section["folded"] for section in facts["sections"])

    subject = re.fullmatch(
        r"\[Điểm báo\] Tỉnh Cao Bằng – 5/3/2026: (\S+) tin \(tích cực (\S+) · trung tính (\S+) · tiêu cực (\S+)\)",
        mail["Subject"],
    )
    assert subject
    assert tuple(map(number_in, subject.groups())) == (counts["total"], *by_tone)

    cards = tuple(page.number(f"total-{tone}") for tone in ("positive", "neutral", "negative"))
    assert (page.number("total"), cards) == (counts["total"], by_tone)

    read = page.sections()
    assert sum(section.count for section in read) == counts["total"]
    assert all(section.count == len(section.items) + section.folded for section in read)
    for tone, section in (("Tiêu cực", "Thông tin tiêu cực, cần kiểm tra – làm rõ"),):
        printed = [one for one in read if one.title == section]
        assert len(printed) == 1
        assert set(printed[0].items) <= {tone}
        assert printed[0].count == counts["negative"]

    rows = page.outlet_rows()
    if counts["total"]:
        *outlets, sums = rows
        assert sums == (counts["total"], *by_tone)
        assert tuple(map(sum, zip(*outlets, strict=True))) == sums
        line = re.search(r"– (\S+) tin trên (\S+) báo: tích cực (\S+) · trung tính (\S+) · tiêu cực (\S+)\.", text)
        assert line
        found = tuple(map(number_in, line.groups()))
        assert found == (counts["total"], counts["outlets"], *by_tone)
        assert f"– Tất cả: {line[1]} (tích cực {line[3]} · trung tính {line[4]} · tiêu cực {line[5]})" in text
    else:
        assert rows == []
    assert [len(section.items) for section in read] == [
        len(re.findall(r"^\d+\. \[", block, re.MULTILINE)) for block in text_sections(text, [one.title for one in read])
    ]


def text_sections(text: str, titles: list[str]) -> list[str]:
    """Cut the text twin at its section headings, which stand in the given order."""
    flat = re.sub(r"\n +", "\n", text)
    starts = [re.search(re.escape(title.upper()).replace(r"\ ", r"\s+"), flat) for title in titles]
    places = [start.start() for start in starts if start] + [len(flat)]
    assert len(places) == len(titles) + 1
    assert places == sorted(places)
    return [flat[begin:end] for begin, end in pairwise(places)]


def test_text_twin_has_the_headlines_and_links_of_the_page_in_its_order() -> None:
    digest = specimen()
    page = ReadPage(render_html(digest))
    text = render_text(digest)
    assert re.findall(r"^ +(https?://\S+)$", text, re.MULTILINE) == page.links()
    flat = " ".join(text.split())
    places = [flat.index(" ".join(node.text_content().split())) for node in page.tree.xpath("//td[@class='item']/a")]
    assert len(places) == 25
    assert places == sorted(places)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(documents(), max_size=60), PLANS)
def test_whatever_the_articles_hold_the_printed_counts_add_up(docs: list[Document], plan: DigestPlan) -> None:
    digest = build_digest(plan, DAY, docs)
    page = html_page(fitted(digest), ())
    assert sum(section.count for section in ReadPage(page).sections()) == digest.counts.total
    assert len(page.encode()) < HTML_LIMIT_BYTES
    assert f"{digest.counts.total}" in render_text(digest)


def test_history_in_the_summary_is_that_of_the_facts() -> None:
    digest = specimen()
    yesterday = HISTORY[DAY - timedelta(days=1)]
    assert digest.counts.previous_day == yesterday.positive + yesterday.neutral + yesterday.negative == 17
    assert (
        "Hôm trước: 17\xa0tin (hôm nay nhiều hơn\xa08). Trung bình cùng thứ trong 28\xa0ngày: 19\xa0tin."
        in " ".join(render_text(digest).split(" ")).replace("\n  ", " ")
    )
