-- Sums of facts that lie back: a year of a million documents is answered from them and from the
-- facts that are not in them yet. Nothing here is of its own either.

-- 0: not in the sums, 1: in them, 2: about to go in or out, within one transaction only.
ALTER TABLE statistic ADD COLUMN summed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX statistic_loose ON statistic (day) WHERE summed = 0;
CREATE INDEX statistic_loose_legal ON statistic (legal_day) WHERE summed = 0;
CREATE INDEX statistic_moving ON statistic (summed) WHERE summed = 2;

-- Facts alike in what a view tells apart; '' and -1 where it does not, or where there is nothing.
-- Days are years, months or days, as long as the view says. Seconds are rounded to 2 percent.
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
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    event TEXT NOT NULL,
    in_time INTEGER NOT NULL,
    seconds BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (view, legal_day, day, direction, agency, counterpart, own, hour, type, priority,
        business, legal_value, paper, state, reason, event, in_time, seconds)
);
CREATE INDEX statistic_sum_day ON statistic_sum (view, day);

-- What is summed up: span is the length of its days, 4, 7 or 10 letters; sided tells agencies and
-- directions apart, timed keeps intervals; each of the others tells its columns apart.
CREATE VIEW statistic_view AS
    SELECT 'year' AS name, 4 AS span, 'out' AS direction, 0 AS sided, 1 AS timed, 0 AS parties,
        0 AS types, 0 AS forms, 0 AS course, 0 AS hours
    UNION ALL SELECT 'month', 7, 'out', 0, 1, 0, 0, 0, 0, 0
    UNION ALL SELECT 'day', 10, 'out', 0, 1, 0, 0, 0, 0, 0
    UNION ALL SELECT 'hour', 10, 'out', 0, 0, 0, 0, 0, 0, 1
    UNION ALL SELECT 'type-year', 4, 'out', 0, 1, 0, 1, 0, 0, 0
    UNION ALL SELECT 'type-month', 7, 'out', 0, 1, 0, 1, 0, 0, 0
    UNION ALL SELECT 'form-year', 4, 'out', 0, 1, 0, 0, 1, 0, 0
    UNION ALL SELECT 'form-month', 7, 'out', 0, 1, 0, 0, 1, 0, 0
    UNION ALL SELECT 'course-year', 4, 'out', 0, 1, 0, 0, 0, 1, 0
    UNION ALL SELECT 'course-month', 7, 'out', 0, 1, 0, 0, 0, 1, 0
    UNION ALL SELECT 'agency-year', 4, 'out', 1, 1, 0, 0, 0, 0, 0
    UNION ALL SELECT 'agency-year', 4, 'in', 1, 1, 0, 0, 0, 0, 0
    UNION ALL SELECT 'agency-month', 7, 'out', 1, 1, 0, 0, 0, 0, 0
    UNION ALL SELECT 'agency-month', 7, 'in', 1, 1, 0, 0, 0, 0, 0
    UNION ALL SELECT 'parties-year', 4, 'out', 1, 1, 1, 0, 0, 0, 0
    UNION ALL SELECT 'parties-year', 4, 'in', 1, 1, 1, 0, 0, 0, 0
    UNION ALL SELECT 'agency-type-year', 4, 'out', 1, 1, 0, 1, 0, 0, 0
    UNION ALL SELECT 'agency-type-year', 4, 'in', 1, 1, 0, 1, 0, 0, 0
    UNION ALL SELECT 'agency-form-year', 4, 'out', 1, 1, 0, 0, 1, 0, 0
    UNION ALL SELECT 'agency-form-year', 4, 'in', 1, 1, 0, 0, 1, 0, 0
    UNION ALL SELECT 'agency-course-year', 4, 'out', 1, 1, 0, 0, 0, 1, 0
    UNION ALL SELECT 'agency-course-year', 4, 'in', 1, 1, 0, 0, 0, 1, 0;

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
