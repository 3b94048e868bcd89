import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime

import pytest

from config.units import unit_names
from dashboards.digest.mail import render_eml
from dashboards.digest.overview import subject_of
from dashboards.digest.render import fitted, render_text
from pipeline.digest.facts import digest_of, facts_of
from pipeline.records import Digest
from tests.dashboards.specimen import DAY, PLAN, WINDOW_END, specimen
from tests.pipeline.digest.daily import build_digest

PNG = b"\x89PNG\r\n\x1a\n"


def parsed(digest: Digest) -> EmailMessage:
    mail = message_from_bytes(render_eml(digest), policy=default)
    assert isinstance(mail, EmailMessage)
    assert not [defect for part in mail.walk() for defect in part.defects]
    return mail


def test_structure_is_alternative_with_related_inside() -> None:
    assert [part.get_content_type() for part in parsed(specimen()).walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "image/png",
    ]


def test_headers() -> None:
    mail = parsed(specimen())
    assert mail["Subject"] == ("[Điểm báo] Tỉnh Cao Bằng – 5/3/2026: 25 tin (tích cực 12 · trung tính 10 · tiêu cực 3)")
    assert parsedate_to_datetime(mail["Date"]) == WINDOW_END
    assert mail["Message-ID"] == "<digest.cao-bang.20260305.1@diembao.invalid>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["MIME-Version"] == "1.0"
    assert mail["Content-Language"] == "vi"


@pytest.mark.parametrize("revision", [1, 12])
def test_the_subject_of_every_unit_survives_folding(revision: int) -> None:
    empty = build_digest(PLAN, DAY, [], revision=revision)
    for slug in unit_names():
        digest = replace(empty, province=slug)
        assert parsed(digest)["Subject"] == subject_of(digest)


def test_text_part_is_the_text_twin() -> None:
    part = parsed(specimen()).get_body(("plain",))
    assert part is not None
    assert part.get_content().splitlines() == render_text(specimen()).splitlines()


def test_every_chart_in_the_page_travels_with_it() -> None:
    mail = parsed(specimen())
    page = mail.get_body(("html",))
    assert page is not None
    html = page.get_content()
    images = {str(part["Content-ID"]): part for part in mail.walk() if part.get_content_maintype() == "image"}
    assert {f"<{cid}>" for cid in re.findall(r'src="cid:([^"]+)"', html)} == set(images)
    assert len(images) == 2
    for part in images.values():
        assert part.get_content().startswith(PNG)
        assert part.get_content_disposition() == "inline"
    assert html.count('alt="Biểu đồ') == 2


def test_a_mail_without_reports_has_no_charts() -> None:
    types = [part.get_content_type() for part in parsed(build_digest(PLAN, DAY, [])).walk()]
    assert types == ["multipart/alternative", "text/plain", "text/html"]


def test_the_same_digest_gives_the_same_bytes() -> None:
    assert render_eml(specimen()) == render_eml(digest_of(facts_of(specimen())))


def test_a_revision_has_its_own_identity_and_a_later_date() -> None:
    first, second = parsed(specimen()), parsed(replace(specimen(), revision=2))
    assert second["Message-ID"] != first["Message-ID"]
    assert parsedate_to_datetime(second["Date"]) > parsedate_to_datetime(first["Date"])
    assert second.get_boundary() != first.get_boundary()


def test_lines_are_short_enough_and_end_as_mail_demands() -> None:
    raw = render_eml(specimen())
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998


@pytest.mark.parametrize("sender", ["a@b.example\r\nBcc: c@d.example", "no-at-sign", "a@b.example, c@d.example", ""])
def test_a_sender_cannot_add_headers(sender: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        render_eml(specimen(), sender=sender)


def test_sender_is_shown_with_the_products_name() -> None:
    mail = message_from_bytes(render_eml(specimen(), sender="diemtin@caobang.example"), policy=default)
    assert mail["From"].addresses[0].display_name == "Điểm Báo"
    assert mail["From"].addresses[0].addr_spec == "diemtin@caobang.example"
    assert mail["Message-ID"].endswith("@caobang.example>")


def test_mail_prints_what_fits_the_size_limit() -> None:
    assert fitted(specimen()).counts == specimen().counts
