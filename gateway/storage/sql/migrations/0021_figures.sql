-- Sums of facts that lie back: a year of a million documents is answered from them and from the
-- facts that are not in them yet. Nothing here is of its own either.

-- Facts have more to tell: the records are read anew. Number tells uses of one thing apart; signed,
-- way and account are '' where the record does not tell. Summed is 0 for facts that are not in the
-- sums, 1 for those in them, 2 for those about to go in or out, within one transaction only.
DROP TABLE statistic;
DELETE FROM statistic_mark;
CREATE TABLE statistic (
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
CREATE INDEX statistic_day ON statistic (day);
CREATE INDEX statistic_legal_day ON statistic (legal_day);
CREATE INDEX statistic_loose ON statistic (day) WHERE summed = 0;
CREATE INDEX statistic_loose_legal ON statistic (legal_day) WHERE summed = 0;
CREATE INDEX statistic_moving ON statistic (summed) WHERE summed = 2;

-- Facts alike in what a view tells apart; '' and -1 where it does not, or where there is nothing.
-- Days are years, months or days, as long as the view says. Seconds, rounded, are told
-- by rows of their own.
CREATE TABLE statistic_sum (
    view TEXT NOT NULL,
    legal_day TEXT NOT NULL,
    day TEXT NOT NULL,
    direction TEXT NOT NULL,
    agency TEXT NOT NULL,
    counterpart TEXT NOT NULL,
    own INTEGER NOT NULL,
    hour TEXT NOT NULL,
    type TEXT NOT NULL,
    priority TEXT NOT NULL,
    business TEXT NOT NULL,
    legal_value TEXT NOT NULL,
    paper INTEGER NOT NULL,
    signed TEXT NOT NULL,
    way TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    event TEXT NOT NULL,
    in_time INTEGER NOT NULL,
    seconds BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (view, legal_day, day, direction, agency, counterpart, own, hour, type, priority,
        business, legal_value, paper, signed, way, state, reason, event, in_time, seconds)
){by_key};

-- What is summed up: span is the length of its days, 4, 7 or 10 letters; sided tells agencies and
-- directions apart, timed keeps intervals, legal tells them by legal value; each of the others
-- tells its columns apart.
CREATE VIEW statistic_view AS
    SELECT 'year' AS name, 4 AS span, 'out' AS direction, 0 AS sided, 1 AS timed, 1 AS legal,
        0 AS parties, 0 AS types, 0 AS forms, 0 AS course, 0 AS hours
    UNION ALL SELECT 'month', 7, 'out', 0, 1, 1, 0, 0, 0, 0, 0
    UNION ALL SELECT 'day', 10, 'out', 0, 1, 1, 0, 0, 0, 0, 0
    UNION ALL SELECT 'hour', 10, 'out', 0, 0, 1, 0, 0, 0, 0, 1
    UNION ALL SELECT 'type-month', 7, 'out', 0, 1, 1, 0, 1, 0, 0, 0
    UNION ALL SELECT 'form-month', 7, 'out', 0, 1, 1, 0, 0, 1, 0, 0
    UNION ALL SELECT 'course-month', 7, 'out', 0, 1, 1, 0, 0, 0, 1, 0
    UNION ALL SELECT 'agency-year', 4, 'out', 1, 1, 0, 0, 0, 0, 0, 0
    UNION ALL SELECT 'agency-year', 4, 'in', 1, 1, 0, 0, 0, 0, 0, 0
    UNION ALL SELECT 'agency-month', 7, 'out', 1, 1, 0, 0, 0, 0, 0, 0
    UNION ALL SELECT 'agency-month', 7, 'in', 1, 1, 0, 0, 0, 0, 0, 0
    UNION ALL SELECT 'parties-year', 4, 'out', 1, 1, 0, 1, 0, 0, 0, 0
    UNION ALL SELECT 'parties-year', 4, 'in', 1, 1, 0, 1, 0, 0, 0, 0
    UNION ALL SELECT 'agency-type-year', 4, 'out', 1, 1, 0, 0, 1, 0, 0, 0
    UNION ALL SELECT 'agency-type-year', 4, 'in', 1, 1, 0, 0, 1, 0, 0, 0
    UNION ALL SELECT 'agency-course-year', 4, 'out', 1, 1, 0, 0, 0, 0, 1, 0
    UNION ALL SELECT 'agency-course-year', 4, 'in', 1, 1, 0, 0, 0, 0, 1, 0;

-- Where facts count: a row for every view and side to be counted, and one for the time it took,
-- rounded to a sixteenth of the power of two below.
CREATE VIEW statistic_cell AS
SELECT f.summed, v.name AS view, SUBSTR(f.legal_day, 1, v.span) AS legal_day,
    SUBSTR(f.day, 1, v.span) AS day, v.direction,
    CASE WHEN v.sided = 0 THEN '' WHEN v.direction = 'out' THEN f.sender ELSE f.recipient END AS agency,
    CASE WHEN v.parties = 0 THEN '' WHEN v.direction = 'out' THEN f.recipient ELSE f.sender END AS counterpart,
    CASE WHEN v.sided = 1 AND f.sender = f.recipient THEN 1 ELSE 0 END AS own,
    CASE WHEN v.hours = 1 THEN f.hour ELSE '' END AS hour,
    CASE WHEN v.types = 1 THEN f.type ELSE '' END AS type,
    CASE WHEN v.forms = 1 THEN f.priority ELSE '' END AS priority,
    CASE WHEN v.forms = 1 THEN f.business ELSE '' END AS business,
    CASE WHEN w.times = 0 OR v.legal = 1 THEN f.legal_value ELSE '' END AS legal_value,
    CASE WHEN v.forms = 1 THEN f.paper ELSE -1 END AS paper,
    CASE WHEN v.forms = 1 THEN f.signed ELSE '' END AS signed,
    CASE WHEN v.course = 1 THEN f.way ELSE '' END AS way,
    CASE WHEN v.course = 1 THEN f.state ELSE '' END AS state,
    CASE WHEN v.course = 1 THEN f.reason ELSE '' END AS reason,
    f.event,
    CASE WHEN w.times = 0 THEN COALESCE(f.in_time, -1) ELSE -1 END AS in_time,
    CASE WHEN w.times = 0 THEN -1
        WHEN f.seconds < 64 THEN f.seconds
        WHEN f.seconds < 128 THEN f.seconds - f.seconds % 4 + 2
        WHEN f.seconds < 256 THEN f.seconds - f.seconds % 8 + 4
        WHEN f.seconds < 512 THEN f.seconds - f.seconds % 16 + 8
        WHEN f.seconds < 1024 THEN f.seconds - f.seconds % 32 + 16
        WHEN f.seconds < 2048 THEN f.seconds - f.seconds % 64 + 32
        WHEN f.seconds < 4096 THEN f.seconds - f.seconds % 128 + 64
        WHEN f.seconds < 8192 THEN f.seconds - f.seconds % 256 + 128
        WHEN f.seconds < 16384 THEN f.seconds - f.seconds % 512 + 256
        WHEN f.seconds < 32768 THEN f.seconds - f.seconds % 1024 + 512
        WHEN f.seconds < 65536 THEN f.seconds - f.seconds % 2048 + 1024
        WHEN f.seconds < 131072 THEN f.seconds - f.seconds % 4096 + 2048
        WHEN f.seconds < 262144 THEN f.seconds - f.seconds % 8192 + 4096
        WHEN f.seconds < 524288 THEN f.seconds - f.seconds % 16384 + 8192
        WHEN f.seconds < 1048576 THEN f.seconds - f.seconds % 32768 + 16384
        ELSE f.seconds - f.seconds % 65536 + 32768 END AS seconds
    FROM statistic f CROSS JOIN statistic_view v
        CROSS JOIN (SELECT 0 AS times UNION ALL SELECT 1) w
    WHERE (v.direction = 'out' OR f.recipient <> '')
        AND (w.times = 0 OR (v.timed = 1 AND f.seconds IS NOT NULL));

-- Standing reports: a period is claimed by who makes it, and made once.
CREATE TABLE report (
    period TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    last_day TEXT NOT NULL,
    owner TEXT NOT NULL,
    claimed_at TEXT NOT NULL,
    made_at TEXT
);
CREATE INDEX report_kind ON report (kind, last_day);
