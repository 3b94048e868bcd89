"""A store whose outbox feeds Elasticsearch, and the program as a person would run it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.store import Store, open_store
from tests.pipeline.cli.conftest import diembao, home  # noqa: F401 - fixtures


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield opened
    opened.close()
