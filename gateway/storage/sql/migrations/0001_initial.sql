-- The first schema. {identity} and {bytes} are the engine's words for a rising key and for bytes.
-- Instants are UTC text with microseconds and offset, so that they sort as text on every engine.

CREATE TABLE agency (
    code TEXT PRIMARY KEY,
    parent TEXT,
    successor TEXT,
    body TEXT NOT NULL
);

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE client (
    id TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    systemid TEXT NOT NULL UNIQUE,
    secret {bytes} NOT NULL,
    created_at TEXT NOT NULL,
    revoked_at TEXT,
    decision TEXT
);

CREATE TABLE account (
    user_name TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    agency TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    must_change INTEGER NOT NULL,
    created_at TEXT NOT NULL
);

CREATE TABLE document (
    position BIGINT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    code TEXT UNIQUE,
    document_id TEXT,
    sender TEXT NOT NULL,
    state TEXT NOT NULL,
    origin TEXT NOT NULL,
    local INTEGER NOT NULL,
    business TEXT NOT NULL,
    type TEXT NOT NULL,
    number TEXT,
    notation TEXT NOT NULL,
    subject_folded TEXT NOT NULL,
    metadata TEXT NOT NULL,
    legal_value TEXT NOT NULL,
    submitted_at TEXT NOT NULL,
    sent_at TEXT,
    legal_sent_at TEXT,
    sha256 TEXT,
    size BIGINT,
    envelope TEXT,
    frame {bytes},
    digest TEXT NOT NULL,
    findings TEXT NOT NULL,
    replaces TEXT,
    replaced_by TEXT,
    version INTEGER NOT NULL
);
CREATE INDEX document_sender ON document (sender, position);
CREATE INDEX document_sender_state ON document (sender, state, position);
CREATE INDEX document_notation ON document (sender, number, notation);
CREATE INDEX document_state ON document (state, position);
-- A new message of one sender has one identifier; updates and replacements use it again. What the
-- node composes is unique by its code, whatever identifiers senders think of.
CREATE UNIQUE INDEX document_identifier ON document (sender, document_id)
    WHERE envelope IS NOT NULL AND business = 'new' AND state <> 'refused';
CREATE INDEX document_identified ON document (sender, document_id);

CREATE TABLE attachment (
    document TEXT NOT NULL REFERENCES document (id),
    n INTEGER NOT NULL,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    announced_type TEXT,
    sha256 TEXT NOT NULL,
    blob TEXT NOT NULL,
    PRIMARY KEY (document, n)
);

CREATE TABLE delivery (
    id TEXT PRIMARY KEY,
    document TEXT NOT NULL REFERENCES document (id),
    position BIGINT NOT NULL,
    n INTEGER NOT NULL,
    recipient TEXT NOT NULL,
    agency TEXT NOT NULL,
    state TEXT NOT NULL,
    open INTEGER NOT NULL,
    document_state TEXT NOT NULL,
    route TEXT NOT NULL,
    lane TEXT,
    priority INTEGER NOT NULL,
    arrival_number BIGINT,
    arrival_year INTEGER,
    received_at TEXT,
    legal_received_at TEXT,
    updated_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    note TEXT,
    staff TEXT,
    recall TEXT,
    leased_until TEXT,
    version INTEGER NOT NULL
);
CREATE INDEX delivery_document ON delivery (document, n);
CREATE INDEX delivery_agency ON delivery (agency, open, position);
CREATE INDEX delivery_document_state ON delivery (agency, open, document_state, position);
-- The pull box: what waits to be fetched; held documents have closed deliveries (open = 0).
CREATE INDEX delivery_box ON delivery (agency, priority DESC, position)
    WHERE route = 'pull' AND open = 1 AND state IN ('waiting', 'sending');
CREATE INDEX delivery_handed_over ON delivery (updated_at) WHERE state = 'handed-over';
CREATE UNIQUE INDEX delivery_arrival ON delivery (agency, arrival_year, arrival_number)
    WHERE arrival_number IS NOT NULL;

CREATE TABLE counter (
    series TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

CREATE TABLE job (
    id {identity},
    kind TEXT NOT NULL,
    lane TEXT NOT NULL,
    item TEXT NOT NULL,
    priority INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    claimed_by TEXT,
    claimed_until TEXT,
    created_at TEXT NOT NULL,
    last_error TEXT,
    buried_at TEXT
);
CREATE INDEX job_ready ON job (lane, priority DESC, id) WHERE claimed_by IS NULL AND buried_at IS NULL;
CREATE INDEX job_item ON job (kind, item);
-- One job in flight per destination: the schema holds it, not the claim's query.
CREATE UNIQUE INDEX job_lane ON job (lane) WHERE claimed_by IS NOT NULL;

CREATE TABLE destination (
    lane TEXT PRIMARY KEY,
    failures INTEGER NOT NULL,
    retry_at TEXT,
    last_error TEXT,
    last_ok_at TEXT
);

CREATE TABLE audit_record (
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    address TEXT,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    data TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (chain, seq)
);
CREATE INDEX audit_object ON audit_record (object, chain, seq);

CREATE TABLE receipt (
    seq {identity},
    id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    code TEXT,
    owner TEXT NOT NULL,
    recipient TEXT,
    event TEXT NOT NULL,
    at TEXT NOT NULL,
    legal_at TEXT NOT NULL,
    jws TEXT NOT NULL
);
CREATE INDEX receipt_owner ON receipt (owner, seq);
CREATE INDEX receipt_document ON receipt (document, seq);

CREATE TABLE notice (
    seq {identity},
    agency TEXT NOT NULL,
    kind TEXT NOT NULL,
    document TEXT NOT NULL,
    code TEXT,
    state TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX notice_agency ON notice (agency, seq);

CREATE TABLE repeat (
    client TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    document TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (client, key)
);
CREATE INDEX repeat_at ON repeat (at);
