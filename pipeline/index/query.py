"""The query language: text to nodes, parsed once, the same for every index.

    cao bằng lũ -"lũ lụt" (sạt OR trượt) tựa:cầu báo:vnexpress tone:negative chủđề:economy tỉnh:cao-bang từ:1/3/2026

A word with a diacritic means just this word; a word without any also means its accented forms. A quoted phrase is
taken to the letter as a whole as soon as one of its words bears a diacritic.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args

from config.errors import ConfigError, QuerySyntaxError
from config.units import find_unit, members, slugify
from pipeline.index.nodes import (
    Everything,
    FromOutlet,
    HasMark,
    HasTopic,
    NamesUnit,
    Node,
    PublishedSince,
    PublishedUntil,
    ToneIs,
    Words,
    all_of,
    any_of,
    in_title,
    negated,
)
from pipeline.index.protocol import Filters
from pipeline.index.tokens import normalise, tokens
from pipeline.index.topic_names import find_topic, near_topics
from pipeline.records import Tone

GRAMMAR = Path(__file__).with_name("query.lark")
MAX_LENGTH = 1000
"""Characters of one query; nobody types more, and everything that follows stays small."""
MAX_DEPTH = 10
"""Parentheses inside parentheses; each may be two levels of conditions, and Elasticsearch takes 30 in all."""

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))


def parse_query(query: str) -> Node:
    """Return the nodes of a query; an empty one is `Everything`.

    Raises QuerySyntaxError whose ``position`` is the offset in its ``query`` (the query in Unicode NFC) of the first
    thing that was not understood.
    """
    text = normalise(query).translate(_QUOTES)
    if not text.strip():
        return Everything()
    try:
        _check_size(text)
        node: Node | None = _parser().parse(text)  # type: ignore[assignment]  # the rules build nodes, not a tree
    except _NotUnderstood as problem:
        raise _error(problem.code, text, problem.position, **problem.fields) from problem.__cause__
    except UnexpectedCharacters as exc:
        position = exc.pos_in_stream or 0
        code = "query.open_quote" if text[position] == '"' else "query.unexpected"
        raise _error(code, text, position) from exc
    except UnexpectedToken as exc:
        if exc.token.type == "$END":
            raise _error("query.unfinished", text, len(text)) from exc
        raise _error("query.unexpected", text, exc.token.start_pos or 0) from exc
    if node is None:
        raise _error("query.no_words", text, 0)
    return node


def with_filters(node: Node, filters: Filters) -> Node:
    """Return the node that holds where both the query and every filter hold; a dropped document must be asked for."""
    conditions: list[Node] = [node]
    if "dropped" not in filters.marks:
        conditions.append(negated(HasMark(mark="dropped")))
    if filters.since:
        conditions.append(PublishedSince(day=filters.since))
    if filters.until:
        conditions.append(PublishedUntil(day=filters.until))
    if filters.units:
        conditions.append(NamesUnit(units=frozenset[str]().union(*map(members, filters.units))))
    for alternatives in (
        [ToneIs(tone=tone) for tone in filters.tones],
        [HasTopic(topic=topic) for topic in filters.topics],
        [FromOutlet(key=outlet_key(outlet)) for outlet in filters.outlets],
        [HasMark(mark=mark) for mark in filters.marks],
    ):
        if alternatives:
            conditions.append(any_of(alternatives))
    return all_of(conditions)


@lru_cache(maxsize=4_096)
def outlet_key(name: str) -> str:
    """Return what ids and names of outlets are compared by: ``Tuổi Trẻ``, ``tuoi-tre`` and ``tuoitre`` are one."""
    return slugify(name).replace("-", "")


class _NotUnderstood(Exception):  # noqa: N818
    """What a rule of the grammar stumbled over."""

    def __init__(self, code: str, position: int, **fields: object) -> None:
        super().__init__(code)
        self.code = code
        self.position = position
        self.fields = fields


def _error(code: str, query: str, position: int, **fields: object) -> QuerySyntaxError:
    near = query[position : position + 20]
    return QuerySyntaxError(code, query=query, position=position, column=position + 1, near=near, **fields)


def _check_size(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise _NotUnderstood("query.too_long", MAX_LENGTH, limit=MAX_LENGTH)
    depth, quoted = 0, False
    for position, char in enumerate(text):
        quoted ^= char == '"'
        depth += 0 if quoted else (char == "(") - (char == ")")
        if depth > MAX_DEPTH:
            raise _NotUnderstood("query.too_deep", position, limit=MAX_DEPTH)


# ---- field values ---------------------------------------------------------------------------------------------------

_TONE_NAMES: dict[str, Tone] = {
    "negative": "negative",
    "tieu-cuc": "negative",
    "neutral": "neutral",
    "trung-tinh": "neutral",
    "trung-lap": "neutral",
    "positive": "positive",
    "tich-cuc": "positive",
}
_DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")


def _words(text: str, *, title_only: bool = False) -> Words | None:
    """Return the tokens of a word or phrase; None when it holds nothing but signs."""
    found = list(tokens(text))
    if not found:
        return None
    exact = any(token.accented for token in found)
    forms = tuple(token.exact if exact else token.plain for token in found)
    return Words(tokens=forms, exact=exact, in_title=title_only)


def _title(value: str) -> Node | None:
    return _words(value, title_only=True)


def _outlet(value: str) -> Node | None:
    key = outlet_key(value)
    return FromOutlet(key=key) if key else None


def find_tone(text: str) -> Tone | None:
    """Return the tone that a person named in Vietnamese or English; None when it is none."""
    return _TONE_NAMES.get(slugify(text))


def _tone(value: str) -> Node:
    tone = find_tone(value)
    if tone is None:
        raise _NotUnderstood("query.bad_tone", 0, value=value)
    return ToneIs(tone=tone)


def _topic(value: str) -> Node:
    topic = find_topic(value)
    if topic is None:
        raise _NotUnderstood("query.bad_topic", 0, value=value, meant=", ".join(near_topics(value)))
    return HasTopic(topic=topic)


def _unit(value: str) -> Node:
    try:
        return NamesUnit(units=members(find_unit(value)))
    except ConfigError as exc:
        raise _NotUnderstood("query.bad_unit", 0, value=value, detail=exc) from exc


def _day(value: str) -> date:
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(value, form).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    raise _NotUnderstood("query.bad_date", 0, value=value)


FIELDS: dict[str, Callable[[str], Node | None]] = {
    "title": _title,
    "tua": _title,
    "outlet": _outlet,
    "bao": _outlet,
    "tone": _tone,
    "topic": _topic,
    "chude": _topic,
    "unit": _unit,
    "tinh": _unit,
    "since": lambda value: PublishedSince(day=_day(value)),
    "tu": lambda value: PublishedSince(day=_day(value)),
    "until": lambda value: PublishedUntil(day=_day(value)),
    "den": lambda value: PublishedUntil(day=_day(value)),
}
"""Field names without diacritics; with any (``tựa:``, ``chủđề:``) they are the same fields."""
FIELDS_SHOWN = "tựa:, báo:, tone:, chủđề:, tỉnh:, từ:, đến:"


# ---- grammar --------------------------------------------------------------------------------------------------------


@v_args(inline=True)
class _Rules(Transformer[Token, "Node | None"]):
    """One method a rule of ``query.lark``; None stands for words that hold nothing to look for."""

    def start(self, node: Node | None = None) -> Node | None:
        return node

    def any(self, *parts: "Node | Token | None") -> Node | None:
        nodes = _nodes(parts)
        return any_of(nodes) if nodes else None

    def all(self, *parts: "Node | Token | None") -> Node | None:
        nodes = _nodes(parts)
        return all_of(nodes) if nodes else None

    def negated(self, _operator: Token, node: Node | None) -> Node | None:
        return None if node is None else negated(node)

    def word(self, word: Token) -> Node | None:
        if word.endswith(":") and _field_name(word) in FIELDS:  # "tone: negative", where "tone:negative" is meant
            raise _NotUnderstood("query.no_value", word.end_pos or 0, field=str(word))
        return _words(str(word))

    def phrase(self, quoted: Token) -> Node | None:
        return _words(quoted[1:-1])

    def group(self, _open: Token, node: Node | None) -> Node | None:
        return node

    def field(self, field: Token, value: Token) -> Node:
        read = _reader(field)
        try:
            node = read(value.strip('"').strip())
        except _NotUnderstood as problem:
            raise _NotUnderstood(problem.code, value.start_pos or 0, **problem.fields) from problem.__cause__
        if node is None:
            raise _NotUnderstood("query.no_value", value.start_pos or 0, field=str(field))
        return node

    def field_group(self, field: Token, opening: Token, node: Node | None) -> Node:
        if _reader(field) is not _title:
            raise _NotUnderstood("query.no_group", opening.start_pos or 0, field=str(field))
        if node is None:
            raise _NotUnderstood("query.no_value", opening.start_pos or 0, field=str(field))
        return in_title(node)


def _nodes(parts: Iterable["Node | Token | None"]) -> list[Node]:
    return [part for part in parts if part is not None and not isinstance(part, Token)]


def _field_name(field: Token) -> str:
    return slugify(field[:-1]).replace("-", "")


def _reader(field: Token) -> Callable[[str], Node | None]:
    name = _field_name(field)
    if name not in FIELDS:
        raise _NotUnderstood("query.unknown_field", field.start_pos or 0, field=str(field), known=FIELDS_SHOWN)
    return FIELDS[name]


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = GRAMMAR.read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="basic", transformer=_Rules(), maybe_placeholders=False)
