"""A real PostgreSQL server for the tests that want one."""

from collections.abc import Iterator

import pytest

from tests.conftest import skip_or_fail
from tests.pipeline.store.postgres import running_server, server_programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a running server's database."""
    programs = server_programs()
    if programs is None:
        skip_or_fail("PostgreSQL (initdb, pg_ctl) is not installed: the store is tested on SQLite only")
    assert programs is not None
    with running_server(programs) as url:
        yield url
