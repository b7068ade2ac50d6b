-- By when the documents are to be answered that were sent before such days were kept.
INSERT INTO deadline (document, due_on)
SELECT id, json_extract(metadata, '$.due_on') FROM document
WHERE state = 'accepted' AND json_extract(metadata, '$.due_on') IS NOT NULL
ON CONFLICT (document) DO NOTHING;
