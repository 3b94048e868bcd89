"""Finding stories online, a day of publication at a time.

The articles of one day are settled together: compared with each other and with those of the three days before (and
after, when a late article comes), which keep the stories they have. So the order in which the articles of a day arrive
changes nothing once the day is complete, a story closes after three quiet days, and memory is bounded by the open
window. Settling a day again, with more articles or edited ones, decides it anew.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from classifiers.stories import StoryScorer, Texts, candidates
from classifiers.story_text import StoryText
from pipeline.dedupe.copies import CopyFinder
from pipeline.dedupe.shingles import Candidate
from pipeline.stories.clustering import UNLIKE, Constraints, cluster
from pipeline.stories.edits import Ties
from pipeline.stories.naming import name_stories
from pipeline.stories.roundups import is_roundup
from pipeline.stories.told import Told

QUIET_DAYS = 3
"""A story to which so many days added nothing is closed."""
HEADLINES_ALIKE = 0.3
"""Cosine of words from which titles and leads are compared run by run; copies have more."""
COPY_SCORE = 6.0
"""Log-odds with which a reprint tells the story of its original."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of a day."""

    told: tuple[Told, ...]
    """Every article of the day and around it, with its story and original of now."""
    changed: frozenset[str]
    """Ids of those whose story or original is another than before."""
    merged: Mapping[str, str] = field(default_factory=dict)
    """Stories that are no longer, to those that took them in; what lies outside the window follows."""


class StoryFinder:
    """Settles days; keeps what it has read of the articles of the window."""

    def __init__(self, scorer: StoryScorer) -> None:
        self._scorer = scorer
        self._copies = CopyFinder()
        self._read: dict[str, tuple[Candidate, StoryText]] = {}

    def settle(
        self,
        day: Sequence[Told],
        around: Sequence[Told],
        *,
        ties: Ties | None = None,
        taken: Callable[[str], bool] = lambda _: False,
    ) -> Settled:
        """Decide the stories and originals of the articles of one day.

        ``around``: the articles of the days whose stories are open then. They keep together what they told together;
        a story of theirs may grow, or be joined with another. ``taken`` tells whether an id names a story elsewhere.
        """
        told = {one.id: one for one in sorted((*around, *day), key=lambda one: one.article.precedence)}
        free = {one.id for one in day}
        order = list(told)
        place = {key: at for at, key in enumerate(order)}
        texts = self._lay_out(told)
        left, right = candidates(texts, np.array([key in free for key in order], bool))
        roundup = np.array([is_roundup(one.article.title) for one in told.values()], bool)
        alike = (texts.shared("words", left, right) >= HEADLINES_ALIKE) & (roundup[left] == roundup[right])
        originals = self._copies.find(
            [one.article for one in told.values()],
            headlines=[
                (order[one], order[other])
                for one, other in zip(left[alike].tolist(), right[alike].tolist(), strict=True)
            ],
            known={key: one.copy_of for key, one in told.items() if key not in free},
        )
        scored = self._scorer.score(texts, left, right)
        telling = (scored > UNLIKE) & ~roundup[left] & ~roundup[right]
        pairs = zip(left[telling].tolist(), right[telling].tolist(), strict=True)
        scores = dict(zip(pairs, scored[telling].tolist(), strict=True))
        for copy, original in originals.items():
            if original in place and (copy in free or original in free):
                scores[_ordered(place[copy], place[original])] = COPY_SCORE
        groups = cluster(len(order), scores, _constraints(told, free, place, ties or Ties()))
        before = {key: one.story for key, one in told.items() if one.story}
        documents = [[order[at] for at in group] for group in groups]
        names = name_stories(documents, before, taken=taken)
        found = [
            Told(article=told[key].article, story=name, copy_of=originals.get(key))
            for group, name in zip(documents, names, strict=True)
            for key in group
        ]
        return Settled(
            told=tuple(found),
            changed=frozenset(one.id for one in found if one != told[one.id]),
            merged=_merged(told, free, found),
        )

    def _lay_out(self, told: Mapping[str, Told]) -> Texts:
        self._read = {key: self._read[key] for key in told if key in self._read}
        return self._scorer.lay_out([self._text(one.article) for one in told.values()])

    def _text(self, article: Candidate) -> StoryText:
        known = self._read.get(article.id)
        if known is None or known[0] != article:
            text = self._scorer.read(
                article.title,
                article.lead or article.text,
                published_at=article.published_at,
                outlet=article.outlet,
            )
            self._read[article.id] = known = (article, text)
        return known[1]


def window_of(day: date) -> tuple[date, date]:
    """Return the first and last day whose articles are around a day."""
    return day - timedelta(days=QUIET_DAYS), day + timedelta(days=QUIET_DAYS)


def _ordered(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _constraints(told: Mapping[str, Told], free: Collection[str], place: Mapping[str, int], ties: Ties) -> Constraints:
    """Return what holds before scores: stories around stay whole, and what people have decided."""
    stories: dict[str, list[int]] = {}
    for key, one in told.items():
        if key not in free and one.story:
            stories.setdefault(one.story, []).append(place[key])

    def present(ids: Iterable[str]) -> list[int]:
        return sorted(place[key] for key in ids if key in place)

    together = [present(ids) for ids in ties.together]
    apart = [(present(one), present(other)) for one, other in ties.apart]
    return Constraints(together=[group for group in (*stories.values(), *together) if len(group) > 1], apart=apart)


def _merged(told: Mapping[str, Told], free: Collection[str], found: Iterable[Told]) -> dict[str, str]:
    """Return the stories of articles around that were taken in by another."""
    merged = {}
    for one in found:
        before = told[one.id].story
        if one.id not in free and before and one.story and before != one.story:
            merged[before] = one.story
    return merged
