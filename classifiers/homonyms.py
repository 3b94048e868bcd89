"""Names that are written like a province and are none: words, streets, persons, other units, places abroad.

The rules are data (``config/places/homonyms.tsv``). A row names a unit, what the name is then (``class``), regular
expressions for the name as found, for what ends before it, for what begins after it, and for what stands anywhere near
in the item, the first day on which the row holds, and the verdict. Empty cells ask for nothing. ``{person}`` to the
left asks for a person's name. All expressions see lower-case text; in text without accents they are compared without
accents. The first that fits decides. A row without ``name`` speaks of the province's own names, never of a landmark;
rows of ``*`` hold for names of every unit and come last.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final, Literal, get_args

from classifiers.folding import Folded, strip_diacritics
from classifiers.gazetteer import PLACES, Place, read_table
from classifiers.persons import is_person_name
from config.errors import ModelError

Verdict = Literal["place", "open", "homonym"]
"""Sure that it is the place; to be decided by the relevance model; sure that it is not."""

PERSON: Final = "{person}"
EVERY_UNIT: Final = "*"
LEFT_CHARS: Final = 60
RIGHT_CHARS: Final = 60
"""How much text beside a name a rule sees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the table, compiled for one view of the text."""

    name: str
    """``class``: what the name is then, or why it is the place."""
    own: re.Pattern[str] | None
    """The whole name as found; None for any name of the province itself."""
    left: re.Pattern[str] | None
    """None asks for a person's name."""
    right: re.Pattern[str]
    near: re.Pattern[str]
    since: date | None
    """First local day of publication on which the rule holds; None: always."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Homonyms:
    """The rules, unit to rows, for text with and without accents. Build it with ``Homonyms.load()``."""

    accented: dict[str, tuple[Rule, ...]]
    plain: dict[str, tuple[Rule, ...]]

    @classmethod
    def load(cls, path: Path = PLACES / "homonyms.tsv") -> "Homonyms":
        """Read the rules. Raises ModelError naming the line that is damaged."""
        return _load(path)

    def judge(
        self, folded: Folded, start: int, end: int, place: Place, *, near: str, day: date | None, western: bool
    ) -> tuple[Verdict, str] | None:
        """Return the verdict of the first rule that fits and its class, or None when no rule says anything.

        ``near`` is the item's lower-case title and lead (accents are removed as needed), ``day`` its local day of
        publication; ``western`` texts may put the family name last.
        """
        table = self.accented if folded.accented else self.plain
        view = folded.low if folded.accented else folded.plain
        left, right = view[max(0, start - LEFT_CHARS) : start], view[end : end + RIGHT_CHARS]
        is_province = place.kind == "province"
        for rule in chain(table.get(place.unit, ()), table.get(EVERY_UNIT, ())):
            if (
                (rule.own.fullmatch(view, start, end) if rule.own else is_province)
                and (rule.since is None or (day is not None and day >= rule.since))
                and rule.right.match(right)
                and (
                    is_person_name(folded, start, end, unit=place.unit, western=western)
                    if rule.left is None
                    else rule.left.search(left)
                )
                and rule.near.search(near if folded.accented else strip_diacritics(near))
            ):
                return rule.verdict, rule.name
        return None


@lru_cache
def _load(path: Path) -> Homonyms:
    views: tuple[tuple[dict[str, list[Rule]], Callable[[str], str]], ...] = (({}, str), ({}, strip_diacritics))
    for line, row in enumerate(read_table(path, *_COLUMNS), start=2):
        try:
            for rules, view in views:
                rules.setdefault(row["unit_slug"], []).append(_compile(row, view))
        except (re.error, ValueError) as exc:
            raise ModelError("places.not_a_table", path=path, line=line, detail=exc) from exc
    accented, plain = ({unit: tuple(listed) for unit, listed in rules.items()} for rules, _ in views)
    return Homonyms(accented, plain)


_LETTER: Final = "[a-z\u00df-\u024f\u1e00-\u1eff]"
"""Of the Latin script; other scripts write no space between words."""
_COLUMNS: Final = ("unit_slug", "class", "name", "left", "right", "near", "since", "verdict")


def _compile(row: dict[str, str], view: Callable[[str], str]) -> Rule:
    verdicts: dict[str, Verdict] = {verdict: verdict for verdict in get_args(Verdict)}
    if row["verdict"] not in verdicts:
        raise ValueError(f"verdict {row['verdict']!r}")
    left = view(row["left"])
    return Rule(
        name=row["class"],
        own=re.compile(view(row["name"])) if row["name"] else None,
        left=None if left == PERSON else re.compile(rf"(?:^|(?<!\w)|(?<=[^\x00-\u0e00]))(?:{left})$" if left else ""),
        right=re.compile(view(row["right"])),
        near=re.compile(rf"(?<!{_LETTER})(?:{view(row['near'])})(?!{_LETTER})" if row["near"] else ""),
        since=date.fromisoformat(row["since"]) if row["since"] else None,
        verdict=verdicts[row["verdict"]],
    )
