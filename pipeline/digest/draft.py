"""Read an editor's draft: YAML that a person wrote, so every mistake is told with its line and key. Pure."""

from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from typing import NoReturn, get_args

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.errors import DraftError
from pipeline.digest.editing import Edits, ItemEdit, ItemTexts
from pipeline.digest.ranking import PRECEDENCE
from pipeline.digest.summary import SUMMARY_CHARS, TITLE_CHARS, clean_line
from pipeline.records import SectionId

OUTLOOK_CHARS = 3_000
PROPOSALS = 10
PROPOSAL_CHARS = 300
"""What an office writes under a digest is a page at most; with these a mail keeps below its limit of size."""
NAME_CHARS = 120
WHY_CHARS = 200

KEYS = ("edition", "by", "outlook", "proposals", "sections", "drafted")
ITEM_KEYS = ("id", "title", "summary", "drop", "why")
SECTIONS: tuple[str, ...] = get_args(SectionId)
YES_NO = {"true": True, "yes": True, "có": True, "false": False, "no": False, "không": False, "": False}


def parse_draft(text: str, *, place: str, edition: str, edited_at: datetime) -> Edits:
    """Return what the draft asks for.

    ``place`` names the file in errors; ``edition`` is what its key of that name must say, so that the outlook of
    yesterday is not printed today. Raises DraftError.
    """
    reader = _Reader(place)
    root = reader.root(text)
    if root is None:
        return Edits(place=place, edited_at=edited_at)
    fields = reader.mapping(root, "", KEYS)
    if "edition" not in fields or reader.line(fields["edition"], "edition", NAME_CHARS) != edition:
        where = fields.get("edition", root)
        reader.fail(where, "draft.other_edition", edition=edition)
    return Edits(
        place=place,
        edited_at=edited_at,
        by=reader.line(fields["by"], "by", NAME_CHARS) if "by" in fields else "",
        outlook=reader.paragraphs(fields["outlook"]) if "outlook" in fields else (),
        proposals=tuple(reader.proposals(fields["proposals"])) if "proposals" in fields else (),
        sections=dict(reader.sections(fields["sections"])) if "sections" in fields else {},
        drafted=dict(reader.drafted(fields["drafted"])) if "drafted" in fields else {},
    )


class _Reader:
    """Walks the nodes of one file, which know their lines."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.seen: dict[str, int] = {}
        """Ids that entries have named so far, and on which line."""

    def fail(self, node: Node, code: str, **fields: object) -> NoReturn:
        raise DraftError(code, place=self.place, line=node.start_mark.line + 1, **fields)

    def root(self, text: str) -> Node | None:
        try:
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as exc:
            mark = getattr(exc, "problem_mark", None)
            line = mark.line + 1 if mark else "?"
            raise DraftError("draft.not_yaml", place=self.place, line=line) from exc

    def mapping(self, node: Node, key: str, known: tuple[str, ...]) -> dict[str, Node]:
        if self.is_blank(node):
            return {}
        if not isinstance(node, MappingNode):
            self.fail(node, "draft.not_a_mapping", key=key or "?")
        found: dict[str, Node] = {}
        for name_node, value in node.value:
            name = name_node.value if isinstance(name_node, ScalarNode) else "?"
            if name not in known:
                near = get_close_matches(name, known, n=1) or known
                self.fail(name_node, "draft.unknown_key", key=name, known=", ".join(near))
            if name in found:
                self.fail(name_node, "draft.key_twice", key=name)
            found[name] = value
        return found

    def is_blank(self, node: Node) -> bool:
        """Tell whether nothing follows a key: all that did is commented out."""
        return isinstance(node, ScalarNode) and not str(node.value).strip()

    def text(self, node: Node, key: str) -> str:
        if not isinstance(node, ScalarNode):
            self.fail(node, "draft.not_text", key=key)
        return "" if node.tag == "tag:yaml.org,2002:null" else str(node.value)

    def line(self, node: Node, key: str, limit: int) -> str:
        text = clean_line(self.text(node, key))
        if len(text) > limit:
            self.fail(node, "draft.too_long", key=key, chars=len(text), most=limit)
        return text

    def items(self, node: Node, key: str) -> list[Node]:
        if self.is_blank(node):
            return []
        if not isinstance(node, SequenceNode):
            self.fail(node, "draft.not_a_list", key=key)
        return list(node.value)

    def paragraphs(self, node: Node) -> tuple[str, ...]:
        found = tuple(line for part in self.text(node, "outlook").splitlines() if (line := clean_line(part)))
        chars = sum(map(len, found))
        if chars > OUTLOOK_CHARS:
            self.fail(node, "draft.too_long", key="outlook", chars=chars, most=OUTLOOK_CHARS)
        return found

    def proposals(self, node: Node) -> Iterator[str]:
        listed = self.items(node, "proposals")
        if len(listed) > PROPOSALS:
            self.fail(listed[PROPOSALS], "draft.too_many", key="proposals", most=PROPOSALS)
        for one in listed:
            if text := self.line(one, "proposals", PROPOSAL_CHARS):
                yield text

    def sections(self, node: Node) -> Iterator[tuple[SectionId, tuple[ItemEdit, ...]]]:
        fields = self.mapping(node, "sections", SECTIONS)
        for section in PRECEDENCE:
            if section in fields:
                yield section, tuple(map(self.item, self.items(fields[section], section)))

    def drafted(self, node: Node) -> Iterator[tuple[SectionId, tuple[str, ...]]]:
        fields = self.mapping(node, "drafted", SECTIONS)
        for section in PRECEDENCE:
            if section in fields:
                listed = self.items(fields[section], section)
                yield section, tuple(self.line(one, section, NAME_CHARS) for one in listed)

    def item(self, node: Node) -> ItemEdit:
        fields = self.mapping(node, "id", ITEM_KEYS)
        item_id = self.line(fields["id"], "id", NAME_CHARS) if "id" in fields else ""
        if not item_id:
            self.fail(node, "draft.no_id")
        line = node.start_mark.line + 1
        if item_id in self.seen:
            self.fail(node, "draft.same_story", id=item_id, other=self.seen[item_id])
        self.seen[item_id] = line
        drop = self.text(fields["drop"], "drop").strip().casefold() if "drop" in fields else ""
        if drop not in YES_NO:
            self.fail(fields["drop"], "draft.not_yes_no", value=drop)
        title = self.line(fields["title"], "title", TITLE_CHARS) if "title" in fields else ""
        summary = self.line(fields["summary"], "summary", SUMMARY_CHARS) if "summary" in fields else None
        why = self.line(fields["why"], "why", WHY_CHARS) if "why" in fields else ""
        return ItemEdit(
            id=item_id, line=line, texts=ItemTexts(title=title, summary=summary), drop=YES_NO[drop], why=why
        )
