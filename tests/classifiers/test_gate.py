"""The gate lets through whatever may speak of a province, and little else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.gate import Gate
from classifiers.places import find_mentions
from config.units import historic_units
from pipeline.records import Item


@pytest.fixture(scope="module")
def gate() -> Gate:
    return Gate.load()


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Cao Bằng đón khách", {"cao-bang"}),
        ("phó thủ tướng Nguyễn Hòa Bình", {"hoa-binh"}),
        ("đàm phán hòa bình", set()),
        ("Giá vàng hôm nay", set()),
        ("越南高平省", {"cao-bang"}),
        ("In Hanoi and Ho Chi Minh City", {"ha-noi", "ho-chi-minh"}),
        ("", set()),
    ],
)
def test_units(gate: Gate, text: str, units: set[str]) -> None:
    assert gate.find_units(text) == units


@pytest.mark.parametrize("slug", sorted(historic_units()))
def test_every_unit_is_known_by_its_name(gate: Gate, slug: str) -> None:
    prefix = "TP " if slug == "ho-chi-minh" else "tỉnh "
    assert slug in gate.find_units(f"Hội đồng nhân dân {prefix}{historic_units()[slug].name} họp")


NAMES = st.sampled_from([unit.name for unit in historic_units().values()])


@settings(deadline=None)  # the first example loads models
@given(title=st.lists(st.one_of(NAMES, st.text(max_size=20)), max_size=6).map(" ".join))
def test_what_is_read_as_a_place_has_passed_the_gate(title: str) -> None:
    mentioned = {mention.unit for mention in find_mentions(Item(id="1", title=title), "vi")}
    assert mentioned <= Gate.load().find_units(title)
