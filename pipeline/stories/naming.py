"""Which id a story has: the one it had, as long as it is the same story."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence


def name_stories(
    groups: Sequence[Sequence[str]],
    before: Mapping[str, str],
    *,
    taken: Callable[[str], bool] = lambda _: False,
) -> list[str]:
    """Return an id for each group of documents, which come in order of precedence.

    ``before`` tells the stories that documents told so far. Of the groups that hold documents of one story, that with
    most of them keeps its id; on a tie, that in which the document that the story is called after comes earlier.
    A group that keeps none is called after its first document whose id names no other story; ``taken`` tells of stories
    that are not among these.
    """
    claims: list[tuple[int, int, int, str]] = []
    for at, group in enumerate(groups):
        held = Counter(before[document] for document in group if document in before)
        claims += ((-count, _place(story, group), at, story) for story, count in held.items())
    names: dict[int, str] = {}
    used: set[str] = set()
    for _, _, at, story in sorted(claims):
        if at not in names and story not in used:
            names[at] = story
            used.add(story)
    used |= set(before.values())
    for at, group in enumerate(groups):
        if at not in names:
            names[at] = _new_name(group, lambda story: story in used or taken(story))
            used.add(names[at])
    return [names[at] for at in range(len(groups))]


def _place(story: str, group: Sequence[str]) -> int:
    return group.index(story) if story in group else len(group)


def _new_name(group: Sequence[str], is_taken: Callable[[str], bool]) -> str:
    number = 1
    while True:
        for document in group:
            name = document if number == 1 else f"{document}-{number}"
            if not is_taken(name):
                return name
        number += 1
