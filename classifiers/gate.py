"""The gate: which provinces a text may speak of, fast enough for every page. Right or wrong is decided later.

A name counts as soon as it is written like a name; districts and communes count with their type before them
(``huyện Trùng Khánh``). Only what passes pays for language processing.
"""

from classifiers.folding import fold
from classifiers.gazetteer import Gazetteer
from classifiers.spelling import is_name_like


class Gate:
    """Build it with ``Gate.load()``."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    @classmethod
    def load(cls) -> "Gate":
        """Read the tables of names. Raises ModelError when one is missing or damaged."""
        return cls(Gazetteer.load())

    def find_units(self, text: str) -> frozenset[str]:
        """Return the slugs of the historic units that ``text`` (title, lead, raw page) may speak of."""
        folded = fold(text)
        return frozenset(
            place.unit
            for span in self._gazetteer.scan(folded)
            if is_name_like(folded, span.start, span.end)
            for place in span.readings
        )
