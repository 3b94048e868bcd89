"""What a query means, as a tree of frozen nodes that know no index. Each index translates the nodes it is given."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from pipeline.records import Mark, Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """Every document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Tokens (`pipeline.index.tokens`) that follow each other; a single one is a word."""

    tokens: tuple[str, ...]
    exact: bool
    """True: compare the exact forms; False: the plain ones."""
    in_title: bool = False
    """Only in the title; else in title, lead or text."""


def neighbours(sought: Sequence[Words]) -> list[Words]:
    """Return each two words that were typed side by side as one sequence.

    Who types “cao bang” means the name, and not a high price beside a drawing board. A word without accents is its own
    exact form, so that “cao bằng” is looked for as it is written.
    """
    return [Words(tokens=a.tokens + b.tokens, exact=a.exact or b.exact) for a, b in pairwise(sought)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneIs:
    """About a unit, in this tone toward it."""

    tone: Tone
    units: frozenset[str] = frozenset()
    """Historic units the tone must be toward; empty: any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesUnit:
    """About or mentioning one of these historic units."""

    units: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HasTopic:
    """Has the topic or one of its subtopics."""

    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FromOutlet:
    """Published by the outlet with this id or name; compared by `outlet_key`."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HasMark:
    """Bears the mark."""

    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSince:
    """On this local day or later."""

    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedUntil:
    """On this local day or earlier."""

    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The node does not hold."""

    node: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Every one of the nodes holds."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """At least one of the nodes holds."""

    nodes: tuple["Node", ...]


Leaf = Everything | Words | ToneIs | NamesUnit | HasTopic | FromOutlet | HasMark | PublishedSince | PublishedUntil
Node = Leaf | Not | AllOf | AnyOf


def all_of(nodes: Iterable[Node]) -> Node:
    """Join conditions. A tone beside a unit is the tone toward that unit, not toward just any."""
    flat = [part for node in nodes for part in (node.nodes if isinstance(node, AllOf) else (node,))]
    rest: list[Node] = [node for node in flat if not isinstance(node, Everything)]
    if units := named_units(AllOf(nodes=tuple(rest))):
        rest = [_toward(node, units) for node in rest]
    if not rest:
        return Everything()
    return rest[0] if len(rest) == 1 else AllOf(nodes=tuple(rest))


def any_of(nodes: Iterable[Node]) -> Node:
    """Join alternatives; there must be at least one."""
    flat = [part for node in nodes for part in (node.nodes if isinstance(node, AnyOf) else (node,))]
    return flat[0] if len(flat) == 1 else AnyOf(nodes=tuple(flat))


def negated(node: Node) -> Node:
    return node.node if isinstance(node, Not) else Not(node=node)


def in_title(node: Node) -> Node:
    """Let every word of the node be looked for in the title only."""
    match node:
        case Words():
            return replace(node, in_title=True)
        case Not():
            return Not(node=in_title(node.node))
        case AllOf() | AnyOf():
            return replace(node, nodes=tuple(in_title(part) for part in node.nodes))
        case _:
            return node


def sought_words(node: Node) -> tuple[Words, ...]:
    """Return the words whose presence makes a document match: what is ranked by, and highlighted."""
    match node:
        case Words():
            return (node,)
        case AllOf() | AnyOf():
            return tuple(words for part in node.nodes for words in sought_words(part))
        case _:
            return ()


def named_units(node: Node) -> frozenset[str]:
    """Return the units that every document found must name; empty when the query asks for none."""
    parts = node.nodes if isinstance(node, AllOf) else (node,)
    return frozenset[str]().union(*(part.units for part in parts if isinstance(part, NamesUnit)))


def _toward(node: Node, units: frozenset[str]) -> Node:
    match node:
        case ToneIs(units=bound) if not bound:
            return replace(node, units=units)
        case Not():
            return Not(node=_toward(node.node, units))
        case AllOf() | AnyOf():
            return replace(node, nodes=tuple(_toward(part, units) for part in node.nodes))
        case _:
            return node
