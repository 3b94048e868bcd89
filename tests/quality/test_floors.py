"""Quality never falls: each pinned figure is measured through the batch commands."""

from pathlib import Path

import pytest

from tests.quality.scoring import GROUPS, floors, measure


def test_every_group_of_the_floors_can_be_measured() -> None:
    assert floors().keys() == GROUPS.keys()


@pytest.mark.parametrize("group", floors())
def test_figures_are_not_below_their_floors(group: str, eval_data: Path) -> None:
    measured = measure(group, eval_data)
    fallen = {
        figure: (value, floors()[group][figure])
        for figure, value in measured.items()
        if value < floors()[group][figure]
    }
    assert not fallen, f"figure: (measured, floor) {fallen}"
