"""What an editor asked of an edition, and its stories changed so: pure. Whatever is left out stays counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from config.errors import DraftError
from pipeline.digest.ranking import PRECEDENCE, PROMINENT_CAP, fitting_sections, lead_in
from pipeline.digest.stories import ToldStory
from pipeline.digest.summary import outlet_name, printed_title
from pipeline.records import EditionKind, EditorsPart, LeftOut, SectionId

Owned = Mapping[SectionId, Sequence[ToldStory]]
Homes = dict[str, tuple[SectionId, ToldStory]]
"""A story's key to the section that owns it without an editor, and the story."""
Placed = dict[str, tuple[SectionId, "ItemEdit"]]
"""A story's key to the section in which a draft lists it, and the entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemTexts:
    """Texts that replace what was found."""

    title: str = ""
    """Empty: as found."""
    summary: str | None = None
    """None: as found; empty: none is printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemEdit:
    """One entry of a draft."""

    id: str
    """Of a story, or of any document that tells it."""
    line: int
    texts: ItemTexts = ItemTexts()
    drop: bool = False
    why: str = ""
    """Why it was left out, in the editor's words."""

    @property
    def changes(self) -> bool:
        """True when it does more than give a place in the order."""
        return self.drop or self.texts != ItemTexts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """A draft as an editor left it."""

    place: str
    """Where it is, as errors name it."""
    edited_at: datetime
    by: str = ""
    outlook: tuple[str, ...] = ()
    proposals: tuple[str, ...] = ()
    sections: Mapping[SectionId, tuple[ItemEdit, ...]] = field(default_factory=dict)
    """Only those that the draft lists, in its order."""

    drafted: Mapping[SectionId, tuple[str, ...]] = field(default_factory=dict)
    """The ids as the draft first listed them: what stands as it did then is no wish of the editor's."""

    @property
    def says_something(self) -> bool:
        """True when it was more than opened."""
        entries = (entry for listed in self.sections.values() for entry in listed)
        written = bool(self.outlook or self.proposals) or any(entry.changes for entry in entries)
        return written or any(map(self.arranges, self.sections))

    def moves(self, section: SectionId, entry: ItemEdit) -> bool:
        """Tell whether the editor brought an entry to the section in which it is listed."""
        return entry.id not in self.drafted.get(section, ())

    def arranges(self, section: SectionId) -> bool:
        """Tell whether the editor brought something to a section, or changed its order."""
        drafted = self.drafted.get(section, ())
        listed = [entry.id for entry in self.sections.get(section, ())]
        return listed != [one for one in drafted if one in listed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """An edition's stories after the editor."""

    owned: Owned
    texts: Mapping[str, ItemTexts]
    """By the key of the story."""
    part: EditorsPart | None
    """None when nothing was written or changed."""


def edit(owned: Owned, edits: Edits | None, sensitive: frozenset[str], kind: EditionKind = "daily") -> Edited:
    """Return the stories as the editor wants them.

    A section that the editor did not arrange keeps its ranks, so that what came after the draft stands where it should;
    in one that he did, what the draft does not list comes last. Raises DraftError for an entry that changes what the
    edition does not tell, for one that was moved where it does not belong, and for changes by nobody.
    """
    if edits is None:
        return Edited(owned=owned, texts={}, part=None)
    homes = {story.key: (section, story) for section, stories in owned.items() for story in stories}
    placed = _placed(homes, edits, sensitive, kind)
    dropped = {key for key, (_, entry) in placed.items() if entry.drop}
    arranged = {section: _arranged(section, owned[section], homes, placed, edits) for section in PRECEDENCE}
    _make_room(arranged, placed, sensitive, edits)
    kept = {section: [one for one in stories if one.key not in dropped] for section, stories in arranged.items()}
    texts = {key: entry.texts for key, (_, entry) in placed.items() if entry.texts != ItemTexts()}
    part = EditorsPart(
        by=edits.by,
        edited_at=edits.edited_at,
        outlook=edits.outlook,
        proposals=edits.proposals,
        left_out=tuple(
            _left_out(homes[key][1], section, entry, sensitive)
            for key, (section, entry) in placed.items()
            if entry.drop
        ),
        arranged=tuple(section for section in PRECEDENCE if list(arranged[section]) != list(owned[section])),
    )
    if not (part.outlook or part.proposals or part.left_out or part.arranged or texts):
        return Edited(owned=owned, texts={}, part=None)
    if not edits.by:
        raise DraftError("draft.nobody", place=edits.place)
    return Edited(owned=kept, texts=texts, part=part)


def _placed(homes: Homes, edits: Edits, sensitive: frozenset[str], kind: EditionKind) -> Placed:
    """Return what the draft lists, in its order, each where it was moved or else belongs. Raises DraftError."""
    by_id = {one: key for key, (_, story) in homes.items() for one in story.ids}
    placed: Placed = {}
    for section, entries in edits.sections.items():
        for entry in entries:
            where = {"place": edits.place, "line": entry.line, "id": entry.id}
            key = by_id.get(entry.id)
            if key is None:
                if entry.texts != ItemTexts():
                    raise DraftError("draft.unknown_item", **where)
                continue  # it was withdrawn since, or merged away; there is nothing to lose
            if key in placed:
                if entry.changes:
                    raise DraftError("draft.same_story", **where, other=placed[key][1].line)
                continue
            home, story = homes[key]
            if not edits.moves(section, entry):
                placed[key] = home, entry
                continue
            fitting = dict.fromkeys((home, "prominent", *fitting_sections(story, sensitive)))
            known = (home,) if kind == "foreign-weekly" else tuple(fitting)
            if section not in known:
                raise DraftError("draft.wrong_section", **where, section=section, known=", ".join(known))
            placed[key] = section, entry
    return placed


def _arranged(
    section: SectionId, owned: Sequence[ToldStory], homes: Homes, placed: Placed, edits: Edits
) -> list[ToldStory]:
    """Return a section's stories: as ranked where the editor left it so, else the draft's order before the rest."""
    ranked = [story for story in owned if story.key not in placed or placed[story.key][0] == section]
    if not edits.arranges(section):
        return ranked
    listed = [key for key, (place, _) in placed.items() if place == section]
    return [homes[key][1] for key in listed] + [story for story in ranked if story.key not in placed]


def _make_room(
    arranged: dict[SectionId, list[ToldStory]], placed: Placed, sensitive: frozenset[str], edits: Edits
) -> None:
    """Let those that the draft does not list leave the prominent ones for the section they fit next."""
    if not edits.arranges("prominent"):
        return
    wanted = [story for story in arranged["prominent"] if story.key in placed and not placed[story.key][1].drop]
    if len(wanted) > PROMINENT_CAP:
        line = placed[wanted[PROMINENT_CAP].key][1].line
        raise DraftError("draft.too_prominent", place=edits.place, line=line, most=PROMINENT_CAP)
    others = [story for story in arranged["prominent"] if story.key not in placed]
    for story in others[PROMINENT_CAP - len(wanted) :]:
        arranged["prominent"].remove(story)
        section = next(one for one in fitting_sections(story, sensitive) if one != "prominent")
        arranged[section].insert(0, story)


def _left_out(story: ToldStory, section: SectionId, entry: ItemEdit, sensitive: frozenset[str]) -> LeftOut:
    doc = lead_in(story, section, sensitive).doc
    return LeftOut(
        id=doc.id,
        title=printed_title(doc),
        outlet=outlet_name(doc),
        url=doc.article.url,
        section=section,
        reports=len(story.reports),
        why=entry.why,
    )
