"""An installation that issued digests before there were other editions keeps them."""

import json
from datetime import date

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from pipeline.store import open_store
from pipeline.store.engine import connect
from pipeline.store.migrating import MIGRATIONS

DAY = date(2026, 3, 5)


def test_what_was_sealed_before_is_the_daily_edition(store_url: str) -> None:
    db = connect(store_url)
    with db.write() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        sealed = (
            "INSERT INTO sealed_digest (province, day, revision, facts, sealed_at) VALUES ('hue', :day, :n, :facts, 0)"
        )
        for revision in (1, 2):
            row = {"day": DAY.isoformat(), "n": revision, "facts": json.dumps({"revision": revision})}
            connection.execute(text(sealed), row)
    db.close()
    store = open_store(store_url)
    for revision in (1, 2):
        found = store.sealed_digest("hue", DAY, revision)
        assert found is not None
        assert found.facts == {"revision": revision}
    assert list(store.sealed_since("hue", DAY)) == [DAY]
    assert store.sealed_digest("hue", DAY, edition="foreign-weekly") is None
    store.close()
