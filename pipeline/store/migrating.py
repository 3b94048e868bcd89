"""Bring a database to the schema of this code with Alembic."""

from pathlib import Path

from sqlalchemy import Connection, exc, inspect, text

from config.errors import StoreError
from pipeline.store.engine import Database, place
from pipeline.store.schema import HEAD

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(db: Database) -> None:
    """Migrate to head in one transaction, one process at a time; nothing to do is the fast path. Raises StoreError."""
    with db.read() as connection:
        if _revision(connection) == HEAD:
            return
    with db.write() as connection:
        _upgrade(connection, place(db.engine))


def _upgrade(connection: Connection, where: str) -> None:
    # Imported here: Alembic is slow to load, and almost every start finds the schema at head.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    revision = _revision(connection)
    if revision is None and inspect(connection).get_table_names():
        raise StoreError("store.foreign_database", path=where)
    try:
        if revision is not None:
            ScriptDirectory.from_config(config).get_revision(revision)
    except CommandError as error:
        raise StoreError("store.newer_schema", path=where, found=revision, known=HEAD) from error
    command.upgrade(config, HEAD)


def _revision(connection: Connection) -> str | None:
    """Return the revision a database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    try:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except exc.ProgrammingError:
        return None
    return None if found is None else str(found)
