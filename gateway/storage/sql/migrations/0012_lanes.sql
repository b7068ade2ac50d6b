-- A job that has trouble of its own goes alone and waits by its own pause, not by its lane's.
ALTER TABLE job ADD COLUMN lone INTEGER NOT NULL DEFAULT 0;

-- Whether nobody answered at a destination: then whatever is heard from there ends its pause.
ALTER TABLE destination ADD COLUMN unreachable INTEGER NOT NULL DEFAULT 0;
