"""The 63 provincial units until 30 June 2025 and the 34 since, by slug.

Source: Resolution 202/2025/QH15 of the National Assembly on the arrangement of provincial units, in force 1 July 2025.
"""

import csv
import unicodedata
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

from config.errors import ConfigError
from config.files import data_path

MERGER_DAY = date(2025, 7, 1)
"""First local day of the 34 units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One historic unit (of the 63) and its successor."""

    slug: str
    name: str
    current: str
    """Slug of the unit of today that it belongs to; its own slug where the name survives."""
    current_name: str


@lru_cache
def historic_units() -> dict[str, Unit]:
    """Return the 63 units until 30 June 2025, slug to unit."""
    with data_path("places/units.tsv").open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, delimiter="\t")
        return {
            row["unit_slug"]: Unit(
                slug=row["unit_slug"],
                name=row["name_vi"],
                current=row["current_slug"],
                current_name=row["current_name_vi"],
            )
            for row in rows
        }


@lru_cache
def current_units() -> dict[str, str]:
    """Return the 34 units of today, slug to Vietnamese name."""
    return {unit.current: unit.current_name for unit in historic_units().values()}


@lru_cache
def unit_names() -> dict[str, str]:
    """Return every slug that can be chosen, to its Vietnamese name (63 historic units and the 34 of today)."""
    return {slug: unit.name for slug, unit in historic_units().items()} | current_units()


def members(slug: str) -> frozenset[str]:
    """Return the historic units a chosen slug stands for.

    A unit of today (``dong-thap``) stands for all its predecessors; a merged-away slug (``tien-giang``) for itself.
    """
    if slug in current_units():
        return frozenset(unit.slug for unit in historic_units().values() if unit.current == slug)
    return frozenset({slug})


def find_unit(text: str) -> str:
    """Return the slug for what a person wrote (``cao-bang``, ``Cao Bằng``, ``CAO BANG``).

    Raises ConfigError naming the nearest slugs when there is no such unit.
    """
    slug = slugify(text)
    if slug in unit_names():
        return slug
    near = get_close_matches(slug, unit_names(), n=3, cutoff=0.5)
    if near:
        raise ConfigError("settings.unknown_unit_near", unit=text, near=", ".join(near))
    raise ConfigError("settings.unknown_unit", unit=text)


def slugify(text: str) -> str:
    """Return lower case without diacritics, words joined by ``-``."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    plain = "".join(char if char.isalnum() else " " for char in decomposed if not unicodedata.combining(char))
    return "-".join(plain.split())
