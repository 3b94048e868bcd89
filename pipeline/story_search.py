"""Looking for the stories of stored documents, day by day, and letting people correct what was found.

What waits is a queue in the store, filled in the transaction that stores a document. Each day is settled and written in
one transaction, with the queue's rows that it answers: after a kill the search goes on at that day, and running again
changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from classifiers.stories import StoryScorer
from config.errors import UsageError
from config.localtime import local_day, local_hour
from pipeline.records import Story
from pipeline.store import Store
from pipeline.store.stories import StoryAssignment
from pipeline.stories.edits import StoryEdit, rests_on, ties_of
from pipeline.stories.finder import StoryFinder, window_of
from pipeline.stories.pairs import labelled_pairs

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySearch:
    """The search with its ports."""

    store: Store
    targets: Sequence[str]
    """Indexes that must learn what changed."""
    index_all: bool = False
    finder: StoryFinder = field(default_factory=lambda: StoryFinder(StoryScorer.load()))

    def run(self, on_progress: Callable[[int], None] = lambda _: None) -> int:
        """Settle every day for which a document waits, the earliest first; returns how many documents changed."""
        changed = days = 0
        ties = ties_of(self.store.story_edits())
        while (at := self.store.next_story_at()) is not None:
            day = local_day(at)
            since_at, until_at = local_hour(day), local_hour(day + timedelta(days=1))
            done = self.store.stories_waiting(since_at, until_at)
            first, last = window_of(day)
            told = self.store.told(local_hour(first), local_hour(last + timedelta(days=1)))
            free = [one for one in told if one.day == day]
            around = [one for one in told if one.day != day]
            elsewhere = self.store.story_names([one.id for one in free]) - {one.story for one in told}
            settled = self.finder.settle(free, around, ties=ties, taken=elsewhere.__contains__)
            changed += self.store.assign_stories(
                [
                    StoryAssignment(document_id=one.id, story=one.story or one.id, copy_of=one.copy_of)
                    for one in settled.told
                    if one.id in settled.changed
                ],
                targets=self.targets,
                merged=settled.merged,
                done=done,
                index_all=self.index_all,
            )
            days += 1
            on_progress(days)
        if days:
            log.info("stories_found", days=days, changed=changed)
        return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryDesk:
    """What people do to stories: merge, split, undo. Each is kept with who and when, and survives another search."""

    store: Store
    targets: Sequence[str]
    now: Callable[[], datetime]
    index_all: bool = False

    def merge(self, story: str, other: str, *, by: str, note: str = "") -> int:
        """Let one story take in another; returns the number of the edit. Raises UsageError."""
        kept, moved = self._story(story), self._story(other)
        if kept.id == moved.id:
            raise UsageError("stories.same", story=kept.id)
        return self._apply("merge", kept.id, moved.id, self._documents(kept), self._documents(moved), by, note)

    def split(self, story: str, documents: Sequence[str], *, by: str, note: str = "") -> int:
        """Let some documents of a story tell one of their own; returns the number of the edit. Raises UsageError."""
        whole = self._story(story)
        members, moved = self._documents(whole), frozenset(documents)
        if strangers := sorted(moved - members):
            raise UsageError("stories.not_in_story", documents=", ".join(strangers), story=whole.id)
        if moved == members or not moved:
            raise UsageError("stories.nothing_left", story=whole.id)
        taken = self.store.story_names(moved)
        free = [document for document in documents if document not in taken]
        name = free[0] if free else f"{documents[0]}-{int(self.now().timestamp())}"
        return self._apply("split", whole.id, name, members - moved, moved, by, note)

    def undo(self, number: int, *, by: str) -> StoryEdit:
        """Undo an edit; returns it.

        Raises UsageError when there is none, it was undone before, or a later one is about the same articles.
        """
        edit = next(iter(self.store.story_edits(number)), None)
        if edit is None:
            raise UsageError("stories.no_edit", number=number)
        if edit.undone_at is not None:
            raise UsageError("stories.undone", number=number, by=edit.undone_by)
        if later := [one.id for one in self.store.story_edits() if rests_on(one, edit)]:
            raise UsageError("stories.later_edits", number=number, later=", ".join(map(str, sorted(later))))
        self.store.undo_story_edit(edit, by=by, at=self.now(), targets=self.targets, index_all=self.index_all)
        return edit

    def pairs(self) -> Iterator[dict[str, Any]]:
        """Yield what merges and splits in force say as labelled pairs (`pipeline.stories.pairs`)."""
        edits = self.store.story_edits()
        ids = sorted({document_id for edit in edits for document_id in edit.kept | edit.moved})
        yield from labelled_pairs(edits, {doc.id: doc for doc in self.store.documents_by_id(ids)})

    def _story(self, story: str) -> Story:
        found = self.store.stories([story])
        if not found:
            raise UsageError("stories.unknown", story=story)
        return found[0]

    def _documents(self, story: Story) -> frozenset[str]:
        return frozenset(doc.id for doc in self.store.documents_of_stories([story.id]))

    def _apply(
        self, kind: str, story: str, other: str, kept: frozenset[str], moved: frozenset[str], by: str, note: str
    ) -> int:
        edit = StoryEdit(
            id=0,
            kind="merge" if kind == "merge" else "split",
            story=story,
            other=other,
            kept=kept,
            moved=moved,
            by=by,
            note=note,
            at=self.now(),
        )
        return self.store.apply_story_edit(edit, targets=self.targets, index_all=self.index_all)
