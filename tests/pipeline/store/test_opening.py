"""What a store says when it cannot be opened, and that migrations lead to the schema of the code."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from config.errors import StoreError
from pipeline.store import open_store
from pipeline.store.engine import connect
from pipeline.store.migrating import MIGRATIONS
from pipeline.store.schema import HEAD, metadata


def refusal(url: str) -> StoreError:
    with pytest.raises(StoreError) as caught:
        open_store(url)
    for lang in ("vi", "en"):
        assert caught.value.text(lang)
    return caught.value


def test_migrations_lead_to_the_schema_of_the_code(store_url: str) -> None:
    open_store(store_url).close()
    db = connect(store_url)
    with db.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD == ScriptDirectory(str(MIGRATIONS)).get_current_head()
    db.close()


def test_opening_again_keeps_what_is_there(store_url: str) -> None:
    first = open_store(store_url)
    first.set_meta("đã có", "1")
    first.close()
    again = open_store(store_url)
    assert again.get_meta("đã có") == "1"
    assert again.get_meta("chưa có") is None
    again.close()


def test_several_processes_may_open_a_new_store_at_once(store_url: str) -> None:
    code = "import sys; from pipeline.store import open_store; open_store(sys.argv[1]).set_meta(sys.argv[2], 'here')"
    processes = [subprocess.Popen([sys.executable, "-c", code, store_url, str(n)]) for n in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    store = open_store(store_url)
    assert [store.get_meta(str(n)) for n in range(3)] == ["here"] * 3
    store.close()


def test_a_newer_schema_asks_for_an_upgrade(store_url: str) -> None:
    open_store(store_url).close()
    db = connect(store_url)
    with db.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    db.close()
    error = refusal(store_url)
    assert error.code == "store.newer_schema"
    assert (error.fields["found"], error.fields["known"]) == ("9999", HEAD)


def test_a_database_of_another_program_is_left_alone(store_url: str) -> None:
    db = connect(store_url)
    with db.write() as connection:
        connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
    db.close()
    assert refusal(store_url).code == "store.foreign_database"


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_text("Đây là một ghi chú, không phải cơ sở dữ liệu.\n" * 50, encoding="utf-8")
    error = refusal(f"sqlite:///{path}")
    assert (error.code, error.fields["path"]) == ("store.not_a_database", str(path))


def test_a_damaged_database(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    open_store(f"sqlite:///{path}").close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert refusal(f"sqlite:///{path}").code == "store.damaged"


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    assert refusal(f"sqlite:///{tmp_path / 'none' / 'store.sqlite'}").code == "store.cannot_open"


def test_a_locked_store_is_waited_for_then_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    store = open_store(f"sqlite:///{path}?timeout=0.2")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreError) as caught:
            store.set_meta("a", "1")
        assert caught.value.code == "store.locked"
        assert store.get_meta("a") is None, "reading does not wait for a writer"
    finally:
        other.close()
        store.close()


@pytest.mark.parametrize("url", ["", "chỉ là chữ", "mysql://x/y", "oracle+none://x", "sqlite+none:///x"])
def test_an_address_that_is_none(url: str) -> None:
    assert refusal(url).code in ("store.bad_url", "store.no_driver")


def test_a_server_that_does_not_answer_and_its_password_stays_secret(tmp_path: Path) -> None:
    error = refusal(f"postgresql://office:bi-mat@/diembao?host={tmp_path}")
    assert error.code == "store.unreachable"
    assert "bi-mat" not in error.text("vi") + error.text("en")


def test_sqlite_keeps_what_it_confirmed_through_a_power_cut(tmp_path: Path) -> None:
    db = connect(f"sqlite:///{tmp_path / 'store.sqlite'}")
    with db.read() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")
        }
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}
    db.close()
