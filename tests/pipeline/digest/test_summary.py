import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.digest.summary import SUMMARY_CHARS, clean_line, shorten, summarise

SENTENCE = "Chính quyền xã cho biết đã lập biên bản ba lần nhưng doanh nghiệp chưa khắc phục hậu quả."


def test_cut_falls_at_the_end_of_a_sentence() -> None:
    assert summarise(" ".join([SENTENCE] * 9), "") == " ".join([SENTENCE] * 3)


def test_abbreviations_do_not_end_a_sentence() -> None:
    lead = f"{SENTENCE} {SENTENCE} {SENTENCE} Đoàn làm việc với lãnh đạo TP. Cao Bằng " + "về dự án " * 20
    assert summarise(lead, "") == " ".join([SENTENCE] * 3)
    short = "Đoàn công tác vào làm việc tại trụ sở Ủy ban nhân dân phường ở trung tâm của TP. Cao Bằng hôm nay"
    assert shorten(short, 84).endswith("TP…") or not shorten(short, 84).endswith("TP.")


def test_one_endless_sentence_is_cut_between_words() -> None:
    cut = summarise("vùng cao " * 100, "")
    assert len(cut) <= SUMMARY_CHARS
    assert cut.endswith("cao…") or cut.endswith("vùng…")


def test_text_serves_when_there_is_no_lead() -> None:
    assert summarise("", f"{SENTENCE}\nĐoạn hai.") == f"{SENTENCE} Đoạn hai."


def test_a_lead_that_repeats_the_title_is_left_out() -> None:
    assert summarise("Tỉnh họp bàn.", "", title="Tỉnh họp bàn") == ""


def test_the_outlets_own_name_in_front_is_dropped() -> None:
    assert summarise("(Báo Mẫu) - Sáng 4/3, mưa lớn.", "") == "Sáng 4/3, mưa lớn."


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  một\n\thai  ", "một hai"),
        ("Ca\u0301o \u202eđảo\u202c", "Cáo đảo"),
        ("bell\x07 null\x00", "bell null"),
        ("nửa \ud800 chữ", "nửa chữ"),
        ("ຂ່າວ\u200bລາວ", "ຂ່າວ\u200bລາວ"),
    ],
)
def test_clean_line(raw: str, clean: str) -> None:
    assert clean_line(raw) == clean


@given(st.text(st.characters(exclude_categories=()), max_size=900), st.integers(20, 400))
def test_summary_is_short_clean_and_a_part_of_the_source(text: str, limit: int) -> None:
    summary = summarise(text, "", limit=limit)
    assert len(summary) <= limit
    summary.encode()
    assert summary == summary.strip()
    assert "\n" not in summary
    assert summary.removesuffix("…") in clean_line(text)


def test_marks_stay_with_their_letters() -> None:
    assert shorten("ก็" * 50, 32) == "ก็" * 15 + "…"
