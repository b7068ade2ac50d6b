-- What administrators decide on pages and by commands: changes of the office calendar, notices of
-- outages and maintenance; runs of the check of the audit chain; and what their lists are read by.

CREATE TABLE calendar_change (
    id BIGINT PRIMARY KEY,
    standing INTEGER NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE announcement (
    id BIGINT PRIMARY KEY,
    standing INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX announcement_standing ON announcement (id) WHERE standing = 1;

CREATE TABLE chain_check (
    id BIGINT PRIMARY KEY,
    body TEXT NOT NULL
);

-- The board: what failed for good, what arrived and was not accepted, what arrived since a time.
CREATE INDEX job_buried ON job (priority DESC, id) WHERE buried_at IS NOT NULL;
CREATE INDEX delivery_unaccepted ON delivery (legal_received_at) WHERE state = 'arrived';
CREATE INDEX delivery_legal ON delivery (legal_received_at) WHERE legal_received_at IS NOT NULL;
