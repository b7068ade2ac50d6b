-- What was told of incidents and maintenance, the mails that tell it, and what the node watches of
-- itself.

-- A notice as it was when something was told of it.
CREATE TABLE telling (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL
);

-- One message to one address: written with what it tells, sent afterwards.
CREATE TABLE mail (
    id {identity},
    announcement BIGINT NOT NULL,
    telling TEXT NOT NULL,
    recipient TEXT NOT NULL,
    created_at TEXT NOT NULL,
    due_at TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    claimed_until TEXT,
    last_error TEXT,
    sent_at TEXT,
    failed_at TEXT
);
CREATE UNIQUE INDEX mail_once ON mail (telling, recipient);
CREATE INDEX mail_announcement ON mail (announcement, id);
CREATE INDEX mail_waiting ON mail (due_at, id) WHERE sent_at IS NULL AND failed_at IS NULL;

-- Something that the node promises and watches: since when it is ill, or well again.
CREATE TABLE trouble (
    cause TEXT PRIMARY KEY,
    body TEXT NOT NULL
);
