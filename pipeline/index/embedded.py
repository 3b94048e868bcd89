"""The embedded search index: SQLite FTS5 in a file of its own. It can be thrown away and built anew from the store."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock
from zoneinfo import ZoneInfo

from config.errors import IndexUnavailableError
from pipeline.index.fts5 import COLUMN_WEIGHTS, NEIGHBOUR_BOOST, Condition, to_neighbours, to_ranking, to_sql
from pipeline.index.highlights import highlights
from pipeline.index.nodes import Words, named_units, sought_words
from pipeline.index.protocol import FacetName, Hit, SearchRequest, SearchResult
from pipeline.index.query import outlet_key, parse_query, with_filters
from pipeline.index.tokens import normalise, tokens
from pipeline.records import Document
from pipeline.wal import use_wal

FORMAT = 1
"""Of the file and the tokens in it; another one means: build the index anew."""
SCHEMA = Path(__file__).with_name("embedded.sql")
BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for another process before it gives up."""
LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_CODES = {"locked": "index.locked", "unable to open": "index.cannot_open", "is full": "index.disk_full"}
_MENDED_BY_REPLACING = ("index.unavailable", "index.other_format")

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
        self._busy_timeout_s = busy_timeout_s
        self._connection: sqlite3.Connection | None = None
        self._lock = RLock()

    # ---- writing ----------------------------------------------------------------------------------------------------

    def put(self, docs: Sequence[Document]) -> None:
        """Add or replace documents by id; an older version never replaces a newer one."""
        with self._transaction() as connection:
            for doc in docs:
                _put(connection, doc)

    def remove(self, ids: Sequence[str]) -> None:
        """Forget documents; unknown ids are ignored."""
        with self._transaction() as connection:
            for document_id in ids:
                row = connection.execute("SELECT rowid FROM doc WHERE id = ?", (document_id,)).fetchone()
                if row:
                    _delete(connection, row[0])

    def clear(self) -> None:
        """Forget everything; a file that is damaged or of another format is replaced."""
        with self._lock:
            try:
                with self._transaction() as connection:
                    for table in ("words", "doc_topic", "doc_unit", "doc"):
                        connection.execute(f"DROP TABLE {table}")
                    _create_tables(connection)
            except IndexUnavailableError as error:
                if error.code not in _MENDED_BY_REPLACING:
                    raise
                self.close()
                for suffix in ("", "-wal", "-shm"):
                    self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    # ---- reading ----------------------------------------------------------------------------------------------------

    def search(self, request: SearchRequest) -> SearchResult:
        """Return hits, best first: by bm25, then newest. Raises QuerySyntaxError and IndexUnavailableError."""
        query = parse_query(request.query)
        node = with_filters(query, request.filters)
        sought = sought_words(query)
        with self._transaction(reads_only=True) as connection:
            _find(connection, to_sql(node))
            total = connection.execute("SELECT count(*) FROM found").fetchone()[0]
            _score(connection, sought)
            hits = tuple(_hit(row, sought) for row in _page(connection, request))
            units = named_units(node)
            facets = {name: _facet(connection, name, units) for name in request.facets}
        return SearchResult(total=total, hits=hits, facets=facets)

    def count(self) -> int:
        """Return how many documents it holds."""
        with self._transaction(reads_only=True) as connection:
            return int(connection.execute("SELECT count(*) FROM doc").fetchone()[0])

    def close(self) -> None:
        """Release the file; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    # ---- the file ---------------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self, *, reads_only: bool = False) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                connection = self._open()
                connection.execute("BEGIN" if reads_only else "BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()
            except sqlite3.Error as exc:
                raise _translated(exc, self.path) from exc

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(
                self.path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
            )
            try:
                _set_up(connection, self.path, self._busy_timeout_s)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def _set_up(connection: sqlite3.Connection, path: Path, busy_timeout_s: float) -> None:
    use_wal(connection, busy_timeout_s)
    # FULL: the store forgets an outbox row once the index has it, also before a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("CREATE TEMP TABLE found (rowid INTEGER PRIMARY KEY)")
    connection.execute("CREATE TEMP TABLE scores (doc INTEGER PRIMARY KEY, score REAL NOT NULL)")
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            _create_tables(connection)
        elif found != FORMAT:
            raise IndexUnavailableError("index.other_format", path=path, found=found, known=FORMAT)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _create_tables(connection: sqlite3.Connection) -> None:
    for statement in SCHEMA.read_text(encoding="utf-8").split(";\n"):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def _translated(error: sqlite3.Error, path: Path) -> IndexUnavailableError:
    detail = str(error)
    code = next((code for fragment, code in _CODES.items() if fragment in detail), "index.unavailable")
    return IndexUnavailableError(code, path=path, detail=detail)


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
        "day": article.published_at.astimezone(LOCAL_ZONE).date().isoformat(),
        "tones": json.dumps(tones),
        "topics": json.dumps(topics),
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
    above = dict.fromkeys(name for topic in topics for name in _with_parents(topic))
    connection.executemany("INSERT INTO doc_topic VALUES (?, ?)", [(rowid, topic) for topic in above])


def _delete(connection: sqlite3.Connection, rowid: int) -> None:
    connection.execute("DELETE FROM words WHERE rowid = ?", (rowid,))
    connection.execute("DELETE FROM doc_unit WHERE doc = ?", (rowid,))
    connection.execute("DELETE FROM doc_topic WHERE doc = ?", (rowid,))
    connection.execute("DELETE FROM doc WHERE rowid = ?", (rowid,))


def _joined_tokens(text: str) -> tuple[str, str]:
    found = list(tokens(normalise(text)))
    return " ".join(token.exact for token in found), " ".join(token.plain for token in found)


def _with_parents(topic: str) -> Iterator[str]:
    parts = topic.split(".")
    return (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))


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
        highlights=highlights(row["title"], row["lead"], row["text"], sought),
    )


def _facet(connection: sqlite3.Connection, name: FacetName, units: frozenset[str]) -> dict[str, int]:
    parameters = {"units": json.dumps(sorted(units)) if units else None}
    return dict(connection.execute(_FACETS[name], parameters))
