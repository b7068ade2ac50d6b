-- Accounts with their grants as one value each, changed by compare-and-set on the version;
-- sessions of browsers by the hash of what the browser bears; notices to people.
ALTER TABLE account RENAME TO account_founded;
CREATE TABLE account (
    user_name TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL
);
INSERT INTO account (user_name, agency, state, body, version)
SELECT user_name, agency, 'active', CAST(json_build_object(
    'user_name', user_name, 'name', name, 'agency', agency, 'state_at', created_at,
    'state_by', 'cli', 'password_hash', password_hash, 'must_change', TRUE,
    'issued_at', created_at, 'created_at', created_at, 'grants', json_build_array(json_build_object(
        'agency', agency, 'role', role, 'by', 'cli', 'at', created_at,
        'approved_by', 'cli', 'approved_at', created_at))) AS TEXT), 0
FROM account_founded;
DROP TABLE account_founded;

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    user_name TEXT NOT NULL,
    stage TEXT NOT NULL,
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    address TEXT,
    agent TEXT NOT NULL
);
CREATE INDEX session_of_user ON session (user_name, created_at);
CREATE INDEX session_seen ON session (seen_at);

CREATE TABLE account_notice (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_name TEXT NOT NULL,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    read_at TEXT
);
CREATE INDEX account_notice_user ON account_notice (user_name, seq);
