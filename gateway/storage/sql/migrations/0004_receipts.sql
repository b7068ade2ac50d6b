-- What receipts are to say, from the commit that it tells of until it is signed. A place is never
-- used twice: whoever signs knows by the oldest place whether somebody else was quicker.
CREATE TABLE attestation (
    seq {identity},
    id TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    code TEXT,
    owner TEXT NOT NULL,
    recipient TEXT,
    event TEXT NOT NULL,
    at TEXT NOT NULL,
    legal_at TEXT NOT NULL,
    kind TEXT NOT NULL,
    job TEXT,
    lane TEXT,
    payload TEXT NOT NULL
);

-- Time stamps, each over a run of receipts of the feed; the runs follow one another without a gap.
CREATE TABLE stamp (
    last BIGINT PRIMARY KEY,
    first BIGINT NOT NULL,
    root TEXT NOT NULL,
    token {bytes} NOT NULL,
    at TEXT NOT NULL
);
