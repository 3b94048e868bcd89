"""Alembic's entry: migrates over the connection, and in the transaction, that `pipeline.store.migrating` hands in."""

from alembic import context

from pipeline.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction is the one that counts
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
