-- Files of documents that were recalled, from the commit that recalls them until they are removed.
CREATE TABLE erasure (
    key TEXT PRIMARY KEY
);

-- Recalls from elsewhere that came before the document that they recall.
CREATE TABLE early_recall (
    sender TEXT NOT NULL,
    document_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    note TEXT,
    at TEXT NOT NULL,
    PRIMARY KEY (sender, document_id, recipient)
);
CREATE INDEX early_recall_at ON early_recall (at);

-- What agencies are reminded of: duties that were missed, duplicates, recalls that were refused.
-- One reminder of a kind for each document and recipient; it is settled when there is nothing left.
CREATE TABLE reminder (
    seq {identity},
    agency TEXT NOT NULL,
    kind TEXT NOT NULL,
    document TEXT NOT NULL,
    code TEXT,
    recipient TEXT NOT NULL,
    note TEXT,
    at TEXT NOT NULL,
    settled_at TEXT
);
CREATE UNIQUE INDEX reminder_once ON reminder (document, kind, agency, recipient);
CREATE INDEX reminder_agency ON reminder (agency, seq) WHERE settled_at IS NULL;
CREATE INDEX reminder_open ON reminder (seq) WHERE settled_at IS NULL;

-- Reports that name their own agency where they should name the sender: known by the number.
CREATE INDEX document_numbered ON document (number, notation, position);

-- By when documents are to be answered, until that was looked at.
CREATE TABLE deadline (
    document TEXT PRIMARY KEY,
    due_on TEXT NOT NULL
);
CREATE INDEX deadline_due ON deadline (due_on);

-- What arrived and was not accepted.
CREATE INDEX delivery_arrived ON delivery (legal_received_at, id) WHERE state = 'arrived';
-- What was asked back and not answered.
CREATE INDEX delivery_asked ON delivery (updated_at, id) WHERE recall = 'requested';
