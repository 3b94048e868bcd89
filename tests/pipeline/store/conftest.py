"""Every test of the store runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from pipeline.store import Store, open_store
from tests.conftest import skip_or_fail
from tests.pipeline.store.postgres import running_server, server_programs

_schema_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a running server's database."""
    programs = server_programs()
    if programs is None:
        skip_or_fail("PostgreSQL (initdb, pg_ctl) is not installed: the store is tested on SQLite only")
    assert programs is not None
    with running_server(programs) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database (on PostgreSQL, a schema in one), its own for each test."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    server: str = request.getfixturevalue("postgres")
    name = f"test_{next(_schema_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    return f"{server}&options=-csearch_path%3D{name}"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()
