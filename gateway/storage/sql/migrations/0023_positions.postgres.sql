-- Places of documents come from a sequence: no two nodes wait for each other to take one. Nodes of
-- the release before count on in their counter meanwhile; it does not reach so far.
CREATE SEQUENCE document_position;
SELECT setval('document_position', MAX(position) + 1000000) FROM document HAVING COUNT(*) > 0;
