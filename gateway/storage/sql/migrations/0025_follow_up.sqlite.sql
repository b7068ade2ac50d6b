-- Until when a recipient is to answer: what the sender asks for, or what its unit was given.
ALTER TABLE delivery ADD COLUMN due_on TEXT;
UPDATE delivery SET due_on = (
    SELECT json_extract(d.metadata, '$.due_on') FROM document d WHERE d.id = delivery.document)
WHERE state NOT IN ('refused', 'done', 'cancelled', 'recalled');

-- What an agency follows up, by the day until which it is due: what is to be answered and was not
-- refused or finished, and what was assigned; without a day it comes last.
CREATE INDEX delivery_followed ON delivery (agency, COALESCE(due_on, '9999-12-31'), position)
    WHERE open = 1 AND (state IN ('assigned', 'in-progress') OR (due_on IS NOT NULL
        AND state IN ('waiting', 'sending', 'handed-over', 'arrived', 'accepted')));

-- What updates or replaces a document is found from it.
CREATE INDEX document_replaces ON document (replaces, position) WHERE replaces IS NOT NULL;
