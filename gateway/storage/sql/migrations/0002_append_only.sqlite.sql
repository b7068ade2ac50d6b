-- The database itself refuses to change or remove an audit record.
CREATE TRIGGER audit_record_is_not_changed BEFORE UPDATE ON audit_record
BEGIN
    SELECT RAISE(ABORT, 'audit_record is append-only');
END;
CREATE TRIGGER audit_record_is_not_removed BEFORE DELETE ON audit_record
BEGIN
    SELECT RAISE(ABORT, 'audit_record is append-only');
END;
