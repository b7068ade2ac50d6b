-- Facts that statistics count, and sums of those that lie back, in tables of their own beside those
-- of migrations 0015 and 0021: a node of the earlier release that still runs counts on in the old
-- ones, which are empty from now on and go with a later release. Nothing here is of its own: all of
-- it is told anew from the audit records.
DELETE FROM statistic_sum;
DELETE FROM statistic;
DELETE FROM statistic_mark;

-- Summed is 0 for facts that are not in the sums, 1 for those in them, 2 for those about to go in,
-- within one transaction only. In_time of an arrival is 0 while it is not accepted.
CREATE TABLE fact (
    document TEXT NOT NULL,
    recipient TEXT NOT NULL,
    event TEXT NOT NULL,
    number INTEGER NOT NULL,
    day TEXT NOT NULL,
    legal_day TEXT NOT NULL,
    hour TEXT NOT NULL,
    sender TEXT NOT NULL,
    account TEXT NOT NULL,
    type TEXT NOT NULL,
    priority TEXT NOT NULL,
    business TEXT NOT NULL,
    legal_value TEXT NOT NULL,
    signed TEXT NOT NULL,
    paper INTEGER NOT NULL,
    way TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    seconds BIGINT,
    in_time INTEGER,
    summed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (document, recipient, event, number)
);
CREATE INDEX fact_day ON fact (day);
CREATE INDEX fact_legal_day ON fact (legal_day);
CREATE INDEX fact_loose ON fact (day) WHERE summed = 0;
CREATE INDEX fact_loose_legal ON fact (legal_day) WHERE summed = 0;
CREATE INDEX fact_moving ON fact (summed) WHERE summed = 2;

-- How far each chain has been read into the facts.
CREATE TABLE fact_mark (
    chain TEXT PRIMARY KEY,
    seq BIGINT NOT NULL
);

-- Facts alike in what a view tells apart (see the code): how many, and how often it took how many
-- seconds, as JSON. What a view does not tell apart is ''. Cell is all of it, as one text.
CREATE TABLE fact_sum (
    view TEXT NOT NULL,
    cell TEXT NOT NULL,
    agency TEXT NOT NULL,
    legal_day TEXT NOT NULL,
    day TEXT NOT NULL,
    direction TEXT NOT NULL,
    counterpart TEXT NOT NULL,
    own TEXT NOT NULL,
    account TEXT NOT NULL,
    hour TEXT NOT NULL,
    type TEXT NOT NULL,
    priority TEXT NOT NULL,
    business TEXT NOT NULL,
    legal_value TEXT NOT NULL,
    paper TEXT NOT NULL,
    signed TEXT NOT NULL,
    way TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    event TEXT NOT NULL,
    in_time INTEGER NOT NULL,
    amount BIGINT NOT NULL,
    spent TEXT NOT NULL,
    PRIMARY KEY (view, cell)
){by_key};
CREATE INDEX fact_sum_agency ON fact_sum (agency, view, legal_day) WHERE agency <> '';
