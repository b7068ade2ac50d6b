-- What desks ask of the store: words wherever they stand, deliveries by state and by the two agencies
-- between which they go, the register of a year, and how often an address tried to sign in, counted
-- for all processes together.
CREATE VIRTUAL TABLE document_words USING fts5 (subject, marks, tokenize = 'ascii');
INSERT INTO document_words (rowid, subject, marks)
SELECT position, subject_folded,
    lower(replace(coalesce(number, '') || ' ' || notation || ' ' || coalesce(code, document_id, ''), 'Đ', 'd'))
FROM document;

ALTER TABLE delivery ADD COLUMN sender TEXT NOT NULL DEFAULT '';
UPDATE delivery SET sender = (SELECT sender FROM document d WHERE d.id = delivery.document);
CREATE INDEX delivery_of_two ON delivery (agency, sender, position);
CREATE INDEX delivery_received_state ON delivery (agency, state, position);
CREATE INDEX delivery_sent_state ON delivery (sender, state, position);
CREATE INDEX document_sent ON document (sender, sent_at, position);

CREATE TABLE attempt (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX attempt_address ON attempt (address, at);
CREATE INDEX attempt_at ON attempt (at);
