from datetime import timedelta
from itertools import combinations

from pipeline.dedupe.copies import CopyFinder
from pipeline.dedupe.shingles import Candidate
from tests.pipeline.documents import NOON

BODY = """Sáng 1/3, tỉnh Cao Bằng khánh thành cây cầu mới bắc qua sông Bằng, nối hai phường của thành phố.
Cầu dài 180 mét, rộng 12 mét, do Ban quản lý dự án giao thông làm chủ đầu tư, khởi công từ tháng 5 năm ngoái.
Ông Nông Văn Thử, một người dân sống gần bến đò cũ, nói bà con đã chờ cây cầu này hơn hai mươi năm.
Dự kiến trong quý tới, tỉnh làm tiếp con đường hai đầu cầu và hệ thống chiếu sáng với tổng vốn 45 tỉ đồng."""
OTHER = """Chiều 1/3, lực lượng chức năng thông tin về vụ cháy kho hàng ở ngoại ô, không có thiệt hại về người.
Ngọn lửa bùng lên lúc gần trưa rồi lan nhanh sang hai gian bên cạnh, khói đen bốc cao hàng chục mét.
Bốn xe chữa cháy cùng ba mươi chiến sĩ được điều tới, đến đầu giờ chiều thì đám cháy được dập tắt hẳn.
Nguyên nhân ban đầu được cho là chập điện ở khu vực sạc xe nâng, cơ quan điều tra đang làm rõ thêm."""
STANDING = """Mời bạn đọc theo dõi chuyên mục này vào mỗi buổi sáng trên trang của chúng tôi để không bỏ lỡ tin mới.
Mọi ý kiến đóng góp xin gửi về tòa soạn theo địa chỉ thư điện tử in ở chân trang, chúng tôi xin cảm ơn rất nhiều.
Bản quyền thuộc về tòa soạn, mọi hình thức sao chép phải được chúng tôi đồng ý bằng văn bản trước khi đăng lại.
Đọc thêm các bài viết cùng chuyên mục trong tuần qua và xem lại hình ảnh đẹp nhất do bạn đọc khắp nơi gửi tới."""


def article(
    name: str, title: str, *, lead: str = "", text: str = "", hours: float = 0, tier: int = 2, outlet: str = ""
) -> Candidate:
    return Candidate(
        id=name,
        title=title,
        lead=lead,
        text=text,
        published_at=NOON + timedelta(hours=hours),
        outlet=outlet or f"báo {name}",
        tier=tier,
    )


def find(*candidates: Candidate) -> dict[str, str]:
    pairs = combinations([one.id for one in candidates], 2)
    return CopyFinder().find(candidates, headlines=pairs)


def test_the_same_text_is_a_copy_of_the_earliest_under_whatever_title() -> None:
    first = article("a", "Cao Bằng khánh thành cầu mới", text=BODY, hours=1)
    second = article("b", "Thêm một cây cầu qua sông Bằng", text=BODY.replace("Sáng 1/3, ", ""), hours=2)
    third = article("c", "Cầu mới ở Cao Bằng", text=BODY + "\nTin và ảnh: cộng tác viên", hours=3)
    assert find(third, second, first) == {"b": "a", "c": "a"}


def test_of_equal_times_the_wider_outlet_has_the_original() -> None:
    assert find(article("a", "Cầu mới", text=BODY, tier=3), article("b", "Cầu mới", text=BODY, tier=1)) == {"a": "b"}


def test_a_text_of_its_own_is_no_copy_though_it_has_the_same_headline() -> None:
    lead = "Tin nhanh trong ngày."
    assert (
        find(
            article("a", "Tin trong ngày", lead=lead, text=BODY), article("b", "Tin trong ngày", lead=lead, text=OTHER)
        )
        == {}
    )


def test_boilerplate_of_one_outlet_joins_none_of_its_articles() -> None:
    own = "Báo Non Nước"
    days = [
        article(
            str(at), f"Chuyện thứ {at}: {name}", text=f"{name} kể chuyện nhà mình.\n{STANDING}", hours=at, outlet=own
        )
        for at, name in enumerate(["bác Thử", "cô Nghiệm", "chú Mẫu"])
    ]
    assert find(*days) == {}
    pair = [
        article(str(at), title, text=f"{title}.\n{STANDING}", hours=at, outlet=own)
        for at, title in enumerate(["Lũ về trong đêm", "Mùa hoa trên núi"])
    ]
    assert find(*pair) == {}, "two articles do not show yet what is boilerplate"


def test_a_column_that_returns_every_day_reprints_nothing() -> None:
    lead = "Giá vàng trong nước sáng nay tăng nhẹ so với chốt phiên hôm qua, chênh lệch mua bán giữ nguyên."
    own = "Báo Non Nước"
    assert (
        find(
            article("a", "Giá vàng hôm nay 1.3", lead=lead, outlet=own),
            article("b", "Giá vàng hôm nay 2.3", lead=lead, hours=24, outlet=own),
        )
        == {}
    )


def test_headlines_are_compared_by_title_and_lead() -> None:
    lead = "Cây cầu dài 180 mét nối hai bờ sông Bằng được đưa vào sử dụng sáng nay, sau gần hai năm thi công."
    first = article("a", "Cao Bằng khánh thành cầu mới", lead=lead)
    touched_up = article("b", "Khánh thành cầu mới ở Cao Bằng", lead=lead.replace("sáng nay", "sáng 1/3"), hours=2)
    own_words = article("c", "Cầu mới thông xe", lead="Người dân hai bên sông không còn phải đi đò.", hours=3)
    assert find(first, touched_up, own_words) == {"b": "a"}


def test_a_text_and_a_headline_are_compared_by_headline() -> None:
    lead = "Cây cầu dài 180 mét nối hai bờ sông Bằng được đưa vào sử dụng."
    assert find(article("a", "Cầu mới", lead=lead, text=BODY), article("b", "Cầu mới", lead=lead, hours=1)) == {
        "b": "a"
    }


def test_what_is_printed_again_after_days_is_no_reprint() -> None:
    assert find(article("a", "Cầu mới", text=BODY), article("b", "Cầu mới", text=BODY, hours=24 * 4)) == {}


def test_what_was_computed_is_used_until_the_article_changes() -> None:
    finder = CopyFinder()
    first, second = article("a", "Cầu mới", text=BODY), article("b", "Cháy kho", text=OTHER, hours=1)
    assert finder.find([first, second]) == {}
    edited = article("b", "Cháy kho", text=BODY, hours=1)
    assert finder.find([first, edited]) == {"b": "a"}
    assert finder.find([edited]) == {}
    assert finder.find([first, edited], known={"b": None}) == {"b": "a"}


def test_an_original_that_comes_late_takes_its_copies_and_others_are_left_alone() -> None:
    late, copy = article("a", "Cầu mới", text=BODY), article("b", "Cầu mới", text=BODY, hours=1)
    other, of_outside = article("c", "Cháy kho", text=OTHER), article("d", "Cháy kho", text=OTHER, hours=2)
    known = {"b": None, "c": None, "d": "outside"}
    assert CopyFinder().find([late, copy, other, of_outside], known=known) == {"b": "a", "d": "outside"}
