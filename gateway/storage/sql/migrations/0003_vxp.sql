-- What the VXP door keeps beside documents: codes of systems, status messages that wait for them,
-- transport states, and the hops that a document came by.

CREATE TABLE vxp_code (
    client TEXT NOT NULL,
    code TEXT NOT NULL,
    written TEXT NOT NULL,
    registered INTEGER NOT NULL,
    deleted INTEGER NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (client, code)
);
CREATE INDEX vxp_code_holders ON vxp_code (code, client);

CREATE TABLE vxp_status (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    sender TEXT NOT NULL,
    written TEXT NOT NULL,
    document TEXT,
    receipt TEXT,
    digest TEXT,
    body {bytes},
    state TEXT NOT NULL,
    note TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX vxp_status_box ON vxp_status (owner, created_at, id)
    WHERE state IN ('inbox', 'processing');
CREATE INDEX vxp_status_sent ON vxp_status (sender, created_at);
CREATE INDEX vxp_status_document ON vxp_status (document);
CREATE UNIQUE INDEX vxp_status_repeat ON vxp_status (sender, digest) WHERE digest IS NOT NULL;

CREATE TABLE vxp_delivery (
    delivery TEXT PRIMARY KEY,
    agency TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT,
    updated_at TEXT NOT NULL
);
-- What was fetched and not settled: it stays in the list of its system.
CREATE INDEX vxp_delivery_open ON vxp_delivery (agency, delivery)
    WHERE state IN ('inbox', 'processing');

CREATE TABLE hop (
    document TEXT PRIMARY KEY,
    trace TEXT NOT NULL
);

-- What each axis was told of our agencies, by digest.
CREATE TABLE announced (
    lane TEXT NOT NULL,
    code TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (lane, code)
);
