"""The language of headlines, unaccented Vietnamese included."""

import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.folding import strip_diacritics
from classifiers.language import LANGUAGES, OTHER, detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Công an tỉnh Cao Bằng bắt giữ nhóm buôn lậu", "vi"),
        ("Cong an tinh Cao Bang bat giu", "vi"),
        ("UBND TP HCM yeu cau kiem tra cac chung cu cu", "vi"),
        ("CONG AN TINH CAO BANG BAT GIU", "vi"),
        ("Giá iPhone 17 Pro Max giảm mạnh", "vi"),
        ("Vietnam's exports to the United States rise again", "en"),
        ("Nguyen Hoa Binh named deputy prime minister", "en"),
        ("Writer Nguyễn Phan Quế Mai on the books that made her", "en"),
        ("Đà Nẵng, HCM City boost tourism links", "en"),
        ("Thừa Thiên Huế festival draws crowds", "en"),
        ("Hà Nội mua xe buýt", "vi"),
        ("GDP quý III tăng 8,23%", "vi"),
        ("TP Cần Thơ, Huế xin ưu tiên", "vi"),
        ("Turiștii români, blocați în Hanoi după o furtună", OTHER),
        ("Le Vietnam commémore la bataille de Diên Biên Phu", "fr"),
        ("越南总理访问中国", "zh"),
        ("越南總理訪問中國", "zh"),
        ("ベトナムの首相が訪日した", "ja"),
        ("베트남 총리 방한", "ko"),
        ("ນາຍົກລັດຖະມົນຕີ ຫວຽດນາມ", "lo"),
        ("នាយករដ្ឋមន្ត្រីវៀតណាម", "km"),
        ("นายกรัฐมนตรีเวียดนาม", "th"),
        ("Премьер-министр Вьетнама прибыл в Москву", "ru"),
        ("El primer ministro de Vietnam visita Madrid la próxima semana", "es"),
        ("Der vietnamesische Ministerpräsident reist nach Berlin", "de"),
        ("Premier Wietnamu przyjechał do Warszawy", "pl"),
        ("Perdana Menteri Vietnam tiba di Jakarta untuk menghadiri pertemuan", OTHER),
        ("De Vietnamese premier bezoekt vandaag de haven van Rotterdam", OTHER),
        ("Soc Trang durian growers", "en"),
        ("Boat capsizes off Vietnam's Quang Ngai", "en"),
        ("Top hotels in Nha Trang", "en"),
        ("Nguyen Phu Trong dies", "en"),
        ("Un Français tué à Da Nang", "fr"),
        ("Tragedia en la bahía de Ha Long", "es"),
        ("Katastrofa statku w zatoce Ha Long", "pl"),
        ("Topan landa Hai Phong dan Quang Ninh", OTHER),
        ("Ramp met toeristenboot in Ha Long Bay", OTHER),
        ("Messi noi gian voi CDV Inter Miami", "vi"),
        ("Thach thuc cua Wicked 2", "vi"),
        ("Bao so 3 do bo Quang Ninh", "vi"),
        ("Khach Tay me pho Ha Noi", "vi"),
        ("", OTHER),
        ("12/3 – 4:5", OTHER),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert detect_language(text)[0] == language


@pytest.mark.parametrize(
    "text",
    [
        "Bão số 5 gây mưa lớn ở Thanh Hóa",
        "Khởi tố giám đốc doanh nghiệp trốn thuế",
        "Học sinh vùng cao đến trường sau kỳ nghỉ Tết",
        "Người dân kêu cứu vì ô nhiễm bụi mỏ đá",
    ],
)
def test_taking_the_accents_away_changes_nothing(text: str) -> None:
    assert detect_language(text)[0] == detect_language(strip_diacritics(text.lower()))[0] == "vi"


@settings(deadline=None)  # the first example loads models
@given(st.text(max_size=120))
def test_any_text_has_a_language_and_a_score(text: str) -> None:
    language, score = detect_language(text)
    assert language in (*LANGUAGES, OTHER)
    assert 0 <= score <= 1


def test_no_network_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert detect_language("The prime minister of Vietnam")[0] == "en"
