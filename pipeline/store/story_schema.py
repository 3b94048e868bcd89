"""The tables of stories: what became of ids, and what people decided. Which story a document tells, `document` says."""

from sqlalchemy import Column, Index, String, Table, Text

from pipeline.store.schema import Instant, metadata, serial

story_alias = Table(
    "story_alias",
    metadata,
    Column("story", String, primary_key=True, comment="id that names no story any more"),
    Column("into", String, nullable=False, comment="id of the story that took it in"),
)

story_edit = Table(
    "story_edit",
    metadata,
    Column("id", serial, primary_key=True),
    Column("kind", String, nullable=False, comment="merge or split"),
    Column("story", String, nullable=False, comment="id of the story that was kept"),
    Column("other", String, nullable=False, comment="merge: id of the story taken in; split: id of the new one"),
    Column("kept", Text, nullable=False, comment="JSON list: documents of the one side then"),
    Column("moved", Text, nullable=False, comment="JSON list: documents of the other side then"),
    Column("by", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_by", String),
    Column("undone_at", Instant),
    Index(None, "story"),
    Index(None, "other"),
    sqlite_autoincrement=True,  # a number that was told to a person is never another edit's
)
