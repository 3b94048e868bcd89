"""The embedded search index: SQLite FTS5 in a file of its own. It can be thrown away and built anew from the store."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.localtime import local_day
from pipeline.index.embedded_file import BUSY_TIMEOUT_S, IndexFile
from pipeline.index.fts5 import COLUMN_WEIGHTS, NEIGHBOUR_BOOST, Condition, to_neighbours, to_ranking, to_sql
from pipeline.index.highlights import highlights
from pipeline.index.nodes import Words, named_units, sought_words
from pipeline.index.protocol import FacetName, Hit, SearchRequest, SearchResult
from pipeline.index.query import outlet_key, parse_query, with_filters
from pipeline.index.tokens import token_forms
from pipeline.index.topic_names import with_parents
from pipeline.records import Document

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_FACETS: Mapping[FacetName, str] = {
    "day": "SELECT day, count(*) FROM found JOIN doc USING (rowid) GROUP BY day ORDER BY day",
    "tone": "SELECT tone, count(DISTINCT doc) AS n FROM found JOIN doc_unit ON doc = found.rowid"
    " WHERE tone IS NOT NULL AND (:units IS NULL OR unit IN (SELECT value FROM json_each(:units)))"
    " GROUP BY tone ORDER BY n DESC, tone",
    "topic": "SELECT topic, count(*) AS n FROM found JOIN doc_topic ON doc = found.rowid"
    " GROUP BY topic ORDER BY n DESC, topic",
    "outlet": "SELECT outlet_id, count(*) AS n FROM found JOIN doc USING (rowid)"
    " GROUP BY outlet_id ORDER BY n DESC, outlet_id",
}
"""Counts over ``found``, the rows that match. A topic counts its subtopics; a document counts once a tone."""

_SCORES = f"""
    INSERT INTO temp.scores
    SELECT rowid, -bm25(words, {", ".join(map(str, COLUMN_WEIGHTS))}) FROM words WHERE words MATCH ?
"""  # noqa: S608 - only our own weights are written into it
_BOOST = "UPDATE temp.scores SET score = score * ? WHERE doc IN (SELECT rowid FROM words WHERE words MATCH ?)"
_PAGE = """
    WITH page AS MATERIALIZED (
        SELECT doc.rowid AS doc, coalesce(scores.score, 0.0) AS score, published_at, id
        FROM found JOIN doc USING (rowid) LEFT JOIN scores ON scores.doc = doc.rowid
        ORDER BY 2 DESC, published_at DESC, id LIMIT ? OFFSET ?
    )
    SELECT doc.*, page.score FROM page JOIN doc ON doc.rowid = page.doc
    ORDER BY page.score DESC, doc.published_at DESC, doc.id
"""


class EmbeddedIndex:
    """An `ArticleIndex` in one SQLite file. May be used from several threads and processes; opens when first used."""

    def __init__(self, path: Path, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        self.path = path
        self._file = IndexFile(path, busy_timeout_s)

    # ---- writing ----------------------------------------------------------------------------------------------------

    def put(self, docs: Sequence[Document]) -> None:
        """Add or replace documents by id; an older version never replaces a newer one."""
        with self._file.transaction() as connection:
            for doc in docs:
                _put(connection, doc)

    def remove(self, ids: Sequence[str]) -> None:
        """Forget documents; unknown ids are ignored."""
        with self._file.transaction() as connection:
            for document_id in ids:
                row = connection.execute("SELECT rowid FROM doc WHERE id = ?", (document_id,)).fetchone()
                if row:
                    _delete(connection, row[0])

    def clear(self) -> None:
        """Forget everything; a file that is damaged or of another format is replaced."""
        self._file.clear()

    # ---- reading ----------------------------------------------------------------------------------------------------

    def search(self, request: SearchRequest) -> SearchResult:
        """Return hits, best first: by bm25, then newest. Raises QuerySyntaxError and IndexUnavailableError."""
        query = parse_query(request.query)
        node = with_filters(query, request.filters)
        sought = sought_words(query)
        with self._file.transaction(reads_only=True) as connection:
            _find(connection, to_sql(node))
            total = connection.execute("SELECT count(*) FROM found").fetchone()[0]
            _score(connection, sought)
            hits = tuple(_hit(row, sought) for row in _page(connection, request))
            units = named_units(node)
            facets = {name: _facet(connection, name, units) for name in request.facets}
        return SearchResult(total=total, hits=hits, facets=facets)

    def count(self) -> int:
        """Return how many documents it holds."""
        with self._file.transaction(reads_only=True) as connection:
            return int(connection.execute("SELECT count(*) FROM doc").fetchone()[0])

    def close(self) -> None:
        """Release the file; the next use opens it again."""
        self._file.close()


def _put(connection: sqlite3.Connection, doc: Document) -> None:
    held = connection.execute("SELECT rowid, version FROM doc WHERE id = ?", (doc.id,)).fetchone()
    if held:
        if held[1] > doc.version:
            return
        _delete(connection, held[0])
    article, annotation = doc.article, doc.annotation
    assessments = annotation.assessments if annotation else ()
    topics = tuple(topic.id for topic in annotation.topics) if annotation else ()
    tones = {one.unit: one.tone for one in assessments if one.tone}
    row = {
        "id": doc.id,
        "version": doc.version,
        "url": article.url,
        "title": article.title,
        "lead": article.lead,
        "outlet": doc.outlet,
        "outlet_id": doc.source_id,
        "outlet_name_key": outlet_key(doc.outlet),
        "outlet_id_key": outlet_key(doc.source_id),
        "language": doc.language,
        "published_at": (article.published_at - EPOCH) // MICROSECOND,
        "day": local_day(article.published_at).isoformat(),
        "tones": json.dumps(tones),
        "topics": json.dumps(topics),
        "marks": json.dumps(doc.marks),
        "text": article.text,
    }
    columns = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    rowid = connection.execute(f"INSERT INTO doc ({columns}) VALUES ({values})", row).lastrowid  # noqa: S608
    forms = [_joined_tokens(part) for part in (article.title, article.lead, article.text)]
    words = (rowid, *(exact for exact, _ in forms), *(plain for _, plain in forms))
    connection.execute(
        "INSERT INTO words (rowid, title, lead, text, title_plain, lead_plain, text_plain)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        words,
    )
    named = {one.unit: one.tone for one in assessments}
    connection.executemany("INSERT INTO doc_unit VALUES (?, ?, ?)", [(rowid, *pair) for pair in named.items()])
    above = dict.fromkeys(name for topic in topics for name in with_parents(topic))
    connection.executemany("INSERT INTO doc_topic VALUES (?, ?)", [(rowid, topic) for topic in above])
    connection.executemany("INSERT INTO doc_mark VALUES (?, ?)", [(mark, rowid) for mark in doc.marks])


def _delete(connection: sqlite3.Connection, rowid: int) -> None:
    connection.execute("DELETE FROM words WHERE rowid = ?", (rowid,))
    connection.execute("DELETE FROM doc_unit WHERE doc = ?", (rowid,))
    connection.execute("DELETE FROM doc_topic WHERE doc = ?", (rowid,))
    connection.execute("DELETE FROM doc_mark WHERE doc = ?", (rowid,))
    connection.execute("DELETE FROM doc WHERE rowid = ?", (rowid,))


def _joined_tokens(text: str) -> tuple[str, str]:
    found = token_forms(text)
    return " ".join([exact for exact, _ in found]), " ".join([plain for _, plain in found])


def _find(connection: sqlite3.Connection, condition: Condition) -> None:
    """Fill ``found`` with the rows that match. It is this connection's own table; the index is not written."""
    connection.execute("DELETE FROM temp.found")
    connection.execute(f"INSERT INTO temp.found SELECT rowid FROM doc WHERE {condition.sql}", condition.parameters)  # noqa: S608


def _score(connection: sqlite3.Connection, sought: Sequence[Words]) -> None:
    """Fill ``scores``, also this connection's own."""
    connection.execute("DELETE FROM temp.scores")
    if sought:
        connection.execute(_SCORES, (to_ranking(sought),))
    if neighbours := to_neighbours(sought):
        connection.execute(_BOOST, (NEIGHBOUR_BOOST, neighbours))


def _page(connection: sqlite3.Connection, request: SearchRequest) -> list[sqlite3.Row]:
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    return cursor.execute(_PAGE, (max(request.size, 0), max(request.offset, 0))).fetchall()


def _hit(row: sqlite3.Row, sought: Sequence[Words]) -> Hit:
    return Hit(
        id=row["id"],
        score=row["score"],
        url=row["url"],
        title=row["title"],
        lead=row["lead"],
        outlet=row["outlet"],
        outlet_id=row["outlet_id"],
        language=row["language"],
        published_at=EPOCH + timedelta(microseconds=row["published_at"]),
        tones=json.loads(row["tones"]),
        topics=tuple(json.loads(row["topics"])),
        marks=tuple(json.loads(row["marks"])),
        highlights=highlights(row["title"], row["lead"], row["text"], sought),
    )


def _facet(connection: sqlite3.Connection, name: FacetName, units: frozenset[str]) -> dict[str, int]:
    parameters = {"units": json.dumps(sorted(units)) if units else None}
    return dict(connection.execute(_FACETS[name], parameters))
