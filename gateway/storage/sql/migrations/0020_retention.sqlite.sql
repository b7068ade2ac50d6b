-- Content that was removed: when, by which rule and whose decision, as JSON; null while it is there.
ALTER TABLE document ADD COLUMN removal TEXT;
CREATE INDEX document_content ON document (position) WHERE removal IS NULL;

-- Stretches of the audit chain that lie in signed files outside the database.
CREATE TABLE audit_segment (
    chain TEXT NOT NULL,
    last BIGINT NOT NULL,
    first BIGINT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    file TEXT NOT NULL,
    jws TEXT NOT NULL,
    PRIMARY KEY (chain, last)
);

-- What histories and figures still read of records that lie there.
CREATE TABLE audit_kept (
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (chain, seq)
);
CREATE INDEX audit_kept_object ON audit_kept (object, chain, seq);

-- A record may go once its segment is on record; a segment, and what is kept of it, never.
DROP TRIGGER audit_record_is_not_removed;
CREATE TRIGGER audit_record_is_not_removed BEFORE DELETE ON audit_record
WHEN NOT EXISTS (
    SELECT 1 FROM audit_segment s
    WHERE s.chain = OLD.chain AND s.last >= OLD.seq AND s.first <= OLD.seq)
BEGIN
    SELECT RAISE(ABORT, 'audit_record is append-only');
END;
CREATE TRIGGER audit_segment_is_not_changed BEFORE UPDATE ON audit_segment
BEGIN
    SELECT RAISE(ABORT, 'audit_segment is append-only');
END;
CREATE TRIGGER audit_segment_is_not_removed BEFORE DELETE ON audit_segment
BEGIN
    SELECT RAISE(ABORT, 'audit_segment is append-only');
END;
CREATE TRIGGER audit_kept_is_not_changed BEFORE UPDATE ON audit_kept
BEGIN
    SELECT RAISE(ABORT, 'audit_kept is append-only');
END;
CREATE TRIGGER audit_kept_is_not_removed BEFORE DELETE ON audit_kept
BEGIN
    SELECT RAISE(ABORT, 'audit_kept is append-only');
END;
-- Nor does anything take the place of one: REPLACE fires no trigger of removal.
CREATE TRIGGER audit_record_is_not_replaced BEFORE INSERT ON audit_record
WHEN EXISTS (SELECT 1 FROM audit_record r WHERE r.chain = NEW.chain AND r.seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'audit_record is append-only');
END;
CREATE TRIGGER audit_segment_is_not_replaced BEFORE INSERT ON audit_segment
WHEN EXISTS (SELECT 1 FROM audit_segment s WHERE s.chain = NEW.chain AND s.last = NEW.last)
BEGIN
    SELECT RAISE(ABORT, 'audit_segment is append-only');
END;
CREATE TRIGGER audit_kept_is_not_replaced BEFORE INSERT ON audit_kept
WHEN EXISTS (SELECT 1 FROM audit_kept k WHERE k.chain = NEW.chain AND k.seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'audit_kept is append-only');
END;
