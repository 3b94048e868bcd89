"""The mail of one recipient, parsed back: its headers say what they must, and nobody can add another."""

from datetime import timedelta
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.digest.mail import compose_mail
from pipeline.deliver.addressing import Letterhead, addressed, plain_mail, text_only
from pipeline.deliver.mail_policy import MAIL_POLICY
from tests.dashboards.specimen import specimen
from tests.pipeline.deliver.messages import NOW

HEAD = Letterhead(sender="diembao@tinh.example", contact="vanphong@tinh.example")
OWN_HEADERS = {
    "To",
    "Message-ID",
    "Date",
    "Reply-To",
    "List-Id",
    "List-Unsubscribe",
    "Precedence",
    "X-Auto-Response-Suppress",
}


def plain(subject: str = "Tin") -> EmailMessage:
    mail = EmailMessage(policy=MAIL_POLICY)
    mail["Subject"] = subject
    mail["From"] = HEAD.sender
    mail.set_content("Nội dung.\n", cte="quoted-printable")
    return mail


def sent(mail: EmailMessage, head: Letterhead = HEAD, *, name: str = "Nguyễn Thị Mẫu", key: str = "k") -> EmailMessage:
    raw = addressed(mail, head, name=name, address="mau@tinh.example", key=key, list_name="digest.hue", at=NOW)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    parsed = message_from_bytes(raw, policy=default)
    assert not [defect for part in parsed.walk() for defect in part.defects]
    return parsed


def test_the_headers_of_a_digest() -> None:
    mail = sent(compose_mail(specimen(), HEAD.sender))
    assert mail["To"].addresses == (Address("Nguyễn Thị Mẫu", addr_spec="mau@tinh.example"),)
    assert mail["From"].addresses[0].addr_spec == "diembao@tinh.example"
    assert mail["Reply-To"] == "vanphong@tinh.example"
    assert parsedate_to_datetime(mail["Date"]) == NOW
    assert mail["List-Id"] == "<digest.hue.diembao.tinh.example>"
    assert mail["List-Unsubscribe"] == "<mailto:vanphong@tinh.example?subject=unsubscribe>"
    assert "List-Unsubscribe-Post" not in mail
    assert (mail["Auto-Submitted"], mail["Precedence"]) == ("auto-generated", "bulk")
    assert all(len(mail.get_all(name, [])) == 1 for name in mail)
    assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html", "image/png"}


def test_an_identity_comes_from_the_key_alone() -> None:
    first, again, other = (sent(plain(subject), key=key) for subject, key in (("a", "k"), ("b", "k"), ("a", "l")))
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["Message-ID"].endswith("@tinh.example>")
    digest = compose_mail(specimen(), HEAD.sender)
    assert sent(digest).as_bytes() == sent(digest).as_bytes()
    assert "To" not in digest, "the mail itself stays nobody's"


def test_one_click_only_where_it_can_be_reached() -> None:
    head = Letterhead(sender=HEAD.sender, unsubscribe_url=lambda address: f"https://diembao.tinh.example/u/{address}")
    mail = sent(plain(), head)
    by_click, by_mail = (part.strip() for part in mail["List-Unsubscribe"].split(","))
    assert by_click == "<https://diembao.tinh.example/u/mau@tinh.example>"
    assert by_mail == "<mailto:diembao@tinh.example?subject=unsubscribe>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Reply-To" not in mail


def test_long_identifiers_are_written_as_they_are() -> None:
    """Read byte by byte: Python's parser decodes what no mail program decodes there."""
    domain = "vanphong.uy-ban-nhan-dan.ba-ria-vung-tau.gov.vn"
    link = f"https://diembao.tinh.example/unsubscribe/{'x' * 60}"
    head = Letterhead(sender=f"diembao@{domain}", unsubscribe_url=lambda _: link)
    mail = compose_mail(specimen(), head.sender)
    raw = addressed(mail, head, name="An", address="an@b.example", key="k", list_name="weekly.ba-ria-vung-tau", at=NOW)
    unsubscribe = f"List-Unsubscribe: <{link}>,\r\n <mailto:diembao@{domain}?subject=unsubscribe>\r\n"
    assert unsubscribe.encode() in raw
    assert f"List-Id: <weekly.ba-ria-vung-tau.diembao.{domain}>\r\n".encode() in raw
    identities = [line for line in raw.split(b"\r\n") if line.startswith((b"Message-ID:", b"Content-ID:"))]
    assert len(identities) > 1
    assert all(line.endswith(f"@{domain}>".encode()) for line in identities)


@pytest.mark.parametrize(
    "subject",
    [
        "Nhắc việc: " + "  ".join(["báo cáo công tác thông tin, tuyên truyền"] * 4),
        "A reminder in plain letters, " + "  ".join(["which goes on for longer than a line"] * 4),
        "Hạn ngày mai: báo cáo quý I về công tác báo chí, xuất bản và phát thanh truyền hình của Ủy ban nhân dân tỉnh",
    ],
)
def test_a_mail_of_a_few_lines_is_written_like_every_other(subject: str) -> None:
    mail = sent(plain_mail(subject, "Một dòng.\nHai dòng.", HEAD.sender))
    assert mail["Subject"] == subject
    assert mail.get_content().splitlines() == ["Một dòng.", "Hai dòng."]


@pytest.mark.parametrize("contact", ["https://tinh.example/lien-he", "a@b.example\r\nBcc: c@d.example", ""])
def test_a_contact_that_is_no_address_is_not_written_to(contact: str) -> None:
    mail = sent(plain(), Letterhead(sender=HEAD.sender, contact=contact))
    assert mail["List-Unsubscribe"] == "<mailto:diembao@tinh.example?subject=unsubscribe>"
    assert "Bcc" not in mail


@given(name=st.text())
def test_no_name_adds_a_header_or_an_address(name: str) -> None:
    mail = sent(plain(), name=name)
    assert set(mail.keys()) >= OWN_HEADERS - {"To"}
    assert "Bcc" not in mail
    assert [one.addr_spec for one in mail["To"].addresses] == ["mau@tinh.example"]


@pytest.mark.parametrize("name", ["An\r\nBcc: x@y.example", "<x@y.example>,", 'An" <x@y.example>, "B', "Ủ" * 90])
def test_names_that_try(name: str) -> None:
    mail = sent(plain(), name=name)
    assert [one.addr_spec for one in mail["To"].addresses] == ["mau@tinh.example"]
    assert "Bcc" not in mail


def test_a_headline_cannot_add_a_header() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        plain("Tin\r\nBcc: x@y.example")


def test_plain_text_alone() -> None:
    whole = compose_mail(specimen(), HEAD.sender)
    text = sent(text_only(whole))
    assert [part.get_content_type() for part in text.walk()] == ["text/plain"]
    body = whole.get_body(("plain",))
    assert body
    assert text.get_content().splitlines() == body.get_content().splitlines()
    assert text["Subject"] == whole["Subject"]
    assert whole.is_multipart()


def test_a_date_with_fractions_is_none() -> None:
    raw = addressed(
        plain(), HEAD, name="", address="a@b.example", key="k", list_name="l", at=NOW + timedelta(microseconds=5)
    )
    assert b"Date: Thu, 05 Mar 2026 07:00:00 +0700" in raw
