-- What waits for its recipient enters few indices, since a document may go to hundreds at once: of
-- those that begin with the recipient the list of all, and the one of what waits. The others hold a
-- delivery from its first move on.
DROP INDEX delivery_document_state;
CREATE INDEX delivery_document_state ON delivery (agency, document_state, position)
    WHERE open = 1 AND state <> 'waiting';
DROP INDEX delivery_of_two;
CREATE INDEX delivery_of_two ON delivery (agency, sender, position) WHERE state <> 'waiting';
DROP INDEX delivery_received_state;
CREATE INDEX delivery_received_state ON delivery (agency, state, position) WHERE state <> 'waiting';

-- In the order in which it is fetched; what lists and boxes choose by stands behind.
DROP INDEX delivery_box;
CREATE INDEX delivery_waiting ON delivery (agency, priority DESC, position, route, open, sender)
    WHERE state IN ('waiting', 'sending');
