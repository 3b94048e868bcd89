"""What all tests share: where evaluation data lies, and how a test that cannot run here says so."""

import os
from pathlib import Path

import pytest

pytest_plugins = ("tests.elastic.fixtures",)

REQUIRE_ALL = os.environ.get("DIEMBAO_REQUIRE_ALL") == "1"


def skip_or_fail(reason: str) -> None:
    """Skip with one clear line; fail instead where every test must run (``DIEMBAO_REQUIRE_ALL=1``)."""
    if REQUIRE_ALL:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def eval_data() -> Path:
    """The folder of the evaluation data (``DIEMBAO_EVAL_DATA``): pages, labelled items, the scorer."""
    value = os.environ.get("DIEMBAO_EVAL_DATA")
    if not value or not Path(value).is_dir():
        skip_or_fail("DIEMBAO_EVAL_DATA does not name the folder of the evaluation data")
    return Path(str(value)).resolve()
