-- Facts that statistics count: what the audit records tell, kept so that it can be summed up.
-- Nothing here is of its own: it can be thrown away and told anew from the records.
CREATE TABLE statistic (
    document TEXT NOT NULL,
    recipient TEXT NOT NULL,
    event TEXT NOT NULL,
    day TEXT NOT NULL,
    legal_day TEXT NOT NULL,
    hour TEXT NOT NULL,
    sender TEXT NOT NULL,
    type TEXT NOT NULL,
    priority TEXT NOT NULL,
    business TEXT NOT NULL,
    legal_value TEXT NOT NULL,
    paper INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    seconds BIGINT,
    in_time INTEGER,
    PRIMARY KEY (document, recipient, event)
);
CREATE INDEX statistic_day ON statistic (day);
CREATE INDEX statistic_legal_day ON statistic (legal_day);

-- How far each chain has been read into the facts.
CREATE TABLE statistic_mark (
    chain TEXT PRIMARY KEY,
    seq BIGINT NOT NULL
);
