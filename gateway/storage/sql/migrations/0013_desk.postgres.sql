-- What desks ask of the store: words wherever they stand, deliveries by state and by the two agencies
-- between which they go, the register of a year, and how often an address tried to sign in, counted
-- for all processes together.
CREATE TABLE document_words (
    position BIGINT PRIMARY KEY,
    subject TEXT NOT NULL,
    marks TEXT NOT NULL,
    words tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', subject), 'A') || setweight(to_tsvector('simple', marks), 'B')
    ) STORED
);
CREATE INDEX document_words_words ON document_words USING gin (words);
INSERT INTO document_words (position, subject, marks)
SELECT position, subject_folded,
    lower(regexp_replace(
        replace(coalesce(number, '') || ' ' || notation || ' ' || coalesce(code, document_id, ''), 'Đ', 'd'),
        '[^[:alnum:]]+', ' ', 'g'))
FROM document;

ALTER TABLE delivery ADD COLUMN sender TEXT NOT NULL DEFAULT '';
UPDATE delivery SET sender = d.sender FROM document d WHERE d.id = delivery.document;
CREATE INDEX delivery_of_two ON delivery (agency, sender, position);
CREATE INDEX delivery_received_state ON delivery (agency, state, position);
CREATE INDEX delivery_sent_state ON delivery (sender, state, position);
CREATE INDEX document_sent ON document (sender, sent_at, position);

CREATE TABLE attempt (
    seq {identity},
    address TEXT NOT NULL,
    at TEXT NOT NULL
);
CREATE INDEX attempt_address ON attempt (address, at);
CREATE INDEX attempt_at ON attempt (at);
