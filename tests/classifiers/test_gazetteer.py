"""The tables of names: complete, consistent, and refused by name when damaged."""

import shutil
from pathlib import Path

import pytest

from classifiers.gazetteer import PLACES, Gazetteer, read_table
from classifiers.homonyms import EVERY_UNIT, Homonyms
from config.errors import ModelError
from config.messages import LANGS, Lang, message
from config.units import current_units, historic_units


def test_every_name_belongs_to_a_unit() -> None:
    for table in ("names.tsv", "landmarks.tsv", "districts.tsv", "homonyms.tsv"):
        assert {row["unit_slug"] for row in read_table(PLACES / table)} - {EVERY_UNIT} <= historic_units().keys()
    assert {row["current_slug"] for row in read_table(PLACES / "communes.tsv")} == current_units().keys()


def test_every_unit_is_named_in_every_script() -> None:
    named: dict[str, set[str]] = {}
    for row in read_table(PLACES / "names.tsv"):
        named.setdefault(row["unit_slug"], set()).add(row["lang"])
    assert named.keys() == historic_units().keys()
    assert all(langs >= {"vi", "en", "zh-Hans", "zh-Hant", "ja", "ko", "ru"} for langs in named.values())


def test_no_table_holds_a_row_twice() -> None:
    for path in PLACES.glob("*.tsv"):
        rows = [tuple(row.items()) for row in read_table(path)]
        assert len(rows) == len(set(rows)), path.name


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PLACES, tmp_path / "places"))


@pytest.mark.parametrize("name", ["names.tsv", "districts.tsv", "communes.tsv", "landmarks.tsv"])
def test_a_missing_table_is_named(tables: Path, name: str) -> None:
    (tables / name).unlink()
    with pytest.raises(ModelError, match=name):
        Gazetteer.load(tables)


@pytest.mark.parametrize(
    ("damage", "where"),
    [
        (b"unit_slug\tlang\n", "line 1"),
        (b"unit_slug\tlang\tname\tneeds\tsource\nha-noi\tvi\n", "line 2"),
        (b"unit_slug\tlang\tname\tneeds\tsource\nha-noi\tvi\tH\xff\t\t\n", "line 1"),
        (b"", "line 1"),
    ],
)
def test_a_damaged_table_is_named_with_its_line(tables: Path, damage: bytes, where: str) -> None:
    (tables / "names.tsv").write_bytes(damage)
    with pytest.raises(ModelError, match=f"names.tsv, {where}"):
        Gazetteer.load(tables)


@pytest.mark.parametrize("cell", ["hoa-binh\tx\t\t(\t\t\thomonym", "hoa-binh\tx\t\t\t\t\tperhaps"])
def test_a_damaged_rule_is_named_with_its_line(tables: Path, cell: str) -> None:
    rules = tables / "homonyms.tsv"
    header = rules.read_text(encoding="utf-8").splitlines()[0]
    rules.write_text(f"{header}\n{cell}\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"homonyms\.tsv, line 2"):
        Homonyms.load(rules)


@pytest.mark.parametrize("lang", LANGS)
def test_every_rule_can_be_explained(lang: Lang) -> None:
    by_code = {
        "province",
        "landmark",
        "district",
        "commune",
        "lower_case",
        "not_yet",
        "abroad",
        "shared_name",
        "same_name",
    }
    for why in by_code | {row["class"] for row in read_table(PLACES / "homonyms.tsv")}:
        assert "Cao Bằng" in message(f"places.why_{why}", lang, name="Cao Bằng")
