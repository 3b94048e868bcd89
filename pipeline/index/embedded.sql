-- The embedded index: one row a document, its words in FTS5, its labels beside them.
CREATE TABLE doc (
    rowid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    lead TEXT NOT NULL,
    outlet TEXT NOT NULL,
    outlet_id TEXT NOT NULL,
    outlet_name_key TEXT NOT NULL,  -- `outlet_key` of the name
    outlet_id_key TEXT NOT NULL,    -- `outlet_key` of the id
    language TEXT NOT NULL,
    published_at INTEGER NOT NULL,  -- microseconds since 1970 UTC
    day TEXT NOT NULL,              -- local, ISO 8601
    tones TEXT NOT NULL,            -- JSON, unit to tone
    topics TEXT NOT NULL,           -- JSON, best first
    marks TEXT NOT NULL,            -- JSON, such as "corrected"
    text TEXT NOT NULL
);
CREATE INDEX doc_by_day ON doc (day);
CREATE INDEX doc_by_time ON doc (published_at);
CREATE TABLE doc_unit (
    doc INTEGER NOT NULL,
    unit TEXT NOT NULL,
    tone TEXT,                      -- null: mentioned only
    PRIMARY KEY (doc, unit)
) WITHOUT ROWID;
CREATE INDEX doc_unit_by_unit ON doc_unit (unit, tone);
CREATE TABLE doc_topic (
    doc INTEGER NOT NULL,
    topic TEXT NOT NULL,            -- with the topics above it
    PRIMARY KEY (doc, topic)
) WITHOUT ROWID;
CREATE INDEX doc_topic_by_topic ON doc_topic (topic);
CREATE TABLE doc_mark (
    mark TEXT NOT NULL,
    doc INTEGER NOT NULL,
    PRIMARY KEY (mark, doc)
) WITHOUT ROWID;
CREATE INDEX doc_mark_by_doc ON doc_mark (doc);
-- The columns hold tokens joined by blanks; `ascii` only cuts them apart again.
CREATE VIRTUAL TABLE words USING fts5 (
    title, lead, text, title_plain, lead_plain, text_plain, tokenize = 'ascii'
);
