"""The batch command `stories`: items in, the story and the original of each out, in the same order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date

from pipeline.dedupe.shingles import Candidate
from pipeline.records import Item
from pipeline.stories.finder import QUIET_DAYS, Settled, StoryFinder, Told

Outlet = tuple[str, int]
"""Id and tier."""


def find_stories(
    items: Iterable[Item],
    finder: StoryFinder,
    outlet_of: Callable[[Item], Outlet],
    on_progress: Callable[[int], None] = lambda _: None,
) -> list[dict[str, str | None]]:
    """Return ``id``, ``story_id`` and ``copy_of`` (id of the original, or None) of each item, in their order.

    A story is called after its first item. Items without a date are compared among themselves.
    """
    keys: list[str] = []
    ids: dict[str, str] = {}
    days: dict[date | None, list[Told]] = {}
    for number, item in enumerate(items):
        key = f"{item.id} {number}"  # an id may occur twice
        told = Told(article=_candidate(key, item, outlet_of(item)))
        days.setdefault(told.day, []).append(told)
        keys.append(key)
        ids[key] = item.id
    found: dict[str, tuple[str, str | None]] = {}
    taken_in: dict[str, str] = {}
    for settled in _settle_all(days, finder):
        found |= {one.id: (one.story or one.id, one.copy_of) for one in settled.told}
        taken_in |= settled.merged
        on_progress(len(found))
    rows = []
    for key in keys:
        story, original = found[key]
        story = _last(taken_in, story)
        rows.append(
            {"id": ids[key], "story_id": ids.get(story, story), "copy_of": None if original is None else ids[original]}
        )
    return rows


def _settle_all(days: dict[date | None, list[Told]], finder: StoryFinder) -> Iterator[Settled]:
    """Yield what becomes of each day."""
    undated = days.pop(None, [])
    window: Sequence[Told] = ()
    for day in sorted(each for each in days if each is not None):
        around = [one for one in window if one.day is not None and (day - one.day).days <= QUIET_DAYS]
        settled = finder.settle(days.pop(day), around)
        window = settled.told
        yield settled
    yield finder.settle(undated, ())


def _last(taken_in: dict[str, str], story: str) -> str:
    while story in taken_in:
        story = taken_in[story]
    return story


def _candidate(key: str, item: Item, outlet: Outlet) -> Candidate:
    return Candidate(
        id=key,
        title=item.title,
        lead=item.summary,
        text=item.text,
        published_at=item.published_at,
        outlet=outlet[0],
        tier=outlet[1],
    )
