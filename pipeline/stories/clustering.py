"""Joining articles into stories by the scores of their pairs.

Agglomerative: the two groups with the surest link are joined first, until no link is above 0. A link is the mean of
the three best scores between two groups, so that one article alike by chance does not pull two stories together, and a
follow-up need not resemble the first report. The result depends on the scores alone, not on the order of the pairs.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WITNESSES = 3
"""Scores that a link is the mean of; all there can be, where two groups have fewer pairs."""
UNLIKE = -3.0
"""Score of a pair that was not compared (log-odds); lower ones say no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """What is settled before scores are looked at; articles by their position."""

    together: Sequence[Sequence[int]] = ()
    apart: Sequence[tuple[Sequence[int], Sequence[int]]] = ()
    """Articles of the first group never share a story with articles of the second."""


def cluster(
    count: int, scores: Mapping[tuple[int, int], float], constraints: Constraints | None = None
) -> list[list[int]]:
    """Return the groups of the articles 0 … count-1, each in ascending order, by their first article.

    ``scores`` holds log-odds of pairs (smaller position first), above 0 where two articles should be joined.
    """
    groups = _Groups(count, constraints or Constraints())
    for (left, right), score in scores.items():
        groups.link(left, right, score)
    groups.join_all()
    return sorted(sorted(members) for members in groups.members.values())


class _Groups:
    """The groups at some moment; a group goes by its first article."""

    def __init__(self, count: int, constraints: Constraints) -> None:
        self._home = list(range(count))
        """Article to its group."""
        self.members: dict[int, list[int]] = {at: [at] for at in range(count)}
        self._links: dict[int, dict[int, list[float]]] = {at: {} for at in range(count)}
        """Group to group to the best scores between them, best first."""
        self._strangers: dict[int, set[int]] = {at: set() for at in range(count)}
        self._heap: list[tuple[float, int, int]] = []
        for firsts, seconds in constraints.apart:
            for one in firsts:
                for other in seconds:
                    self._strangers[one].add(other)
                    self._strangers[other].add(one)
        for together in constraints.together:
            for other in together[1:]:
                self._join(self._home[together[0]], self._home[other])

    def link(self, left: int, right: int, score: float) -> None:
        """Note the score of two articles."""
        one, other = self._home[left], self._home[right]
        if one != other:
            best = sorted((*self._links[one].get(other, ()), score), reverse=True)[:WITNESSES]
            self._links[one][other] = self._links[other][one] = best

    def join_all(self) -> None:
        """Join the surest pair of groups until none is left that should be joined."""
        for one, links in self._links.items():
            self._offer(one, (other for other in links if one < other))
        while self._heap:
            negative, one, other = heapq.heappop(self._heap)
            current = one in self.members and other in self.members and self._strength(one, other) == -negative
            if current and other not in self._strangers[one]:
                self._join(one, other)

    def _join(self, one: int, other: int) -> None:
        if one == other:
            return
        kept, gone = min(one, other), max(one, other)
        for at in self.members[gone]:
            self._home[at] = kept
        self.members[kept] += self.members.pop(gone)
        for stranger in self._strangers.pop(gone):
            self._strangers[stranger].discard(gone)
            self._strangers[stranger].add(kept)
            self._strangers[kept].add(stranger)
        links = self._links[kept]
        links.pop(gone, None)
        for neighbour, scores in self._links.pop(gone).items():
            if neighbour == kept:
                continue
            best = sorted((*links.get(neighbour, ()), *scores), reverse=True)[:WITNESSES]
            del self._links[neighbour][gone]
            links[neighbour] = self._links[neighbour][kept] = best
        self._offer(kept, links)

    def _offer(self, one: int, others: Iterable[int]) -> None:
        for other in others:
            if (strength := self._strength(one, other)) > 0:
                heapq.heappush(self._heap, (-strength, min(one, other), max(one, other)))

    def _strength(self, one: int, other: int) -> float:
        scores = self._links[one].get(other, [])
        wanted = min(WITNESSES, len(self.members[one]) * len(self.members[other]))
        return (sum(scores) + UNLIKE * (wanted - len(scores))) / wanted
