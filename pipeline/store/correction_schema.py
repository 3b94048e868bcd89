"""The tables of what persons say of documents, and of whether these are still there."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text

from pipeline.store.schema import Instant, metadata, serial

correction = Table(
    "correction",
    metadata,
    Column("number", serial, primary_key=True),
    Column("document_id", ForeignKey("document.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("version", Integer, nullable=False, comment="of the document that was read"),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("unit", String, comment="that relevance and tone are about"),
    Column("relevance", String, comment="about, mention or none; null: nothing was said of it, so with all labels"),
    Column("tone", String),
    Column("bad_event", Boolean),
    Column("topics", Text, comment="ids joined by a blank, best first"),
    Column("dropped", Boolean, nullable=False, comment="the article is no matter of ours"),
    Column("note", Text, nullable=False),
    Column("undone_by", Text),
    Column("undone_at", Instant, comment="null: in force"),
    # A number is never used twice: undoing an old one must not undo another.
    sqlite_autoincrement=True,
)

page_check = Table(
    "page_check",
    metadata,
    Column("document_id", ForeignKey("document.id", ondelete="CASCADE"), primary_key=True),
    Column("checked_at", Instant, nullable=False, comment="last time that its address was asked"),
    Column("reason", String, nullable=False, comment="ok, or what came instead"),
    Column("missed_at", Instant, comment="first of the answers in a row that said it is gone"),
)

disappearance = Table(
    "disappearance",
    metadata,
    Column("document_id", ForeignKey("document.id", ondelete="CASCADE"), primary_key=True),
    Column("gone_at", Instant, primary_key=True),
    Column("reason", String, nullable=False),
    Column("back_at", Instant, comment="when it was seen again"),
)
