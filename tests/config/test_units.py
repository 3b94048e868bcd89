"""Unit identity: 63 historic units, 34 of today, one slug each."""

import pytest

from config.errors import ConfigError
from config.units import current_units, find_unit, historic_units, members, slugify, unit_names


def test_there_are_63_units_before_and_34_since() -> None:
    assert len(historic_units()) == 63
    assert len(current_units()) == 34


def test_all_of_both_can_be_chosen() -> None:
    assert unit_names().keys() == historic_units().keys() | current_units().keys()
    assert all(find_unit(slug) == slug for slug in unit_names())


def test_every_slug_is_the_name_without_diacritics() -> None:
    assert all(slugify(name) == slug for slug, name in unit_names().items() if slug not in ("hue", "thua-thien-hue"))


@pytest.mark.parametrize(
    ("chosen", "units"),
    [
        ("cao-bang", {"cao-bang"}),
        ("tien-giang", {"tien-giang"}),
        ("dong-thap", {"dong-thap", "tien-giang"}),
        ("hue", {"thua-thien-hue"}),
        ("ho-chi-minh", {"ho-chi-minh", "binh-duong", "ba-ria-vung-tau"}),
    ],
)
def test_a_unit_of_today_stands_for_its_predecessors(chosen: str, units: set[str]) -> None:
    assert members(chosen) == units


def test_every_historic_unit_belongs_to_one_unit_of_today() -> None:
    joined = [unit for slug in current_units() for unit in members(slug)]
    assert sorted(joined) == sorted(historic_units())


@pytest.mark.parametrize("written", ["Cao Bằng", "CAO BANG", "cao-bang", " cao  bằng "])
def test_a_unit_is_found_however_it_is_written(written: str) -> None:
    assert find_unit(written) == "cao-bang"


def test_an_unknown_unit_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="cao-bang"):
        find_unit("cao-bag")
    with pytest.raises(ConfigError, match="no province called"):
        find_unit("xyzzy")
