"""Press items in other languages than Vietnamese, with labels: invented for this project, by a language model.

They teach the encoder what praise and blame of a province, and bad events, read like in the languages that no labelled
item is written in. No outlet published them.
"""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Final, get_args

from classifiers.training.added import Added, numbered_rows
from classifiers.training.examples import mark_where_named
from config.errors import InputError
from pipeline.records import Item, Tone

ABROAD: Final = Path(__file__).with_name("abroad.tsv")
"""Of each item its language, a unit in it, the labels of that, title and lead."""
RELEVANCES: Final = ("about", "mention")


def read_abroad(topics: Collection[str], path: Path = ABROAD) -> Iterator[Added]:
    """Yield the items that name their unit so that it is found.

    Raises InputError naming the file and line of an item whose labels cannot be read.
    """
    for number, row in numbered_rows(path):
        tones = get_args(Tone) if row["relevance"] == "about" else ("",)
        allowed: Mapping[str, Collection[str]] = {
            "relevance": RELEVANCES,
            "tone": tones,
            "bad_event": ("False", "True"),
            "topics": topics,
        }
        if any(row[task] not in classes for task, classes in allowed.items()) or row["summary"] is None:
            raise InputError("models.bad_training_row", path=path, line=number, detail=list(row.values()))
        item = Item(id=f"abroad/{number}", title=row["title"], summary=row["summary"])
        if marked := mark_where_named(item, row["unit"], row["language"]):
            told = {task: [row[task]] for task in allowed if row[task]}
            yield Added(group=item.title, marked=marked, published_on=None, told=told)
