-- What is true about the signatures of a posted message itself; those of its files stand with them.
ALTER TABLE document ADD COLUMN message_signatures TEXT NOT NULL DEFAULT '[]';
