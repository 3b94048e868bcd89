"""The steps that can take a sentence away: what they must leave alone."""

import pytest

from pipeline.extract.body_check import align_with_declared_body
from pipeline.extract.boilerplate import clean_lines
from pipeline.extract.headline import cut_outlet
from tests.pipeline.extract.fixture_pages import FIRST, SECOND, THIRD, TITLE

PROSE = [FIRST, SECOND, THIRD]


def clean(*lines: str, author: str = "") -> list[str]:
    return clean_lines("\n".join(lines), titles=[TITLE], author=author)


@pytest.mark.parametrize(
    "line",
    [
        TITLE,
        TITLE.upper(),
        "Thứ Tư, 04/03/2026, 08:30",
        "Tác giả: Lý Thu Hà",
        "Lý Thu Hà (Cao Bằng)",
        "By Ha Ly",
        "Von Anna Sleegers",
    ],
)
def test_line_before_the_text_goes(line: str) -> None:
    assert clean(line, *PROSE, author="Lý Thu Hà") == PROSE


@pytest.mark.parametrize(
    "line",
    [
        "Theo kế hoạch, ngày 12/3/2026 sẽ khởi công.",
        "Theo dấu người mở đường",
        "Kinh tế năm 2026",
        "Ảnh hưởng của mưa lũ",
        "Bài học từ Cao Bằng",
        "By then it was too late.",
        "Ông nói: “Chúng tôi đã chờ.”",
    ],
)
def test_line_of_the_text_stays_in_front(line: str) -> None:
    assert clean(line, *PROSE, author="Lý Thu Hà") == [line, *PROSE]


@pytest.mark.parametrize(
    "line",
    ["Xem thêm: Một tin khác", ">> Đọc thêm: Một tin khác", "Read more: another story", "Lesen Sie auch: Brücke"],
)
def test_reference_goes_wherever_it_stands(line: str) -> None:
    assert clean(FIRST, line, SECOND) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "line",
    [
        "Theo dõi Báo Xuân trên Google News",
        "Mời bạn đọc theo dõi fanpage của báo",
        "Sign up for our newsletter",
        "© 2026 Báo Xuân",
        "Lý Thu Hà",
    ],
)
def test_appeal_at_the_end_goes(line: str) -> None:
    assert clean(*PROSE, line, author="Lý Thu Hà") == PROSE


@pytest.mark.parametrize(
    "line",
    [
        "Nhóm này liên lạc với nạn nhân qua Telegram và Zalo.",
        "Công an tỉnh tiếp tục theo dõi tình hình trên sông.",
        "Bình luận về việc này, ông cho rằng còn quá sớm.",
        "Người dân xem thêm thông tin tại trụ sở xã.",
    ],
)
def test_last_sentence_stays(line: str) -> None:
    assert clean(*PROSE, line) == [*PROSE, line]


def test_list_behind_its_heading_goes_but_prose_behind_it_stays() -> None:
    assert clean(FIRST, SECOND, "Tin liên quan", "Một tin khác", "Tin nữa") == [FIRST, SECOND]
    assert clean(FIRST, "Tin liên quan", "Một tin khác", SECOND) == [FIRST, "Một tin khác", SECOND]


@pytest.mark.parametrize(
    ("title", "headline"),
    [
        ("Mưa lớn ở Cao Bằng | Báo Xuân", "Mưa lớn ở Cao Bằng"),
        ("Mưa lớn ở Cao Bằng - Thời sự - Báo Xuân", "Mưa lớn ở Cao Bằng - Thời sự"),
        ("Mưa lớn ở Cao Bằng – Báo Xuân – 04.03.2026", "Mưa lớn ở Cao Bằng"),
        ("Mưa lớn ở Cao Bằng | Thời sự | Báo Xuân", "Mưa lớn ở Cao Bằng"),
        ("Mưa lớn ở Cao Bằng * Báo Xuân * Lý Thu Hà", "Mưa lớn ở Cao Bằng"),
        ("Mưa lớn ở Cao Bằng | BAOXUAN.VN", "Mưa lớn ở Cao Bằng"),
        ("Một | hai ba bốn năm | Báo Xuân", "Một | hai ba bốn năm"),
        ("カオバン省で大雨：朝の新聞", "カオバン省で大雨"),
        ("Hà Nội - Cao Bằng: khởi công", "Hà Nội - Cao Bằng: khởi công"),
        ("Báo Xuân", "Báo Xuân"),
        ("", ""),
    ],
)
def test_outlet_is_cut_from_the_end_of_a_title_only(title: str, headline: str) -> None:
    assert cut_outlet(title, {"baoxuan", "朝の新聞"}, []) == headline


def test_a_province_is_not_taken_for_its_newspaper() -> None:
    names = {"baocaobang", "baocaobangvn", "caobang"}
    assert cut_outlet("Cao tốc Lạng Sơn - Cao Bằng - Báo Cao Bằng", names, []) == "Cao tốc Lạng Sơn - Cao Bằng"


def test_another_title_shows_where_the_headline_ends() -> None:
    assert (
        cut_outlet("Mưa lớn ở Cao Bằng - Thời sự - Xuân", {"baoxuan"}, ["Mưa lớn ở Cao Bằng"]) == "Mưa lớn ở Cao Bằng"
    )


def test_declared_body_cuts_what_stands_around_it() -> None:
    body = "\n".join(PROSE)
    lines = [
        "Quảng cáo trong bài về xe máy điện đời mới",
        *PROSE,
        "Mười điểm du lịch nên đến một lần trong đời ở miền Bắc",
    ]
    assert align_with_declared_body(lines, body, " ".join(lines)) == (PROSE, True)


def test_subheading_that_the_declared_body_leaves_out_stays() -> None:
    lines = [FIRST, "Chờ hơn mười năm", SECOND, THIRD]
    assert align_with_declared_body(lines, "\n".join(PROSE), " ".join(lines))[0] == lines


def test_part_that_was_lost_is_taken_from_the_declared_body_only_when_visible() -> None:
    body = "\n".join(PROSE)
    assert align_with_declared_body([FIRST], body, " ".join(PROSE)) == (PROSE, True)
    assert align_with_declared_body([FIRST], body, FIRST) == ([FIRST], False), "hidden by a paywall"


def test_teaser_as_declared_body_changes_nothing() -> None:
    assert align_with_declared_body(PROSE, FIRST[:60], " ".join(PROSE)) == (PROSE, False)
