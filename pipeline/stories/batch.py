"""The batch command `stories`: items in, the story and the original of each out, in the same order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from urllib.parse import urlsplit

from pipeline.dedupe.shingles import Candidate
from pipeline.records import Item, Source
from pipeline.stories.finder import QUIET_DAYS, Settled, StoryFinder
from pipeline.stories.told import Told

Outlet = tuple[str, int]
"""Id and tier."""
UNKNOWN_TIER = 3


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


def outlets_by(find: Callable[..., Source | None]) -> Callable[[Item], Outlet]:
    """Return what tells the outlet of an item; ``find`` looks for ``url`` and ``name`` in the catalogue."""

    def outlet_of(item: Item) -> Outlet:
        source = find(url=item.url, name=item.outlet)
        if source is not None:
            return source.id, source.tier
        return item.outlet.casefold() or (urlsplit(item.url).hostname or ""), UNKNOWN_TIER

    return outlet_of


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
