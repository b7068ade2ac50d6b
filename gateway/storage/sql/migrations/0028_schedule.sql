-- What a schedule asks for is done once a period, by whichever node or process claims it first. A claim
-- that is not renewed runs out, and another takes over.
CREATE TABLE schedule (
    name TEXT NOT NULL,
    period BIGINT NOT NULL,
    owner TEXT NOT NULL,
    claimed_until TEXT NOT NULL,
    done_at TEXT,
    PRIMARY KEY (name, period)
){by_key};
