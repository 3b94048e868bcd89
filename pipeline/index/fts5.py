"""Query nodes to SQL over the tables of ``embedded.sql``.

Everything that comes from a query travels as a bound parameter. What reaches FTS5's own language are tokens, which hold
no ASCII character but letters and digits (`pipeline.index.tokens`), each sequence between quotation marks.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipeline.index.nodes import (
    AllOf,
    AnyOf,
    Everything,
    FromOutlet,
    HasMark,
    HasTopic,
    NamesUnit,
    Node,
    Not,
    PublishedSince,
    PublishedUntil,
    ToneIs,
    Words,
    neighbours,
)

COLUMN_WEIGHTS = (8.0, 3.0, 1.0, 8.0, 3.0, 1.0)
"""Of title, lead and text, exact and plain: a word in a headline says what the article is about."""

NEIGHBOUR_BOOST = 10.0
"""Factor for a document in which words of the query stand side by side: more than a headline outweighs a text."""


class Condition(NamedTuple):
    """An SQL condition on ``doc`` and its parameters, in order."""

    sql: str
    parameters: tuple[object, ...] = ()


def to_sql(node: Node) -> Condition:  # noqa: C901, PLR0911 - one case a node, checked to be complete
    """Return the condition that holds for the documents a node means."""
    match node:
        case Everything():
            return Condition("1")
        case Words():
            return Condition("doc.rowid IN (SELECT rowid FROM words WHERE words MATCH ?)", (to_match(node),))
        case ToneIs(tone=tone, units=units):
            return _in_units("tone = ?", (tone,), units)
        case NamesUnit(units=units):
            return _in_units("1", (), units)
        case HasTopic(topic=topic):
            return Condition("doc.rowid IN (SELECT doc FROM doc_topic WHERE topic = ?)", (topic,))
        case FromOutlet(key=key):
            return Condition("? IN (doc.outlet_id_key, doc.outlet_name_key)", (key,))
        case HasMark(mark=mark):
            return Condition("doc.rowid IN (SELECT doc FROM doc_mark WHERE mark = ?)", (mark,))
        case PublishedSince(day=day):
            return Condition("doc.day >= ?", (day.isoformat(),))
        case PublishedUntil(day=day):
            return Condition("doc.day <= ?", (day.isoformat(),))
        case Not(node=inner):
            sql, parameters = to_sql(inner)
            return Condition(f"NOT ({sql})", parameters)
        case AllOf(nodes=nodes):
            return _joined(" AND ", nodes)
        case AnyOf(nodes=nodes):
            return _joined(" OR ", nodes)


def to_match(words: Words) -> str:
    """Return the FTS5 expression of one sequence of tokens."""
    suffix = "" if words.exact else "_plain"
    columns = ("title",) if words.in_title else ("title", "lead", "text")
    return "{" + " ".join(column + suffix for column in columns) + '} : "' + " ".join(words.tokens) + '"'


def to_ranking(sought: Sequence[Words]) -> str:
    """Return the FTS5 expression whose bm25 ranks the documents found; there must be words."""
    return " OR ".join(dict.fromkeys(map(to_match, sought)))


def to_neighbours(sought: Sequence[Words]) -> str | None:
    """Return the FTS5 expression of words that were typed and stand side by side; None for a single word."""
    return " OR ".join(dict.fromkeys(map(to_match, neighbours(sought)))) or None


def _in_units(condition: str, parameters: tuple[object, ...], units: frozenset[str]) -> Condition:
    if units:
        condition += f" AND unit IN ({', '.join('?' * len(units))})"
    sql = f"doc.rowid IN (SELECT doc FROM doc_unit WHERE {condition})"  # noqa: S608 - only question marks vary
    return Condition(sql, (*parameters, *sorted(units)))


def _joined(operator: str, nodes: Iterable[Node]) -> Condition:
    parts = [to_sql(node) for node in nodes]
    parameters = tuple(value for part in parts for value in part.parameters)
    return Condition("(" + operator.join(part.sql for part in parts) + ")", parameters)
