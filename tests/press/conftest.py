from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.press.server import Press
from tests.press.small import small_site

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)


@pytest.fixture
def press() -> Iterator[Press]:
    with Press(small_site(NOW)) as press:
        yield press
