"""The catalogue of outlets, its overlay by an installation, and finding an outlet."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import DiembaoError, SourceError
from config.units import historic_units
from crawlers.sources import SOURCES_FILE, SourceDirectory, add_source, load_sources
from pipeline.records import SectionPage, Source

NEW = Source(
    id="bao-moi-mo",
    name="Báo Mới Mở",
    kind="local",
    tier=3,
    country="VN",
    language="vi",
    unit="cao-bang",
    domains=("127.0.0.1:8001",),
    feeds=("http://127.0.0.1:8001/rss",),
    sections=(SectionPage(url="http://127.0.0.1:8001/", links="h3 a"),),
)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """Write HOME/sources.yaml and return HOME."""

    def write_text(text: str) -> Path:
        (tmp_path / SOURCES_FILE).write_text(text, encoding="utf-8")
        return tmp_path

    return write_text


# ---- the catalogue --------------------------------------------------------------------------------------------------


def test_the_catalogue_has_the_outlets_it_must() -> None:
    sources = load_sources(None)
    countries = Counter(source.country for source in sources)
    assert len(sources) >= 200
    assert {source.kind for source in sources} == {"central", "local", "ministry", "foreign"}
    assert min(countries[country] for country in ("US", "LA", "KH", "TH", "CN", "JP", "KR", "RU", "FR", "GB")) >= 4


def test_every_province_has_an_outlet_of_its_own() -> None:
    units = {source.unit for source in load_sources(None)}
    assert set(historic_units()) <= units


def test_nothing_is_called_verified_that_nobody_tried() -> None:
    assert not [source.id for source in load_sources(None) if source.verified]


def test_every_enabled_outlet_can_be_polled_and_recognised() -> None:
    for source in load_sources(None):
        assert source.domains, source.id
        assert source.endpoints or not source.enabled, source.id


def test_no_address_and_no_domain_belongs_to_two_outlets() -> None:
    sources = load_sources(None)
    addresses = Counter(address for source in sources for address in (*source.endpoints, *source.domains))
    assert [address for address, times in addresses.items() if times > 1] == []


def test_foreign_outlets_keep_their_own_time() -> None:
    zones = {source.country: source.timezone for source in load_sources(None)}
    assert zones["VN"] == "Asia/Ho_Chi_Minh"
    assert zones["US"] == "America/New_York"
    assert [source.id for source in load_sources(None) if source.foreign and "Ho_Chi_Minh" in source.timezone] == []


# ---- the overlay ----------------------------------------------------------------------------------------------------


def test_an_entry_of_the_home_file_changes_only_what_it_names(write: Callable[[str], Path]) -> None:
    home = write("sources:\n- id: vnexpress\n  enabled: false\n")
    before, after = SourceDirectory(load_sources(None)).by_id("vnexpress"), None
    after = SourceDirectory(load_sources(home)).by_id("vnexpress")
    assert before and after
    assert before.enabled and not after.enabled
    assert after.feeds == before.feeds


def test_an_added_outlet_is_read_back_and_comments_stay(write: Callable[[str], Path]) -> None:
    home = write("# ours\nsources:\n- id: vnexpress\n  enabled: false  # too much\n")
    add_source(home, NEW)
    assert SourceDirectory(load_sources(home)).by_id(NEW.id) == NEW
    text = (home / SOURCES_FILE).read_text(encoding="utf-8")
    assert text.startswith("# ours\n")
    assert "# too much" in text


@pytest.mark.parametrize("text", ["sources: [{id: vnexpress, tier: 2}]\n", "sources:\n    - id: vnexpress\n"])
def test_an_outlet_is_added_whatever_the_style_of_the_file(write: Callable[[str], Path], text: str) -> None:
    home = write(text)
    add_source(home, NEW)
    assert SourceDirectory(load_sources(home)).by_id(NEW.id) == NEW
    assert sorted(path.name for path in home.iterdir()) == [SOURCES_FILE]


def test_an_outlet_is_added_to_a_home_without_a_file(tmp_path: Path) -> None:
    add_source(tmp_path, NEW)
    assert SourceDirectory(load_sources(tmp_path)).by_id(NEW.id) == NEW


def test_an_outlet_is_not_added_twice(tmp_path: Path) -> None:
    add_source(tmp_path, NEW)
    with pytest.raises(SourceError) as error:
        add_source(tmp_path, NEW)
    assert error.value.code == "sources.exists"


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("sources:\n- {id: x]\n", "sources.not_yaml", "line 2"),
        ("outlets: []", "sources.not_a_list", ""),
        ("sources: [vnexpress]", "sources.not_a_list", ""),
        ("sources:\n- name: X", "sources.no_id", "number 1"),
        ("sources:\n- id: x\n- id: x", "sources.twice", "“x”"),
        ("sources:\n- id: x", "sources.missing_key", "“name”"),
        ("sources:\n- {id: vnexpress, tyer: 2}", "sources.unknown_key", "did you mean: tier"),
        ("sources:\n- {id: vnexpress, tier: 4}", "sources.bad_value", "“tier”"),
        ("sources:\n- {id: vnexpress, kind: blog}", "sources.bad_value", "“kind”"),
        ("sources:\n- {id: vnexpress, country: vn}", "sources.bad_value", "“country”"),
        ("sources:\n- {id: vnexpress, feeds: [ftp://x]}", "sources.bad_value", "“feeds.0”"),
        ("sources:\n- {id: vnexpress, domains: [www.x.vn]}", "sources.bad_value", "“domains.0”"),
        ("sources:\n- {id: vnexpress, timezone: Asia/Nowhere}", "sources.bad_value", "“timezone”"),
        ("sources:\n- {id: vnexpress, unit: cao-bawng}", "sources.bad_value", "cao-bang"),
        ("sources:\n- {id: vnexpress, sections: [{url: 'https://x.vn', links: 'a['}]}", "sources.bad_value", "“a[”"),
    ],
)
def test_a_bad_entry_names_file_outlet_and_field(
    write: Callable[[str], Path], text: str, code: str, named: str
) -> None:
    with pytest.raises(DiembaoError) as error:
        load_sources(write(text))
    assert error.value.code == code
    assert named in error.value.text("en")
    assert SOURCES_FILE in error.value.text("vi")


# ---- finding --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def directory() -> SourceDirectory:
    return SourceDirectory(load_sources(None))


@pytest.mark.parametrize(
    ("name", "source_id"),
    [
        ("VnExpress", "vnexpress"),
        ("Tuổi Trẻ", "tuoi-tre"),
        ("Thanh Niên", "thanh-nien"),
        ("THANH NIEN", "thanh-nien"),
        ("Báo Tuổi Trẻ", "tuoi-tre"),
        ("Báo Cao Bằng", "bao-cao-bang"),
        ("cao bằng", "bao-cao-bang"),
        ("bao-cao-bang", "bao-cao-bang"),
    ],
)
def test_an_outlet_is_found_by_name(directory: SourceDirectory, name: str, source_id: str) -> None:
    found = directory.by_name(name)
    assert found and found.id == source_id


@pytest.mark.parametrize(
    ("url", "source_id"),
    [
        ("https://vnexpress.net/a-1.html", "vnexpress"),
        ("https://m.vnexpress.net/a-1.html", "vnexpress"),
        ("https://e.vnexpress.net/a-1.html", "vnexpress-international"),
        ("https://WWW.TuoiTre.vn/a-1.htm", "tuoi-tre"),
        ("https://www.bbc.com/vietnamese/articles/c1", "bbc-tieng-viet"),
        ("https://www.bbc.com/news/world-1", "bbc-world"),
        ("https://vovworld.vn/en-US/news/a.vov", "vov-world-en"),
        ("https://baosonla.org.vn/a", "bao-son-la"),
        ("https://baosonla.vn/a", "bao-son-la"),
    ],
)
def test_an_outlet_is_found_by_address(directory: SourceDirectory, url: str, source_id: str) -> None:
    found = directory.by_url(url)
    assert found and found.id == source_id


@pytest.mark.parametrize(
    "url", ["", "not a url", "https://khong-co.example/a", "https://[::1", "https://notvnexpress.net/"]
)
def test_an_unknown_address_finds_nothing(directory: SourceDirectory, url: str) -> None:
    assert directory.by_url(url) is None


def test_the_address_comes_before_the_name(directory: SourceDirectory) -> None:
    found = directory.find(url="https://thanhnien.vn/a", name="VnExpress")
    assert found and found.id == "thanh-nien"
    found = directory.find(url="https://khong-co.example/a", name="VnExpress")
    assert found and found.id == "vnexpress"
    assert directory.find(url="", name="Không có") is None
