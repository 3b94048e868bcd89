import random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.stories.clustering import Constraints, cluster

Scores = dict[tuple[int, int], float]


def test_what_is_alike_is_joined_and_what_was_not_compared_is_not() -> None:
    assert cluster(4, {(0, 1): 2.0, (2, 3): -0.5}) == [[0, 1], [2], [3]]


def test_one_article_alike_by_chance_does_not_pull_two_stories_together() -> None:
    first: Scores = {(0, 1): 3.0, (0, 2): 3.0, (1, 2): 3.0}
    second: Scores = {(3, 4): 3.0, (3, 5): 3.0, (4, 5): 3.0}
    assert cluster(6, {**first, **second, (2, 3): 2.0}) == [[0, 1, 2], [3, 4, 5]]
    assert cluster(6, {**first, **second, (2, 3): 2.0, (1, 3): 2.0, (0, 4): 2.0}) == [[0, 1, 2, 3, 4, 5]]


def test_a_follow_up_need_not_resemble_the_first_report() -> None:
    chain: Scores = {(0, 1): 2.0, (0, 2): 2.0, (1, 2): 2.0, (1, 3): 1.0, (2, 3): 1.0, (0, 3): -0.5}
    assert cluster(4, chain) == [[0, 1, 2, 3]]


def test_constraints_win_over_scores() -> None:
    scores: Scores = {(0, 1): 5.0, (1, 2): 4.0, (0, 2): -5.0, (2, 3): -9.0}
    assert cluster(4, scores, Constraints(together=[[2, 3]])) == [[0, 1], [2, 3]]
    assert cluster(4, scores, Constraints(apart=[([0], [1])])) == [[0], [1, 2], [3]]
    assert cluster(4, scores, Constraints(together=[[1, 3]], apart=[([0, 2], [3])])) == [[0], [1, 3], [2]]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, Scores]:
    count = draw(st.integers(2, 9))
    pairs = [(one, other) for other in range(count) for one in range(other)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True))
    # Distinct scores: equal ones are decided by position.
    values = draw(st.lists(st.integers(-60, 60), min_size=len(chosen), max_size=len(chosen), unique=True))
    return count, {pair: value / 10 for pair, value in zip(chosen, values, strict=True)}


@given(graphs(), st.integers())
def test_the_order_of_pairs_changes_nothing(graph: tuple[int, Scores], seed: int) -> None:
    count, scores = graph
    shuffled = list(scores.items())
    random.Random(seed).shuffle(shuffled)
    groups = cluster(count, dict(shuffled))
    assert groups == cluster(count, scores)
    assert sorted(at for group in groups for at in group) == list(range(count))


@given(graphs())
def test_who_must_stay_apart_never_meets(graph: tuple[int, Scores]) -> None:
    count, scores = graph
    groups = cluster(count, scores, Constraints(apart=[([0], list(range(1, count)))]))
    assert [0] in groups
