"""Every test of the store runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pipeline.store import Store, open_store
from pipeline.store.schema import metadata
from tests.pipeline.store.postgres import new_schema


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database (on PostgreSQL, a schema in one), its own for each test."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    return new_schema(request.getfixturevalue("postgres"))


@pytest.fixture
def store(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store. Only the first of a session is migrated: that takes longer than most tests."""
    if backend == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.sqlite'}"
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "store.sqlite")
    else:
        url = request.getfixturevalue("migrated_schema")
        with psycopg.connect(url, autocommit=True) as connection:
            tables = ", ".join(metadata.tables)
            connection.execute(f"TRUNCATE {tables} RESTART IDENTITY")  # our own names
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "store.sqlite"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def migrated_schema(postgres: str) -> str:
    url = new_schema(postgres)
    open_store(url).close()
    return url
