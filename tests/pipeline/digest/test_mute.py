import pytest

from config.settings import MuteSettings
from pipeline.digest.mute import MuteRules
from tests.dashboards.specimen import NON_CAO, document

DOC = document(
    NON_CAO, "Khai trương phòng vé mới", "Giảm giá TOUR mùa lễ hội", url="https://non-cao.example/quang-cao/7"
)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (MuteSettings(), None),
        (MuteSettings(sources=("non-cao",)), "source"),
        (MuteSettings(sources=("non",)), None),
        (MuteSettings(url_patterns=("https://non-cao.example/quang-cao/*",)), "url"),
        (MuteSettings(url_patterns=("https://non-cao.example/tin/*",)), None),
        (MuteSettings(phrases=("giảm giá tour",)), "phrase"),
        (MuteSettings(phrases=("PHÒNG VÉ",)), "phrase"),
        (MuteSettings(phrases=("gia",)), None),
        (MuteSettings(phrases=("giảm g",)), None),
        (MuteSettings(phrases=(" ",)), None),
        (MuteSettings(phrases=("vé.*mới",)), None),
    ],
)
def test_mute_reason(settings: MuteSettings, reason: str | None) -> None:
    assert MuteRules.of(settings).reason(DOC) == reason
