-- What is true about the signatures of every file, and what they were judged by: certificates and
-- revocation data are kept with the document (TT 41/2017/TT-BTTTT art. 9.1), equal ones once.
ALTER TABLE attachment ADD COLUMN signatures TEXT NOT NULL DEFAULT '[]';

CREATE TABLE evidence (
    sha256 TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    der {bytes} NOT NULL
);

CREATE TABLE document_evidence (
    document TEXT NOT NULL REFERENCES document (id),
    n INTEGER NOT NULL,
    sha256 TEXT NOT NULL REFERENCES evidence (sha256),
    PRIMARY KEY (document, n)
);
