"""Finding reprints: exact equality first, then MinHash with locality-sensitive hashing, then the true overlap.

MinHash and its banding: Broder, "On the resemblance and containment of documents", 1997; Leskovec, Rajaraman and
Ullman, "Mining of massive datasets", chapter 3; the index is that of datasketch.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from datasketch import MinHash, MinHashLSH

from pipeline.dedupe.shingles import Candidate, Shingled, shingle

PERMUTATIONS = 64
BANDS = 21, 3
"""Bands and rows of a band: two texts that overlap by half, the least that makes a copy, are found with p = .94."""
LEAST_TEXT = 0.5
"""Overlap (Jaccard) of shingles from which one text is a copy of another that was cut or touched up."""
LEAST_HEADLINE = 0.35
"""The same of title and lead. Of labelled pairs, .78 of those above were the same report in the annotators' eyes."""
LEAST_TITLE = 0.5
"""Share of the shorter title's words that two articles of one outlet have in common if one copies the other."""
BOILERPLATE_ARTICLES = 3
"""A paragraph that so many articles of one outlet hold is boilerplate."""
WINDOW = timedelta(days=3)
"""Between original and reprint: as long as a story stays open."""

_SEED = MinHash(num_perm=PERMUTATIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    candidate: Candidate
    paragraphs: frozenset[str]
    boilerplate: frozenset[str]
    """Paragraphs that were left out."""
    shingled: Shingled


@dataclass(slots=True, kw_only=True)
class CopyFinder:
    """Finds the reprints among the articles of a window; keeps what it computed of those that stay in it."""

    _held: dict[str, _Held] = field(default_factory=dict)
    _exact: dict[bytes, set[str]] = field(default_factory=dict)
    _texts: MinHashLSH = field(default_factory=lambda: MinHashLSH(params=BANDS, num_perm=PERMUTATIONS))

    def find(
        self,
        candidates: Sequence[Candidate],
        *,
        headlines: Iterable[tuple[str, str]] = (),
        known: Mapping[str, str | None] | None = None,
    ) -> dict[str, str]:
        """Return reprint to original, by id. The original is the earliest; of equal times that of the widest outlet.

        ``headlines`` are the pairs of articles whose title and lead are worth comparing. ``known`` holds the originals
        (None: it is one itself) of candidates that were looked at before; they change only by what is new.
        """
        known = known or {}
        self._hold(candidates)
        order = sorted(candidates, key=lambda one: one.precedence)
        new = [one.id for one in order if one.id not in known]
        pairs = {(key, other) for key in new for other in self._similar(key)}
        pairs.update(pair for pair in headlines if pair[0] not in known or pair[1] not in known)
        similar: dict[str, set[str]] = {}
        for key, other in pairs:
            if is_copy(self._held[key], self._held[other]):
                similar.setdefault(key, set()).add(other)
                similar.setdefault(other, set()).add(key)
        return _originals([one.id for one in order], similar, known)

    def _similar(self, key: str) -> Iterator[str]:
        """Yield the articles that may have the same text."""
        shingled = self._held[key].shingled
        yield from (other for other in self._exact[shingled.exact] if other != key)
        if shingled.text:
            yield from (other for other in self._texts.query(_signature(shingled.text)) if other != key)

    def _hold(self, candidates: Sequence[Candidate]) -> None:
        """Hold these candidates and no others."""
        for key in self._held.keys() - {one.id for one in candidates}:
            self._drop(key)
        paragraphs = {one.id: self._paragraphs(one) for one in candidates}
        holding = Counter((one.outlet, words) for one in candidates if one.outlet for words in paragraphs[one.id])
        for one in candidates:
            boilerplate = frozenset(
                words for words in paragraphs[one.id] if holding[one.outlet, words] >= BOILERPLATE_ARTICLES
            )
            held = self._held.get(one.id)
            if held is not None and (held.candidate, held.boilerplate) == (one, boilerplate):
                continue
            if held is not None:
                self._drop(one.id)
            shingled = shingle(one, boilerplate)
            self._held[one.id] = _Held(
                candidate=one, paragraphs=paragraphs[one.id], boilerplate=boilerplate, shingled=shingled
            )
            self._exact.setdefault(shingled.exact, set()).add(one.id)
            if shingled.text:
                self._texts.insert(one.id, _signature(shingled.text))

    def _paragraphs(self, candidate: Candidate) -> frozenset[str]:
        held = self._held.get(candidate.id)
        return held.paragraphs if held and held.candidate == candidate else frozenset(candidate.paragraphs())

    def _drop(self, key: str) -> None:
        shingled = self._held.pop(key).shingled
        self._exact[shingled.exact].discard(key)
        if not self._exact[shingled.exact]:
            del self._exact[shingled.exact]
        if shingled.text:
            self._texts.remove(key)


def _originals(
    order: Sequence[str], similar: Mapping[str, Collection[str]], known: Mapping[str, str | None]
) -> dict[str, str]:
    """Return the original of each reprint; ``order`` is that of precedence."""
    place = {key: at for at, key in enumerate(order)}
    originals: dict[str, str] = {}
    for key in order:
        before = known.get(key)
        if before is not None and (before in known or before not in place):
            originals[key] = before
            continue
        earlier = min((place[other] for other in similar.get(key, ()) if place[other] < place[key]), default=None)
        if earlier is not None:
            originals[key] = originals.get(order[earlier], order[earlier])
    return originals


def is_copy(one: _Held, other: _Held) -> bool:
    """Tell whether one of two articles reprints the other.

    Word for word the same, or their texts decide; title and lead where one of them has no text. Within one outlet the
    titles must agree too, in their numbers above all: a column that returns every day (prices, fixtures, weather)
    reprints nothing.
    """
    first, second = one.shingled, other.shingled
    at, other_at = one.candidate.published_at, other.candidate.published_at
    if at is not None and other_at is not None and abs(at - other_at) > WINDOW:
        return False
    if first.exact == second.exact:
        return True
    if one.candidate.outlet and one.candidate.outlet == other.candidate.outlet:
        common = len(first.title_words & second.title_words)
        shorter = min(len(first.title_words), len(second.title_words))
        if common < LEAST_TITLE * shorter or _numbers(first) != _numbers(second):
            return False
    if first.text and second.text:
        return overlap(first.text, second.text) >= LEAST_TEXT
    return overlap(first.headline, second.headline) >= LEAST_HEADLINE


def overlap(one: frozenset[int], other: frozenset[int]) -> float:
    """Return the Jaccard overlap of two sets, 0 when both are empty."""
    return len(one & other) / max(1, len(one | other))


def _numbers(shingled: Shingled) -> set[str]:
    return {word for word in shingled.title_words if word.isdigit()}


def _signature(shingles: Collection[int]) -> MinHash:
    signature = MinHash(
        num_perm=PERMUTATIONS, seed=_SEED.seed, permutations=_SEED.permutations, scheme=_SEED.scheme, hashfunc=int
    )
    signature.update_batch(shingles)
    return signature
