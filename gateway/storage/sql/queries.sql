-- Every statement of the gateway. A name, one line of purpose, then the statement.
-- Where engines differ, the variant stands beside its twin: `-- name: x [postgres]`.

-- name: agency
-- One agency as JSON.
SELECT body FROM agency WHERE code = :code;

-- name: agencies
-- Every agency as JSON.
SELECT body FROM agency ORDER BY code;

-- name: put_agency
-- Insert or overwrite an agency.
INSERT INTO agency (code, parent, successor, body)
VALUES (:code, :parent, :successor, :body)
ON CONFLICT (code) DO UPDATE SET parent = excluded.parent, successor = excluded.successor, body = excluded.body;

-- name: setting
-- A value by name.
SELECT value FROM setting WHERE name = :name;

-- name: put_setting
-- Insert or overwrite a value.
INSERT INTO setting (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: add_client
-- A new credential.
INSERT INTO client (id, agency, name, role, token_hash, systemid, secret, created_at, revoked_at, decision)
VALUES (:id, :agency, :name, :role, :token_hash, :systemid, :secret, :created_at, :revoked_at, :decision);

-- name: save_client
-- Overwrite a credential.
UPDATE client
SET name = :name, token_hash = :token_hash, systemid = :systemid, secret = :secret,
    revoked_at = :revoked_at, decision = :decision
WHERE id = :id;

-- name: client
-- A credential by id.
SELECT id, agency, name, role, token_hash, systemid, secret, created_at, revoked_at, decision
FROM client WHERE id = :id;

-- name: client_by_token
-- A credential by the hash of its token.
SELECT id, agency, name, role, token_hash, systemid, secret, created_at, revoked_at, decision
FROM client WHERE token_hash = :token_hash;

-- name: clients
-- Every credential.
SELECT id, agency, name, role, token_hash, systemid, secret, created_at, revoked_at, decision
FROM client ORDER BY created_at, id;

-- name: account
-- One account.
SELECT body, version FROM account WHERE user_name = :user_name;

-- name: accounts
-- Every account; there are as many as people.
SELECT body, version FROM account ORDER BY user_name;

-- name: add_account
-- A new account.
INSERT INTO account (user_name, agency, state, body, version)
VALUES (:user_name, :agency, :state, :body, :version);

-- name: save_account
-- Change an account that nobody else has changed meanwhile.
UPDATE account
SET agency = :agency, state = :state, body = :body, version = version + 1
WHERE user_name = :user_name AND version = :version;

-- name: add_account_notice
-- Something that a person must be told.
INSERT INTO account_notice (user_name, at, kind, body)
VALUES (:user_name, :at, :kind, :body);

-- name: account_notices
-- What a person was not told yet, newest first.
SELECT seq, user_name, at, kind, body, read_at FROM account_notice
WHERE user_name = :user_name AND read_at IS NULL
ORDER BY seq DESC
LIMIT :limit;

-- name: read_account_notices
-- A person has read notices.
UPDATE account_notice SET read_at = :at
WHERE user_name = :user_name AND seq <= :upto AND read_at IS NULL;

-- name: add_session
-- A person signs in.
INSERT INTO session (id, user_name, stage, created_at, seen_at, address, agent)
VALUES (:id, :user_name, :stage, :created_at, :seen_at, :address, :agent);

-- name: save_session
-- A session was seen, or came a stage further.
UPDATE session SET stage = :stage, seen_at = :seen_at, address = :address WHERE id = :id;

-- name: session
-- One session.
SELECT id, user_name, stage, created_at, seen_at, address, agent FROM session WHERE id = :id;

-- name: sessions_of
-- The sessions of a person, newest first.
SELECT id, user_name, stage, created_at, seen_at, address, agent FROM session
WHERE user_name = :user_name
ORDER BY created_at DESC, id
LIMIT 100;

-- name: end_session
-- A session ends.
DELETE FROM session WHERE id = :id;

-- name: end_sessions
-- All sessions of a person end but one.
DELETE FROM session WHERE user_name = :user_name AND id <> :but;

-- name: purge_sessions
-- Sessions that ran out.
DELETE FROM session WHERE seen_at < :seen OR created_at < :created;

-- name: add_reminder
-- Something that an agency is reminded of, once.
INSERT INTO reminder (agency, kind, document, code, recipient, note, at)
VALUES (:agency, :kind, :document, :code, :recipient, :note, :at)
ON CONFLICT (document, kind, agency, recipient) DO NOTHING;

-- name: reminder_known
-- Whether such a reminder was given before.
SELECT 1 FROM reminder
WHERE document = :document AND kind = :kind AND agency = :agency AND recipient = :recipient;

-- name: agency_reminders_after
-- What an agency is reminded of after a place, oldest first.
SELECT seq, agency, kind, document, code, recipient, note, at FROM reminder
WHERE agency = :agency AND settled_at IS NULL AND seq > :seq ORDER BY seq LIMIT :limit;

-- name: open_reminders_after
-- What any agency is reminded of after a place, oldest first.
SELECT seq, agency, kind, document, code, recipient, note, at FROM reminder
WHERE settled_at IS NULL AND seq > :seq ORDER BY seq LIMIT :limit;

-- name: settle_reminder
-- Nothing is left to do about a reminder.
UPDATE reminder SET settled_at = :at WHERE seq = :seq AND settled_at IS NULL;

-- name: reminder_counts
-- How many reminders are open, by kind.
SELECT kind, COUNT(*) FROM reminder WHERE settled_at IS NULL GROUP BY kind ORDER BY kind LIMIT 100;

-- name: add_deadline
-- By when a document is to be answered.
INSERT INTO deadline (document, due_on) VALUES (:document, :due_on)
ON CONFLICT (document) DO NOTHING;

-- name: deadlines
-- Documents whose day is over.
SELECT document FROM deadline WHERE due_on < :today ORDER BY due_on, document LIMIT :limit;

-- name: drop_deadline
-- A document is looked at no more.
DELETE FROM deadline WHERE document = :document;

-- name: deliveries_unaccepted
-- What arrived at offices before an instant, was not accepted, and nobody was reminded of.
SELECT v.id, v.document, v.n, v.recipient, v.agency, v.state, v.route, v.lane, v.arrival_number,
    v.received_at, v.legal_received_at, v.updated_at, v.attempts, v.note, v.staff, v.recall,
    v.leased_until, v.version, v.arrival_year, v.due_on
FROM delivery v JOIN document d ON d.id = v.document
WHERE v.state = 'arrived' AND v.legal_received_at < :before AND v.route <> 'axis'
    AND d.business <> 'recall'
    AND NOT EXISTS (
        SELECT 1 FROM reminder r
        WHERE r.document = v.document AND r.kind = 'late-acknowledgement'
            AND r.agency = v.agency AND r.recipient = v.recipient)
ORDER BY v.legal_received_at, v.id LIMIT :limit;

-- name: deliveries_unanswered
-- What offices were asked back before an instant, did not answer, and nobody was reminded of.
SELECT v.id, v.document, v.n, v.recipient, v.agency, v.state, v.route, v.lane, v.arrival_number,
    v.received_at, v.legal_received_at, v.updated_at, v.attempts, v.note, v.staff, v.recall,
    v.leased_until, v.version, v.arrival_year, v.due_on
FROM delivery v
WHERE v.recall = 'requested' AND v.updated_at < :before AND v.route <> 'axis'
    AND NOT EXISTS (
        SELECT 1 FROM reminder r
        WHERE r.document = v.document AND r.kind = 'recall-unanswered'
            AND r.agency = v.agency AND r.recipient = v.recipient)
ORDER BY v.updated_at, v.id LIMIT :limit;

-- name: add_attempt
-- Somebody tries to sign in.
INSERT INTO attempt (address, at) VALUES (:address, :at);

-- name: attempts_of
-- How often an address tried since an instant, and when first.
SELECT COUNT(*), MIN(at) FROM attempt WHERE address = :address AND at > :since;

-- name: purge_attempts
-- Attempts that no longer count.
DELETE FROM attempt WHERE at <= :before;

-- name: add_document
-- A new document.
INSERT INTO document (
    position, id, code, document_id, sender, state, origin, local, business, type, number, notation,
    subject_folded, metadata, legal_value, submitted_at, sent_at, legal_sent_at, sha256, size,
    envelope, frame, digest, findings, replaces, replaced_by, message_signatures, version
)
VALUES (
    :position, :id, :code, :document_id, :sender, :state, :origin, :local, :business, :type, :number, :notation,
    :subject_folded, :metadata, :legal_value, :submitted_at, :sent_at, :legal_sent_at, :sha256, :size,
    :envelope, :frame, :digest, :findings, :replaces, :replaced_by,
    :message_signatures, 0
);

-- name: save_document
-- The columns of a document that change, by compare-and-set.
UPDATE document
SET code = :code, document_id = :document_id, state = :state, number = :number,
    metadata = :metadata, legal_value = :legal_value, sent_at = :sent_at,
    legal_sent_at = :legal_sent_at, sha256 = :sha256, size = :size, frame = :frame,
    findings = :findings, replaces = :replaces, replaced_by = :replaced_by, version = version + 1
WHERE id = :id AND version = :version;

-- name: open_deliveries
-- Show or hide the deliveries of a document (hidden as long as it was not sent).
UPDATE delivery SET open = :open, document_state = :state
WHERE document = :document AND document_state <> :state;

-- name: documents
-- Documents by id (a JSON array).
SELECT position, id, code, document_id, sender, state, origin, local, metadata, legal_value,
    submitted_at, sent_at, legal_sent_at, sha256, size, envelope, frame, digest, findings,
    replaces, replaced_by, version, message_signatures, removal
FROM document WHERE id IN (SELECT value FROM json_each(:ids));

-- name: documents [postgres]
-- Documents by id (a JSON array).
SELECT position, id, code, document_id, sender, state, origin, local, metadata, legal_value,
    submitted_at, sent_at, legal_sent_at, sha256, size, envelope, frame, digest, findings,
    replaces, replaced_by, version, message_signatures, removal
FROM document WHERE id IN (SELECT json_array_elements_text(CAST(:ids AS json)));

-- name: attachments
-- Attachments of documents (a JSON array), in order.
SELECT document, n, name, size, media_type, announced_type, sha256, blob, signatures
FROM attachment WHERE document IN (SELECT value FROM json_each(:ids)) ORDER BY document, n;

-- name: attachments [postgres]
-- Attachments of documents (a JSON array), in order.
SELECT document, n, name, size, media_type, announced_type, sha256, blob, signatures
FROM attachment WHERE document IN (SELECT json_array_elements_text(CAST(:ids AS json)))
ORDER BY document, n;

-- name: deliveries
-- Deliveries of documents (a JSON array), in order.
SELECT id, document, n, recipient, agency, state, route, lane, arrival_number, received_at,
    legal_received_at, updated_at, attempts, note, staff, recall, leased_until, version,
    arrival_year, due_on
FROM delivery WHERE document IN (SELECT value FROM json_each(:ids)) ORDER BY document, n;

-- name: deliveries [postgres]
-- Deliveries of documents (a JSON array), in order.
SELECT id, document, n, recipient, agency, state, route, lane, arrival_number, received_at,
    legal_received_at, updated_at, attempts, note, staff, recall, leased_until, version,
    arrival_year, due_on
FROM delivery WHERE document IN (SELECT json_array_elements_text(CAST(:ids AS json)))
ORDER BY document, n;

-- name: document_by_code
-- The id of a document by its code.
SELECT id FROM document WHERE code = :code;

-- name: document_by_identifier
-- The id of the standing new document of a sender by the sender's identifier.
SELECT id FROM document
WHERE sender = :sender AND document_id = :document_id AND business = 'new' AND state <> 'refused'
ORDER BY CASE WHEN envelope IS NULL THEN 1 ELSE 0 END, position LIMIT 1;

-- name: documents_identified
-- Ids of whatever a sender sent under an identifier, newest first.
SELECT id FROM document
WHERE sender = :sender AND document_id = :document_id
ORDER BY position DESC LIMIT 20;

-- name: add_early_recall
-- A recall of a document that is not here yet.
INSERT INTO early_recall (sender, document_id, recipient, note, at)
VALUES (:sender, :document_id, :recipient, :note, :at)
ON CONFLICT (sender, document_id, recipient) DO NOTHING;

-- name: early_recalls
-- Recalls that came before their document.
SELECT recipient, note FROM early_recall
WHERE sender = :sender AND document_id = :document_id ORDER BY recipient LIMIT 10000;

-- name: drop_early_recall
-- Forget the recall of a document that came.
DELETE FROM early_recall
WHERE sender = :sender AND document_id = :document_id AND recipient = :recipient;

-- name: purge_early_recalls
-- Forget recalls of documents that never came.
DELETE FROM early_recall WHERE at < :before;

-- name: documents_with_content
-- What has content and was submitted before an instant, in the order of storing.
SELECT d.position, d.id, d.state, d.type, d.submitted_at,
    (SELECT MAX(v.updated_at) FROM delivery v WHERE v.document = d.id)
FROM document d
WHERE d.position > :after AND d.removal IS NULL AND d.submitted_at < :before
ORDER BY d.position LIMIT :limit;

-- name: forget_files
-- The files of a document are to be removed.
INSERT INTO erasure (key)
SELECT f.key FROM (
    SELECT blob AS key FROM attachment WHERE document = :document AND blob <> ''
    UNION
    SELECT envelope FROM document WHERE id = :document AND envelope IS NOT NULL
) f
WHERE f.key IS NOT NULL
ON CONFLICT DO NOTHING;

-- name: forget_blobs
-- The files of a document are no longer here; what they were called and their digests stay.
UPDATE attachment SET blob = '' WHERE document = :document;

-- name: forget_message
-- A document has no message any more; its version rises, so that nobody writes it back.
UPDATE document SET envelope = NULL, frame = NULL, removal = :removal, version = version + 1
WHERE id = :document;

-- name: drop_attachments
-- Others come in the place of a document's files.
DELETE FROM attachment WHERE document = :document;

-- name: regain_envelope
-- A document that let go of its message has one again.
UPDATE document SET envelope = :envelope, removal = NULL
WHERE id = :document AND envelope IS NULL;

-- name: files_to_erase
-- Files that are to be removed.
SELECT key FROM erasure ORDER BY key LIMIT :limit;

-- name: erased
-- A file was removed.
DELETE FROM erasure WHERE key = :key;

-- name: documents_by_notation
-- Ids of a sender's documents by number and notation, newest first.
SELECT id FROM document
WHERE sender = :sender AND number = :number AND notation = :notation
ORDER BY position DESC LIMIT 10;

-- name: documents_received
-- Ids of what an agency received under a number and notation, whoever sent it, newest first.
SELECT d.id FROM document d JOIN delivery v ON v.document = d.id
WHERE d.number = :number AND d.notation = :notation AND v.agency || '' = :agency AND +v.open = 1
ORDER BY d.position DESC LIMIT 10;

-- name: list_out
-- A page of what an agency sent, newest first.
SELECT d.id, d.position FROM document d
WHERE d.sender = :agency AND d.position < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
ORDER BY d.position DESC LIMIT :limit;

-- name: list_out_state
-- The same of one state; its own index serves it.
SELECT d.id, d.position FROM document d
WHERE d.sender = :agency AND d.state = :state AND d.position < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
ORDER BY d.position DESC LIMIT :limit;

-- name: list_out_with
-- The same, sent to one agency and not waiting for it any more.
SELECT DISTINCT d.id, v.position FROM delivery v JOIN document d ON d.id = v.document
WHERE v.agency = :counterpart AND v.sender = :agency AND v.state <> 'waiting'
    AND v.position < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
    AND (:state IS NULL OR d.state = :state)
    AND (:at IS NULL OR EXISTS (
        SELECT 1 FROM delivery x WHERE x.document = d.id AND x.state = :at))
ORDER BY v.position DESC LIMIT :limit;

-- name: list_out_waiting
-- The same, of one priority, that waits for one agency. (What is put behind a sender keeps the
-- column out of the choice of an index: that of what waits serves.)
SELECT d.id, v.position FROM delivery v JOIN document d ON d.id = v.document
WHERE v.agency = :counterpart AND v.priority = :priority AND v.state IN ('waiting', 'sending')
    AND v.state = 'waiting' AND v.sender || '' = :agency AND v.position < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
    AND (:state IS NULL OR d.state = :state)
ORDER BY v.position DESC LIMIT :limit;

-- name: list_out_at
-- The same, of which some delivery is in one state.
SELECT DISTINCT d.id, v.position FROM delivery v JOIN document d ON d.id = v.document
WHERE v.sender = :agency AND v.state = :at AND v.position < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
    AND (:state IS NULL OR d.state = :state)
    AND (:counterpart IS NULL OR EXISTS (
        SELECT 1 FROM delivery y WHERE y.document = d.id AND y.agency || '' = :counterpart))
ORDER BY v.position DESC LIMIT :limit;

-- name: list_out_words
-- The same, in which words stand.
SELECT d.id, d.position
FROM document_words w CROSS JOIN document d ON d.position = w.rowid
WHERE w.document_words MATCH :match AND w.rowid < :before AND d.sender = :agency
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
    AND (:state IS NULL OR d.state = :state)
    AND (:at IS NULL OR EXISTS (
        SELECT 1 FROM delivery x WHERE x.document = d.id AND x.state = :at))
    AND (:counterpart IS NULL OR EXISTS (
        SELECT 1 FROM delivery y WHERE y.document = d.id AND y.agency || '' = :counterpart))
ORDER BY w.rowid DESC LIMIT :limit;

-- name: list_out_words [postgres]
-- The same, in which words stand: among the newest one by one, where frequent words are found soon;
-- only if these are too few, among all others by the index of words, where rare ones are. OFFSET
-- keeps the planner from going through all others in their order instead.
WITH floor AS (
    SELECT COALESCE(MAX(position), 0) AS place FROM (
        SELECT position FROM document_words WHERE position < :before
        ORDER BY position DESC OFFSET :near LIMIT 1) older
)
SELECT id, position FROM (
    (
        SELECT d.id, d.position
        FROM document_words w JOIN document d ON d.position = w.position
        WHERE w.position > (SELECT place FROM floor) AND d.sender = :agency AND d.position < :before
            AND (w.words || CAST('' AS tsvector)) @@ to_tsquery('simple', :asked)
            AND (:type IS NULL OR d.type = :type)
            AND (:since IS NULL OR d.submitted_at >= :since)
            AND (:until IS NULL OR d.submitted_at < :until)
            AND (:state IS NULL OR d.state = :state)
            AND (:at IS NULL OR EXISTS (
                SELECT 1 FROM delivery x WHERE x.document = d.id AND x.state = :at))
            AND (:counterpart IS NULL OR EXISTS (
                SELECT 1 FROM delivery y WHERE y.document = d.id AND y.agency = :counterpart))
        ORDER BY w.position DESC LIMIT :limit
    )
    UNION ALL
    (
        SELECT d.id, d.position
        FROM (
            SELECT position FROM document_words
            WHERE words @@ to_tsquery('simple', :asked) OFFSET 0) w
        CROSS JOIN LATERAL (
            SELECT id, position, sender, type, state, submitted_at FROM document
            WHERE position = w.position OFFSET 0) d
        WHERE w.position <= (SELECT place FROM floor) AND d.sender = :agency AND d.position < :before
            AND (:type IS NULL OR d.type = :type)
            AND (:since IS NULL OR d.submitted_at >= :since)
            AND (:until IS NULL OR d.submitted_at < :until)
            AND (:state IS NULL OR d.state = :state)
            AND (:at IS NULL OR EXISTS (
                SELECT 1 FROM delivery x WHERE x.document = d.id AND x.state = :at))
            AND (:counterpart IS NULL OR EXISTS (
                SELECT 1 FROM delivery y WHERE y.document = d.id AND y.agency = :counterpart))
        ORDER BY w.position DESC LIMIT :limit
    )
) found LIMIT :limit;

-- name: list_in
-- A page of what an agency received, newest first.
SELECT d.id, v.position FROM delivery v JOIN document d ON d.id = v.document
WHERE v.agency = :agency AND v.open = 1 AND v.position < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
ORDER BY v.position DESC LIMIT :limit;

-- name: list_in_state
-- The same of one state of the document, but for what waits; its own index serves it.
SELECT d.id, v.position FROM delivery v JOIN document d ON d.id = v.document
WHERE v.agency = :agency AND v.open = 1 AND v.document_state = :state AND v.state <> 'waiting'
    AND v.position < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
ORDER BY v.position DESC LIMIT :limit;

-- name: list_in_with
-- The same, received from one agency and not waiting any more.
SELECT d.id, v.position FROM delivery v JOIN document d ON d.id = v.document
WHERE v.agency = :agency AND v.sender = :counterpart AND +v.open = 1 AND v.state <> 'waiting'
    AND v.position < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
    AND (:state IS NULL OR v.document_state = :state)
    AND (:at IS NULL OR v.state = :at)
ORDER BY v.position DESC LIMIT :limit;

-- name: list_in_at
-- The same, of which the own delivery is in one state, which is not that it waits.
SELECT d.id, v.position FROM delivery v JOIN document d ON d.id = v.document
WHERE v.agency = :agency AND v.state = :at AND v.state <> 'waiting' AND +v.open = 1
    AND v.position < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
    AND (:state IS NULL OR v.document_state = :state)
    AND (:counterpart IS NULL OR v.sender = :counterpart)
ORDER BY v.position DESC LIMIT :limit;

-- name: list_in_waiting
-- The same, of one priority, that waits for the agency.
SELECT d.id, v.position FROM delivery v JOIN document d ON d.id = v.document
WHERE v.agency = :agency AND v.priority = :priority AND v.state IN ('waiting', 'sending')
    AND v.state = 'waiting' AND +v.open = 1 AND v.position < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
    AND (:state IS NULL OR v.document_state = :state)
    AND (:counterpart IS NULL OR v.sender || '' = :counterpart)
ORDER BY v.position DESC LIMIT :limit;

-- name: list_in_words
-- The same, in which words stand.
SELECT d.id, v.position
FROM document_words w
CROSS JOIN delivery v ON v.agency = :agency AND v.open = 1 AND v.position = w.rowid
CROSS JOIN document d ON d.id = v.document
WHERE w.document_words MATCH :match AND w.rowid < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
    AND (:state IS NULL OR v.document_state = :state)
    AND (:at IS NULL OR v.state = :at)
    AND (:counterpart IS NULL OR v.sender = :counterpart)
ORDER BY w.rowid DESC LIMIT :limit;

-- name: list_in_words [postgres]
-- The same, in which words stand: among the newest one by one, where frequent words are found soon;
-- only if these are too few, among all others by the index of words, where rare ones are. OFFSET
-- keeps the planner from going through all others in their order instead.
WITH floor AS (
    SELECT COALESCE(MAX(position), 0) AS place FROM (
        SELECT position FROM document_words WHERE position < :before
        ORDER BY position DESC OFFSET :near LIMIT 1) older
)
SELECT id, position FROM (
    (
        SELECT d.id, v.position
        FROM document_words w
        JOIN delivery v ON v.agency = :agency AND v.open = 1 AND v.position = w.position
        JOIN document d ON d.id = v.document
        WHERE w.position > (SELECT place FROM floor) AND v.position < :before
            AND (w.words || CAST('' AS tsvector)) @@ to_tsquery('simple', :asked)
            AND (:type IS NULL OR d.type = :type)
            AND (:since IS NULL OR d.submitted_at >= :since)
            AND (:until IS NULL OR d.submitted_at < :until)
            AND (:state IS NULL OR v.document_state = :state)
            AND (:at IS NULL OR v.state = :at)
            AND (:counterpart IS NULL OR v.sender = :counterpart)
        ORDER BY w.position DESC LIMIT :limit
    )
    UNION ALL
    (
        SELECT d.id, v.position
        FROM (
            SELECT position FROM document_words
            WHERE words @@ to_tsquery('simple', :asked) OFFSET 0) w
        CROSS JOIN LATERAL (
            SELECT document, position, sender, state, document_state FROM delivery
            WHERE agency = :agency AND open = 1 AND position = w.position OFFSET 0) v
        JOIN document d ON d.id = v.document
        WHERE w.position <= (SELECT place FROM floor) AND v.position < :before
            AND (:type IS NULL OR d.type = :type)
            AND (:since IS NULL OR d.submitted_at >= :since)
            AND (:until IS NULL OR d.submitted_at < :until)
            AND (:state IS NULL OR v.document_state = :state)
            AND (:at IS NULL OR v.state = :at)
            AND (:counterpart IS NULL OR v.sender = :counterpart)
        ORDER BY w.position DESC LIMIT :limit
    )
) found LIMIT :limit;

-- name: list_in_numbered
-- What an agency entered under an arrival number, of any year, newest first.
SELECT d.id, v.position FROM delivery v JOIN document d ON d.id = v.document
WHERE v.agency = :agency AND v.arrival_number = :arrival_number AND v.open = 1
    AND v.position < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
    AND (:state IS NULL OR v.document_state = :state)
    AND (:at IS NULL OR v.state = :at)
    AND (:counterpart IS NULL OR v.sender = :counterpart)
ORDER BY v.position DESC LIMIT :limit;

-- name: list_all
-- A page of every document, newest first.
SELECT d.id, d.position FROM document d
WHERE d.position < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
    AND (:state IS NULL OR d.state = :state)
    AND (:counterpart IS NULL OR d.sender = :counterpart OR EXISTS (
        SELECT 1 FROM delivery v WHERE v.document = d.id AND v.agency || '' = :counterpart))
ORDER BY d.position DESC LIMIT :limit;

-- name: list_all_words
-- The same, in which words stand.
SELECT d.id, d.position
FROM document_words w CROSS JOIN document d ON d.position = w.rowid
WHERE w.document_words MATCH :match AND w.rowid < :before
    AND (:type IS NULL OR d.type = :type)
    AND (:since IS NULL OR d.submitted_at >= :since)
    AND (:until IS NULL OR d.submitted_at < :until)
    AND (:state IS NULL OR d.state = :state)
    AND (:counterpart IS NULL OR d.sender = :counterpart OR EXISTS (
        SELECT 1 FROM delivery v WHERE v.document = d.id AND v.agency || '' = :counterpart))
ORDER BY w.rowid DESC LIMIT :limit;

-- name: list_all_words [postgres]
-- The same, in which words stand: among the newest one by one, where frequent words are found soon;
-- only if these are too few, among all others by the index of words, where rare ones are. OFFSET
-- keeps the planner from going through all others in their order instead.
WITH floor AS (
    SELECT COALESCE(MAX(position), 0) AS place FROM (
        SELECT position FROM document_words WHERE position < :before
        ORDER BY position DESC OFFSET :near LIMIT 1) older
)
SELECT id, position FROM (
    (
        SELECT d.id, d.position
        FROM document_words w JOIN document d ON d.position = w.position
        WHERE w.position > (SELECT place FROM floor) AND d.position < :before
            AND (w.words || CAST('' AS tsvector)) @@ to_tsquery('simple', :asked)
            AND (:type IS NULL OR d.type = :type)
            AND (:since IS NULL OR d.submitted_at >= :since)
            AND (:until IS NULL OR d.submitted_at < :until)
            AND (:state IS NULL OR d.state = :state)
            AND (:counterpart IS NULL OR d.sender = :counterpart OR EXISTS (
                SELECT 1 FROM delivery v WHERE v.document = d.id AND v.agency = :counterpart))
        ORDER BY w.position DESC LIMIT :limit
    )
    UNION ALL
    (
        SELECT d.id, d.position
        FROM (
            SELECT position FROM document_words
            WHERE words @@ to_tsquery('simple', :asked) OFFSET 0) w
        CROSS JOIN LATERAL (
            SELECT id, position, sender, type, state, submitted_at FROM document
            WHERE position = w.position OFFSET 0) d
        WHERE w.position <= (SELECT place FROM floor) AND d.position < :before
            AND (:type IS NULL OR d.type = :type)
            AND (:since IS NULL OR d.submitted_at >= :since)
            AND (:until IS NULL OR d.submitted_at < :until)
            AND (:state IS NULL OR d.state = :state)
            AND (:counterpart IS NULL OR d.sender = :counterpart OR EXISTS (
                SELECT 1 FROM delivery v WHERE v.document = d.id AND v.agency = :counterpart))
        ORDER BY w.position DESC LIMIT :limit
    )
) found LIMIT :limit;

-- name: list_state
-- A page of every document in one state, newest first; the state's own index serves it.
SELECT d.id, d.position FROM document d
WHERE d.position < :before AND d.state = :state
ORDER BY d.position DESC LIMIT :limit;

-- name: register_in
-- What an agency received in a year, in the order of its arrival numbers.
SELECT d.id, v.arrival_number FROM delivery v JOIN document d ON d.id = v.document
WHERE v.agency = :agency AND v.arrival_year = :year AND v.arrival_number > :after
    AND (:since IS NULL OR v.received_at >= :since)
    AND (:until IS NULL OR v.received_at < :until)
ORDER BY v.arrival_number LIMIT :limit;

-- name: register_out
-- What an agency sent in a period, in the order of sending.
SELECT d.id, d.sent_at FROM document d
WHERE d.sender = :agency AND d.sent_at >= :since AND d.sent_at < :until AND d.sent_at > :after
    AND d.state <> 'refused' AND d.state <> 'held'
ORDER BY d.sent_at, d.position LIMIT :limit;

-- name: documents_following
-- Ids of what a sender sent to update or to replace a document, oldest first.
SELECT id FROM document
WHERE replaces = :named AND sender = :sender
ORDER BY position LIMIT 50;

-- name: add_words
-- The words by which a new document is found.
INSERT INTO document_words (rowid, subject, marks) VALUES (:position, :subject, :marks);

-- name: add_words [postgres]
-- The words by which a new document is found.
INSERT INTO document_words (position, subject, marks) VALUES (:position, :subject, :marks);

-- name: save_words
-- The number and the code of a document that was released.
UPDATE document_words SET marks = :marks WHERE rowid = :position;

-- name: save_words [postgres]
-- The number and the code of a document that was released.
UPDATE document_words SET marks = :marks WHERE position = :position;

-- name: add_attachment
-- One attachment of a new document.
INSERT INTO attachment
    (document, n, name, size, media_type, announced_type, sha256, blob, signatures)
VALUES (:document, :n, :name, :size, :media_type, :announced_type, :sha256, :blob, :signatures);

-- name: add_evidence
-- A certificate or revocation data by which signatures were judged; the same bytes stand once.
INSERT INTO evidence (sha256, kind, der) VALUES (:sha256, :kind, :der)
ON CONFLICT (sha256) DO NOTHING;

-- name: add_document_evidence
-- That a new document was judged by it.
INSERT INTO document_evidence (document, n, sha256) VALUES (:document, :n, :sha256);

-- name: evidence
-- What the signatures of a document were judged by, in the order in which it was used.
SELECT e.kind, e.sha256, e.der
FROM document_evidence d JOIN evidence e ON e.sha256 = d.sha256
WHERE d.document = :document ORDER BY d.n LIMIT 1000;

-- name: recent_certificates
-- Certificates that the newest documents brought, the most recent first.
SELECT e.der
FROM document d
JOIN document_evidence k ON k.document = d.id
JOIN evidence e ON e.sha256 = k.sha256
WHERE d.position > (SELECT MAX(position) FROM document) - :documents AND e.kind = 'certificate'
GROUP BY e.sha256, e.der
ORDER BY MAX(d.position) DESC
LIMIT :limit;

-- name: blob_known
-- Whether a document refers to a blob.
SELECT 1 FROM attachment WHERE document = :document AND blob = :blob
UNION ALL
SELECT 1 FROM document WHERE id = :document AND envelope = :blob;

-- name: add_delivery
-- One delivery of a new document.
INSERT INTO delivery (
    id, document, position, sender, n, recipient, agency, state, open, document_state, route, lane, priority,
    arrival_number, arrival_year, received_at, legal_received_at, updated_at, attempts, note,
    staff, recall, leased_until, version, due_on
)
VALUES (
    :id, :document, :position, :sender, :n, :recipient, :agency, :state, :open, :document_state, :route, :lane, :priority,
    NULL, NULL, :received_at, :legal_received_at, :updated_at, :attempts, :note,
    :staff, :recall, :leased_until, 0, :due_on
);

-- name: delivery
-- A delivery by id.
SELECT id, document, n, recipient, agency, state, route, lane, arrival_number, received_at,
    legal_received_at, updated_at, attempts, note, staff, recall, leased_until, version,
    arrival_year, due_on
FROM delivery WHERE id = :id;

-- name: documents_of
-- Of which documents some deliveries (a JSON array) are.
SELECT DISTINCT document FROM delivery WHERE id IN (SELECT value FROM json_each(:ids));

-- name: delivery_states
-- The states that the deliveries of a document are in.
SELECT DISTINCT state FROM delivery WHERE document = :document;

-- name: save_delivery
-- A changed delivery, by compare-and-set.
UPDATE delivery
SET agency = :agency, state = :state, route = :route, lane = :lane, arrival_number = :arrival_number,
    arrival_year = :arrival_year, received_at = :received_at,
    legal_received_at = :legal_received_at, updated_at = :updated_at, attempts = :attempts,
    note = :note, staff = :staff, recall = :recall, leased_until = :leased_until,
    version = version + 1
WHERE id = :id AND version = :version;

-- name: deliveries_to_lease
-- What waits in a pull box, urgent first, then oldest. A lease longer than any can be was
-- written before the clock jumped back, and counts as run out. What was fetched and not
-- acknowledged is among it.
SELECT id, document, n, recipient, agency, state, route, lane, arrival_number, received_at,
    legal_received_at, updated_at, attempts, note, staff, recall, leased_until, version,
    arrival_year, due_on, priority, position
FROM delivery
WHERE agency = :agency AND route = 'pull' AND +open = 1 AND state IN ('waiting', 'sending')
    AND (state = 'waiting' OR leased_until <= :now OR leased_until > :beyond)
UNION ALL
SELECT id, document, n, recipient, agency, state, route, lane, arrival_number, received_at,
    legal_received_at, updated_at, attempts, note, staff, recall, leased_until, version,
    arrival_year, due_on, priority, position
FROM delivery
WHERE agency = :agency AND route = 'pull' AND open = 1 AND state = 'arrived'
    AND leased_until IS NOT NULL AND recall IS NULL
    AND (leased_until <= :now OR leased_until > :beyond)
ORDER BY priority DESC, position, n LIMIT :limit;

-- name: lease_deliveries
-- Lease what waits in a pull box, urgent first, then oldest, but for what is asked back.
UPDATE delivery
SET state = CASE WHEN state = 'arrived' THEN state ELSE 'sending' END, leased_until = :until,
    updated_at = :now, attempts = attempts + 1, version = version + 1
WHERE id IN (
    SELECT id FROM (
        SELECT id, priority, position, n FROM (
            SELECT id, priority, position, n FROM delivery
            WHERE agency = :agency AND route = 'pull' AND +open = 1
                AND state IN ('waiting', 'sending') AND COALESCE(recall, '') <> 'requested'
                AND (state = 'waiting' OR leased_until <= :now OR leased_until > :beyond)
            ORDER BY priority DESC, position, n LIMIT :limit) fresh
        UNION ALL
        SELECT id, priority, position, n FROM (
            SELECT id, priority, position, n FROM delivery
            WHERE agency = :agency AND route = 'pull' AND open = 1 AND state = 'arrived'
                AND leased_until IS NOT NULL AND recall IS NULL
                AND (leased_until <= :now OR leased_until > :beyond)
            ORDER BY priority DESC, position, n LIMIT :limit) again) box
    ORDER BY priority DESC, position, n LIMIT :limit)
RETURNING document, priority, position, n;

-- name: lease_deliveries [postgres]
-- Lease what waits in a pull box, urgent first, then oldest, but for what is asked back. What
-- others change at this moment, or lease on another node, is passed over.
WITH fresh AS (
    SELECT id, priority, position, n FROM delivery
    WHERE agency = :agency AND route = 'pull' AND open = 1
        AND state IN ('waiting', 'sending') AND COALESCE(recall, '') <> 'requested'
        AND (state = 'waiting' OR leased_until <= :now OR leased_until > :beyond)
    ORDER BY priority DESC, position, n LIMIT :limit
    FOR UPDATE SKIP LOCKED
), again AS (
    SELECT id, priority, position, n FROM delivery
    WHERE agency = :agency AND route = 'pull' AND open = 1 AND state = 'arrived'
        AND leased_until IS NOT NULL AND recall IS NULL
        AND (leased_until <= :now OR leased_until > :beyond)
    ORDER BY priority DESC, position, n LIMIT :limit
    FOR UPDATE SKIP LOCKED
), box AS (
    SELECT id FROM (
        SELECT id, priority, position, n FROM fresh
        UNION ALL SELECT id, priority, position, n FROM again) waiting
    ORDER BY priority DESC, position, n LIMIT :limit
)
UPDATE delivery
SET state = CASE WHEN state = 'arrived' THEN state ELSE 'sending' END, leased_until = :until,
    updated_at = :now, attempts = attempts + 1, version = version + 1
WHERE id IN (SELECT id FROM box)
RETURNING document, priority, position, n;

-- name: number_taken
-- Whether an arrival number is in use.
SELECT 1 FROM delivery
WHERE agency = :agency AND arrival_year = :year AND arrival_number = :number;

-- name: count_in
-- How many documents to an agency are in some states; no more than a page would tell are looked at.
-- A plus keeps a column out of the choice of an index: the state's own serves.
SELECT COUNT(*) FROM (
    SELECT document FROM (
        SELECT DISTINCT document FROM delivery
        WHERE agency = :agency AND state IN (SELECT value FROM json_each(:states))
            AND state <> 'waiting' AND +open = 1
        LIMIT :most) moved
    UNION
    SELECT document FROM (
        SELECT DISTINCT document FROM delivery
        WHERE agency = :agency AND state IN ('waiting', 'sending') AND state = 'waiting'
            AND 'waiting' IN (SELECT value FROM json_each(:states)) AND +open = 1
        LIMIT :most) waiting
    LIMIT :most) q;

-- name: count_in [postgres]
-- How many documents to an agency are in some states; no more than a page would tell are looked at.
SELECT COUNT(*) FROM (
    SELECT document FROM (
        SELECT DISTINCT document FROM delivery
        WHERE agency = :agency AND open = 1 AND state <> 'waiting'
            AND state IN (SELECT q FROM json_array_elements_text(CAST(:states AS json)) q)
        LIMIT :most) moved
    UNION
    SELECT document FROM (
        SELECT DISTINCT document FROM delivery
        WHERE agency = :agency AND open = 1 AND state = 'waiting'
            AND 'waiting' IN (SELECT q FROM json_array_elements_text(CAST(:states AS json)) q)
        LIMIT :most) waiting
    LIMIT :most) counted;

-- name: count_out
-- The same of documents from an agency of which some delivery is in these states.
SELECT COUNT(*) FROM (
    SELECT DISTINCT document FROM delivery
    WHERE sender = :agency AND state IN (SELECT value FROM json_each(:states)) AND +open = 1
    LIMIT :most) q;

-- name: count_out [postgres]
-- The same of documents from an agency of which some delivery is in these states.
SELECT COUNT(*) FROM (
    SELECT DISTINCT document FROM delivery
    WHERE sender = :agency AND open = 1
        AND state IN (SELECT q FROM json_array_elements_text(CAST(:states AS json)) q)
    LIMIT :most) counted;

-- name: answer_by
-- The day until which whoever got a document at its recipient is to be done.
UPDATE delivery SET due_on = :due_on WHERE id = :id;

-- name: followed
-- What an agency follows up, the most urgent first.
SELECT document, position, due_on FROM delivery
WHERE agency = :agency AND COALESCE(due_on, '9999-12-31') >= :day
    AND (COALESCE(due_on, '9999-12-31') > :day OR position > :position)
    AND COALESCE(due_on, '9999-12-31') < :until
    AND open = 1 AND (state IN ('assigned', 'in-progress') OR (due_on IS NOT NULL
        AND state IN ('waiting', 'sending', 'handed-over', 'arrived', 'accepted')))
ORDER BY COALESCE(due_on, '9999-12-31'), position LIMIT :limit;

-- name: count_followed
-- How much of it is due before a day; no more than a page would tell is looked at.
SELECT COUNT(*) FROM (
    SELECT 1 FROM delivery
    WHERE agency = :agency AND COALESCE(due_on, '9999-12-31') < :until
        AND open = 1 AND (state IN ('assigned', 'in-progress') OR (due_on IS NOT NULL
            AND state IN ('waiting', 'sending', 'handed-over', 'arrived', 'accepted')))
    LIMIT :most) q;

-- name: deliveries_overdue
-- Handed over and not heard of since.
SELECT id, document, n, recipient, agency, state, route, lane, arrival_number, received_at,
    legal_received_at, updated_at, attempts, note, staff, recall, leased_until, version,
    arrival_year, due_on
FROM delivery WHERE state = 'handed-over' AND updated_at < :before ORDER BY updated_at LIMIT :limit;

-- name: numbers_of
-- The newest numbers of some series (a JSON array).
SELECT series, value FROM counter WHERE series IN (SELECT value FROM json_each(:series));

-- name: numbers
-- The newest number of every series.
SELECT series, value FROM counter ORDER BY series;

-- name: put_number
-- The newest number of a series.
INSERT INTO counter (series, value) VALUES (:series, :value)
ON CONFLICT (series) DO UPDATE SET value = excluded.value;

-- name: put_job
-- Queue a job.
INSERT INTO job (kind, lane, item, priority, due_at, attempts, created_at, last_error, buried_at)
VALUES (:kind, :lane, :item, :priority, :due_at, :attempts, :created_at, :last_error, :buried_at);

-- name: expire_claims
-- Claims that ran out, or that reach further than any claim can (the clock jumped back).
UPDATE job SET claimed_by = NULL, claimed_until = NULL
WHERE claimed_by IS NOT NULL AND (claimed_until <= :now OR claimed_until > :beyond);

-- name: ready_jobs
-- The first due job of every free lane whose destination may be tried, urgent first. What is
-- due further off than any pause can be was written before the clock jumped back, and is due.
SELECT j.id, j.kind, j.lane, j.item, j.priority, j.due_at, j.attempts, j.created_at, j.last_error,
    j.lone
FROM (SELECT DISTINCT lane FROM job WHERE claimed_by IS NULL AND buried_at IS NULL) l
JOIN job j ON j.id = (
    SELECT k.id FROM job k
    WHERE k.lane = l.lane AND k.claimed_by IS NULL AND k.buried_at IS NULL
        AND (k.due_at <= :now OR k.due_at > :beyond)
    ORDER BY k.priority DESC, k.id LIMIT 1)
LEFT JOIN destination t ON t.lane = l.lane
WHERE NOT EXISTS (SELECT 1 FROM job c WHERE c.lane = l.lane AND c.claimed_by IS NOT NULL)
    AND (t.retry_at IS NULL OR t.retry_at <= :now OR t.retry_at > :beyond)
ORDER BY j.priority DESC, j.id LIMIT :limit;

-- name: jobs_beside
-- What waits in the same lane for further recipients of one document, and has no trouble of its own.
SELECT j.id, j.kind, j.lane, j.item, j.priority, j.due_at, j.attempts, j.created_at, j.last_error,
    j.lone
FROM delivery v JOIN job j ON j.kind = 'document' AND j.item = v.id
WHERE v.document = :document AND j.lane = :lane AND j.id <> :id AND j.lone = 0
    AND j.claimed_by IS NULL AND j.buried_at IS NULL
ORDER BY v.n LIMIT :limit;

-- name: hold_claim
-- A claim lasts as long as its work may.
UPDATE job SET claimed_until = :until WHERE id = :id AND claimed_by IS NOT NULL;

-- name: claim_jobs
-- Take those of some jobs (a JSON array) that are still due, of lanes that are still free.
UPDATE job SET claimed_by = :owner, claimed_until = :until
WHERE id IN (
    SELECT j.id FROM job j LEFT JOIN destination t ON t.lane = j.lane
    WHERE j.id IN (SELECT value FROM json_each(:ids))
        AND j.claimed_by IS NULL AND j.buried_at IS NULL
        AND (j.due_at <= :now OR j.due_at > :beyond)
        AND (t.retry_at IS NULL OR t.retry_at <= :now OR t.retry_at > :beyond)
        AND NOT EXISTS (SELECT 1 FROM job c WHERE c.lane = j.lane AND c.claimed_by IS NOT NULL))
RETURNING id, kind, lane, item, priority, due_at, attempts, created_at, last_error, lone;

-- name: claim_jobs [postgres]
-- Take those of some jobs (a JSON array) that are still due, of lanes that are still free, and that
-- nobody else holds at this moment; of two nodes that see a lane free the unique index lets one win.
UPDATE job SET claimed_by = :owner, claimed_until = :until
WHERE id IN (
    SELECT j.id FROM job j LEFT JOIN destination t ON t.lane = j.lane
    WHERE j.id IN (SELECT CAST(q AS BIGINT) FROM json_array_elements_text(CAST(:ids AS json)) q)
        AND j.claimed_by IS NULL AND j.buried_at IS NULL
        AND (j.due_at <= :now OR j.due_at > :beyond)
        AND (t.retry_at IS NULL OR t.retry_at <= :now OR t.retry_at > :beyond)
        AND NOT EXISTS (SELECT 1 FROM job c WHERE c.lane = j.lane AND c.claimed_by IS NOT NULL)
    FOR UPDATE OF j SKIP LOCKED)
RETURNING id, kind, lane, item, priority, due_at, attempts, created_at, last_error, lone;

-- name: finish_job
-- Remove a job that is done.
DELETE FROM job WHERE id = :id;

-- name: postpone_job
-- Free the lane and try again later.
UPDATE job
SET claimed_by = NULL, claimed_until = NULL, due_at = :due_at, attempts = attempts + 1,
    last_error = :error, lone = CASE WHEN :lone = 1 THEN 1 ELSE lone END
WHERE id = :id;

-- name: bury_job
-- Put a job that failed for good aside.
UPDATE job
SET claimed_by = NULL, claimed_until = NULL, buried_at = :at, attempts = attempts + 1,
    last_error = :error
WHERE id = :id;

-- name: release_claims
-- Free the claims of one owner, or of all.
UPDATE job SET claimed_by = NULL, claimed_until = NULL
WHERE claimed_by IS NOT NULL AND (:owner IS NULL OR claimed_by = :owner);

-- name: drop_item
-- Remove the jobs about one thing.
DELETE FROM job WHERE kind = :kind AND item = :item;

-- name: job
-- A job by id.
SELECT id, kind, lane, item, priority, due_at, attempts, created_at, last_error, lone
FROM job WHERE id = :id;

-- name: buried_job
-- Whether a job failed for good.
SELECT 1 FROM job WHERE id = :id AND buried_at IS NOT NULL;

-- name: jobs
-- What is queued, oldest first.
SELECT id, kind, lane, item, priority, due_at, attempts, created_at, last_error, lone, buried_at
FROM job WHERE id > :after ORDER BY id LIMIT :limit;

-- name: axis_jobs_after
-- What waits for, or failed at, any axis, and is not under way, in the order of queueing.
SELECT id, kind, lane, item, priority, due_at, attempts, created_at, last_error, lone
FROM job WHERE id > :after AND claimed_by IS NULL AND substr(lane, 1, 5) = 'axis:'
ORDER BY id LIMIT :limit;

-- name: any_job
-- Whether anything is queued at all.
SELECT 1 FROM job LIMIT 1;

-- name: expired_claim
-- Whether a claim ran out, or reaches further than any claim can.
SELECT 1 FROM job
WHERE claimed_by IS NOT NULL AND (claimed_until <= :now OR claimed_until > :beyond) LIMIT 1;

-- name: revive_job
-- Make a job due now. One that was buried starts over: its deadline and its attempts count anew.
UPDATE job
SET due_at = :now,
    created_at = CASE WHEN buried_at IS NULL THEN created_at ELSE :now END,
    attempts = CASE WHEN buried_at IS NULL THEN attempts ELSE 0 END,
    buried_at = NULL, lone = 0
WHERE id = :id;

-- name: revive_lane
-- Make all that waits for a destination due now, whatever trouble it had.
UPDATE job SET due_at = :now, lone = 0
WHERE lane = :lane AND buried_at IS NULL AND claimed_by IS NULL;

-- name: wake_lane
-- Make all that waits for a destination due now.
UPDATE job SET due_at = :now
WHERE lane = :lane AND buried_at IS NULL AND claimed_by IS NULL AND lone = 0 AND due_at > :now;

-- name: queue_depth
-- How many jobs wait.
SELECT COUNT(*) FROM job WHERE buried_at IS NULL;

-- name: lane_depths
-- How many jobs wait for each destination.
SELECT lane, COUNT(*) FROM job WHERE buried_at IS NULL GROUP BY lane ORDER BY lane;

-- name: destination
-- How a destination is doing.
SELECT lane, failures, retry_at, last_error, last_ok_at, unreachable
FROM destination WHERE lane = :lane;

-- name: put_destination
-- Write how a destination is doing.
INSERT INTO destination (lane, failures, retry_at, last_error, last_ok_at, unreachable)
VALUES (:lane, :failures, :retry_at, :last_error, :last_ok_at, :unreachable)
ON CONFLICT (lane) DO UPDATE SET failures = excluded.failures, retry_at = excluded.retry_at,
    last_error = excluded.last_error, last_ok_at = excluded.last_ok_at,
    unreachable = excluded.unreachable;

-- name: destinations
-- Every destination ever tried.
SELECT lane, failures, retry_at, last_error, last_ok_at, unreachable
FROM destination ORDER BY lane;

-- name: audit_tip
-- The newest record of a chain.
SELECT seq, hash FROM audit_record WHERE chain = :chain ORDER BY seq DESC LIMIT 1;

-- name: append_audit
-- One more record.
INSERT INTO audit_record (chain, seq, at, actor, address, action, object, data, previous, hash)
VALUES (:chain, :seq, :at, :actor, :address, :action, :object, :data, :previous, :hash);

-- name: audit_told
-- What records say about one thing, archived ones included, in the order of the chains.
SELECT chain, seq, at, actor, action, data FROM audit_kept WHERE object = :object
UNION ALL
SELECT chain, seq, at, actor, action, data FROM audit_record WHERE object = :object
ORDER BY chain, seq;

-- name: audit_segments
-- The archived segments, oldest first.
SELECT chain, first, last, previous, hash, file, jws FROM audit_segment ORDER BY chain, last;

-- name: add_audit_segment
-- A segment lies in a file outside.
INSERT INTO audit_segment (chain, last, first, previous, hash, file, jws)
VALUES (:chain, :last, :first, :previous, :hash, :file, :jws);

-- name: keep_audit
-- What stays at hand of the records of a segment.
INSERT INTO audit_kept (chain, seq, at, actor, action, object, data)
SELECT chain, seq, at, actor, action, object, data FROM audit_record
WHERE chain = :chain AND seq BETWEEN :first AND :last
    AND action IN (SELECT value FROM json_each(:actions));

-- name: keep_audit [postgres]
-- What stays at hand of the records of a segment.
INSERT INTO audit_kept (chain, seq, at, actor, action, object, data)
SELECT chain, seq, at, actor, action, object, data FROM audit_record
WHERE chain = :chain AND seq BETWEEN :first AND :last
    AND action IN (SELECT json_array_elements_text(CAST(:actions AS json)));

-- name: let_audit_go
-- The records of a segment go.
DELETE FROM audit_record WHERE chain = :chain AND seq BETWEEN :first AND :last;

-- name: audit_kept
-- What stays at hand of archived records.
SELECT seq, at, actor, action, object, data FROM audit_kept
WHERE chain = :chain AND seq > :after AND seq <= :last ORDER BY seq LIMIT :limit;

-- name: audit_after
-- Records after one, oldest first.
SELECT chain, seq, at, actor, address, action, object, data, previous, hash
FROM audit_record WHERE (chain, seq) > (:chain, :seq)
ORDER BY chain, seq LIMIT :limit;

-- name: add_attestation
-- What a receipt is to say, not yet signed.
INSERT INTO attestation (id, document, code, owner, recipient, event, at, legal_at, kind, job, lane,
    payload)
VALUES (:id, :document, :code, :owner, :recipient, :event, :at, :legal_at, :kind, :job, :lane,
    :payload);

-- name: attestations
-- What waits to be signed, oldest first.
SELECT seq, id, document, code, owner, recipient, event, at, legal_at, kind, job, lane, payload
FROM attestation ORDER BY seq LIMIT :limit;

-- name: oldest_attestation
-- The place of what has waited longest to be signed.
SELECT MIN(seq) FROM attestation;

-- name: any_attestation
-- Whether something about a document, or for an owner, waits to be signed; null asks for any.
SELECT 1 FROM attestation
WHERE (CAST(:document AS TEXT) IS NULL OR document = :document)
    AND (CAST(:owner AS TEXT) IS NULL OR owner = :owner)
LIMIT 1;

-- name: drop_attestations
-- Forget what was signed.
DELETE FROM attestation WHERE seq <= :seq;

-- name: add_receipt
-- A new receipt.
INSERT INTO receipt (id, document, code, owner, recipient, event, at, legal_at, jws)
VALUES (:id, :document, :code, :owner, :recipient, :event, :at, :legal_at, :jws);

-- name: receipts_after
-- Receipts of one owner after a place, oldest first.
SELECT seq, id, document, code, owner, recipient, event, at, legal_at, jws
FROM receipt WHERE owner = :owner AND seq > :seq ORDER BY seq LIMIT :limit;

-- name: all_receipts_after
-- Receipts of everybody after a place, oldest first.
SELECT seq, id, document, code, owner, recipient, event, at, legal_at, jws
FROM receipt WHERE seq > :seq ORDER BY seq LIMIT :limit;

-- name: given_after
-- Receipts as they lie there, those of a document together.
SELECT seq, id, document, event, recipient, at, jws FROM receipt
WHERE (document, seq) > (:document, :seq)
ORDER BY document, seq LIMIT :limit;

-- name: receipts_of
-- Receipts of one document, oldest first.
SELECT seq, id, document, code, owner, recipient, event, at, legal_at, jws
FROM receipt WHERE document = :document ORDER BY seq;

-- name: receipt
-- One receipt.
SELECT seq, id, document, code, owner, recipient, event, at, legal_at, jws
FROM receipt WHERE id = :id;

-- name: last_receipt
-- The newest receipt of a document.
SELECT jws FROM receipt WHERE document = :document ORDER BY seq DESC LIMIT 1;

-- name: add_stamp
-- A time stamp over a run of receipts.
INSERT INTO stamp (last, first, root, token, at) VALUES (:last, :first, :root, :token, :at);

-- name: stamp_tip
-- The place of the last receipt that is stamped.
SELECT COALESCE(MAX(last), 0) FROM stamp;

-- name: stamp_covering
-- The stamp over the receipt at a place.
SELECT first, last, root, token, at FROM stamp WHERE last >= :seq ORDER BY last LIMIT 1;

-- name: jws_after
-- Receipts after a place as they are signed, oldest first.
SELECT seq, jws FROM receipt WHERE seq > :seq ORDER BY seq LIMIT :limit;

-- name: add_notice
-- A line of the event stream.
INSERT INTO notice (agency, kind, document, code, state, at)
VALUES (:agency, :kind, :document, :code, :state, :at);

-- name: notices_after
-- Lines of one agency's stream after a place, with what is for everybody.
SELECT seq, agency, kind, document, code, state, at FROM (
    SELECT seq, agency, kind, document, code, state, at FROM (
        SELECT seq, agency, kind, document, code, state, at
        FROM notice WHERE agency = :agency AND seq > :seq ORDER BY seq LIMIT :limit) own
    UNION ALL
    SELECT seq, agency, kind, document, code, state, at FROM (
        SELECT seq, agency, kind, document, code, state, at
        FROM notice WHERE agency = '*' AND seq > :seq ORDER BY seq LIMIT :limit) everybody) told
ORDER BY seq LIMIT :limit;

-- name: all_notices_after
-- Lines of every stream after a place.
SELECT seq, agency, kind, document, code, state, at
FROM notice WHERE seq > :seq ORDER BY seq LIMIT :limit;

-- name: notice_tip
-- The newest place of the stream.
SELECT COALESCE(MAX(seq), 0) FROM notice;

-- name: repeat
-- The first use of an idempotency key.
SELECT digest, document FROM repeat WHERE client = :client AND key = :key;

-- name: add_repeat
-- Remember an idempotency key.
INSERT INTO repeat (client, key, digest, document, at)
VALUES (:client, :key, :digest, :document, :at);

-- name: purge_repeats
-- Forget old keys.
DELETE FROM repeat WHERE at < :before;

-- name: vxp_codes
-- The codes of one VXP system, given up ones included.
SELECT client, code, written, registered, deleted FROM vxp_code WHERE client = :client ORDER BY code;

-- name: vxp_holders
-- Who holds a code.
SELECT client, code, written, registered, deleted FROM vxp_code WHERE code = :code ORDER BY client;

-- name: vxp_registrations
-- Every code that a system registered, for the lists of agencies.
SELECT client, code, written, registered, deleted FROM vxp_code
WHERE deleted = 0 ORDER BY registered, code;

-- name: put_vxp_code
-- Insert or overwrite the hold of a system on a code.
INSERT INTO vxp_code (client, code, written, registered, deleted, at)
VALUES (:client, :code, :written, :registered, :deleted, :at)
ON CONFLICT (client, code) DO UPDATE
SET written = :written, registered = :registered, deleted = :deleted;

-- name: drop_vxp_code
-- Take a code from a system.
DELETE FROM vxp_code WHERE client = :client AND code = :code;

-- name: vxp_received
-- Deliveries that lie in the list of a VXP system for one code: not fetched, or not settled.
SELECT delivery FROM (
    SELECT v.id AS delivery, v.priority AS priority, v.position AS position, v.n AS n
    FROM delivery v
    WHERE v.agency = :code AND v.route = 'pull' AND +v.open = 1 AND v.state IN ('waiting', 'sending')
        AND NOT EXISTS (SELECT 1 FROM vxp_delivery t WHERE t.delivery = v.id)
    UNION
    SELECT v.id, v.priority, v.position, v.n
    FROM vxp_delivery t JOIN delivery v ON v.id = t.delivery
    WHERE t.agency = :code AND t.state IN ('inbox', 'processing')
        AND v.state NOT IN ('recalled', 'cancelled')
) box
ORDER BY priority DESC, position, n LIMIT :limit;

-- name: vxp_delivery
-- The transport state of a delivery.
SELECT state, note, updated_at FROM vxp_delivery WHERE delivery = :delivery;

-- name: put_vxp_delivery
-- Insert or overwrite the transport state of a delivery.
INSERT INTO vxp_delivery (delivery, agency, state, note, updated_at)
VALUES (:delivery, :agency, :state, :note, :at)
ON CONFLICT (delivery) DO UPDATE SET state = :state, note = :note, updated_at = :at;

-- name: keep_vxp_delivery
-- Let a delivery stay in the list of its system although it moved.
INSERT INTO vxp_delivery (delivery, agency, state, note, updated_at)
VALUES (:delivery, :agency, 'inbox', NULL, :at)
ON CONFLICT (delivery) DO NOTHING;

-- name: vxp_sent
-- Ids of what an agency sent, newest first.
SELECT id FROM document WHERE sender = :code ORDER BY position DESC LIMIT :limit;

-- name: document_between
-- Ids of documents from one id up to another.
SELECT id FROM document WHERE id >= :least AND id < :beyond ORDER BY id LIMIT 2;

-- name: add_vxp_status
-- A status message for an owner whose code some VXP system holds; the same one lies there once.
INSERT INTO vxp_status
    (id, owner, sender, written, document, receipt, digest, body, state, note, created_at, updated_at)
SELECT :id, :owner, :sender, :written, :document, :receipt, :digest, :body, 'inbox', NULL, :at, :at
WHERE EXISTS (SELECT 1 FROM vxp_code WHERE code = :owner AND deleted = 0)
ON CONFLICT DO NOTHING;

-- name: vxp_status_of_receipt
-- Give the status that the newest receipt left, signed or not yet, its bytes as reported.
UPDATE vxp_status SET written = :written, digest = :digest, body = :body, sender = :agency
WHERE id = COALESCE(
        (SELECT id FROM attestation WHERE document = :document ORDER BY seq DESC LIMIT 1),
        (SELECT id FROM receipt WHERE document = :document ORDER BY seq DESC LIMIT 1))
    AND sender = :sender AND body IS NULL;

-- name: vxp_status_repeat
-- The id of a status message that its sender sent before.
SELECT id FROM vxp_status WHERE sender = :sender AND digest = :digest;

-- name: vxp_status
-- A status message by id.
SELECT id, owner, sender, written, document, receipt, body, state, note, created_at, updated_at
FROM vxp_status WHERE id = :id;

-- name: vxp_statuses
-- Status messages that wait for one code, oldest first.
SELECT id, owner, sender, written, document, receipt, body, state, note, created_at, updated_at
FROM vxp_status WHERE owner = :owner AND state IN ('inbox', 'processing')
ORDER BY created_at, id LIMIT :limit;

-- name: vxp_statuses_sent
-- Status messages that one code sent, newest first.
SELECT id, owner, sender, written, document, receipt, body, state, note, created_at, updated_at
FROM vxp_status WHERE sender = :sender ORDER BY created_at DESC LIMIT :limit;

-- name: put_vxp_status
-- The transport state of a status message.
UPDATE vxp_status SET state = :state, note = :note, updated_at = :at WHERE id = :id;

-- name: trace
-- The hops that a document came by.
SELECT trace FROM hop WHERE document = :document;

-- name: put_trace
-- The hops that a document came by.
INSERT INTO hop (document, trace) VALUES (:document, :trace) ON CONFLICT (document) DO NOTHING;

-- name: client_by_system
-- A credential by its systemid.
SELECT id, agency, name, role, token_hash, systemid, secret, created_at, revoked_at, decision
FROM client WHERE systemid = :systemid;

-- name: announced
-- What an axis was told of our agencies.
SELECT code, digest FROM announced WHERE lane = :lane ORDER BY code;

-- name: put_announced
-- An axis was told of an agency.
INSERT INTO announced (lane, code, digest) VALUES (:lane, :code, :digest)
ON CONFLICT (lane, code) DO UPDATE SET digest = :digest;

-- name: drop_announced
-- An axis was told that an agency is closed.
DELETE FROM announced WHERE lane = :lane AND code = :code;

-- name: audit_chains
-- The chains, and the newest record of each.
SELECT chain, MAX(seq) FROM audit_record GROUP BY chain ORDER BY chain LIMIT 10000;

-- name: audit_began
-- When the oldest records were made: of those that are here, and of those that were archived.
SELECT at FROM (SELECT at FROM audit_kept ORDER BY chain, seq LIMIT 1) AS kept
UNION ALL
SELECT at FROM (SELECT at FROM audit_record ORDER BY chain, seq LIMIT 1) AS here;

-- name: audit_objects
-- What the records behind one are about, with their places.
SELECT seq, object FROM audit_kept WHERE chain = :chain AND seq > :seq
UNION ALL
SELECT seq, object FROM audit_record WHERE chain = :chain AND seq > :seq
ORDER BY seq LIMIT :limit;

-- name: audit_about
-- Records about one thing, whole.
SELECT chain, seq, at, actor, address, action, object, data, previous, hash
FROM audit_record WHERE object = :object ORDER BY chain, seq;

-- name: triggers
-- The triggers of the database, as it tells of them.
SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name LIMIT 1000;

-- name: triggers [postgres]
-- The same; one that is disabled is none.
SELECT t.tgname, c.relname, t.tgtype, p.prosrc
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE pg_table_is_visible(c.oid) AND t.tgenabled IN ('O', 'A') AND NOT t.tgisinternal
ORDER BY t.tgname LIMIT 1000;

-- name: fact_mark
-- How far a chain was read.
SELECT seq FROM fact_mark WHERE chain = :chain;

-- name: set_fact_mark
-- A chain was read further.
INSERT INTO fact_mark (chain, seq) VALUES (:chain, :seq)
ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq;

-- name: drop_fact_marks
-- Every chain is to be read anew.
DELETE FROM fact_mark;

-- name: drop_facts
-- Forget every fact.
DELETE FROM fact;

-- name: drop_fact_sums
-- Forget every sum.
DELETE FROM fact_sum;

-- name: drop_facts_of
-- Forget the facts of one thing.
DELETE FROM fact WHERE document = :document;

-- name: add_fact
-- One fact.
INSERT INTO fact (document, recipient, event, day, legal_day, hour, sender, type, priority,
    business, legal_value, paper, state, reason, signed, way, account, number, seconds, in_time)
VALUES (:document, :recipient, :event, :day, :legal_day, :hour, :sender, :type, :priority, :business,
    :legal_value, :paper, :state, :reason, :signed, :way, :account, :number, :seconds, :in_time);

-- name: count_loose_facts
-- How many facts are not in the sums, cut off.
SELECT COUNT(*) FROM (SELECT 1 AS one FROM fact WHERE summed = 0 LIMIT :limit) loose;

-- name: oldest_loose_facts
-- The oldest facts that are not in the sums go there; what may still be accepted the same day stays.
UPDATE fact SET summed = 2 WHERE (document, recipient, event, number) IN (
    SELECT document, recipient, event, number FROM fact
    WHERE summed = 0 AND (event <> 'arrived' OR COALESCE(in_time, 1) = 1 OR legal_day < :today)
    ORDER BY legal_day LIMIT :limit
);

-- name: facts_on_the_move
-- Facts that are about to go into the sums.
SELECT recipient, event, day, legal_day, hour, sender, account, type, priority, business,
    legal_value, signed, paper, way, state, reason, seconds, in_time
FROM fact WHERE summed = 2
ORDER BY document, recipient, event, number LIMIT :limit;

-- name: facts_moved
-- What was moved is in the sums now.
UPDATE fact SET summed = 1 WHERE summed = 2;

-- name: summed_facts_of
-- Facts of one thing that are in the sums.
SELECT recipient, event, day, legal_day, hour, sender, account, type, priority, business,
    legal_value, signed, paper, way, state, reason, seconds, in_time
FROM fact WHERE document = :document AND summed = 1
ORDER BY recipient, event, number;

-- name: fact_sums_of
-- What is summed up in some cells of a view.
SELECT cell, spent FROM fact_sum WHERE view = :view AND cell IN (SELECT value FROM json_each(:cells))
ORDER BY cell;

-- name: add_to_fact_sum
-- More in one cell, or fewer; how long they took is told whole, or '' when that stays.
INSERT INTO fact_sum (view, cell, agency, legal_day, day, direction, counterpart, own, account, hour,
    type, priority, business, legal_value, paper, signed, way, state, reason, event, in_time, amount, spent)
VALUES (:view, :cell, :agency, :legal_day, :day, :direction, :counterpart, :own, :account, :hour,
    :type, :priority, :business, :legal_value, :paper, :signed, :way, :state, :reason, :event, :in_time, :amount, :spent)
ON CONFLICT (view, cell) DO UPDATE SET amount = fact_sum.amount + excluded.amount,
    spent = CASE WHEN excluded.spent = '' THEN fact_sum.spent ELSE excluded.spent END;

-- name: tally_of_sums
-- The cells of a view. {keys}, {day} and {spent} are columns, {who} narrows down; what an agency
-- sent itself counts as received only if both sides are told apart.
SELECT {keys} event, legal_value, in_time, amount, {spent}
FROM (
    SELECT agency, counterpart, direction, own, {day} AS on_day, account, hour, type, priority,
        business, legal_value, paper, signed, way, state, reason, event, in_time, amount, spent
    FROM fact_sum WHERE {who} view = :view AND {day} BETWEEN :first AND :last AND amount <> 0
) AS kept WHERE direction = 'out' OR own = '' OR :apart = 1;

-- name: last_legal_day
-- The newest legal day of any fact: what is sent on a rest day counts on a day to come.
SELECT MAX(legal_day) FROM fact;

-- name: tally_of_senders
-- Facts that are alike, from the side of whoever sent. {keys} and {day} are columns, {seconds} is
-- one or nothing, {which} narrows down. What may still be accepted today is not judged.
SELECT {keys} event, legal_value, judged, COALESCE({seconds}, -1) AS lasted, COUNT(*)
FROM (
    SELECT sender AS agency, recipient AS counterpart, 'out' AS direction, {day} AS on_day, hour, account, type,
        priority, business, legal_value, paper, signed, way, state, reason, event, seconds,
        CASE WHEN event = 'arrived' AND legal_day >= :today THEN -1 ELSE COALESCE(in_time, -1) END AS judged
    FROM fact WHERE {which} {day} BETWEEN :first AND :last AND (:agency = '' OR sender = :agency)
) AS told GROUP BY {keys} event, legal_value, judged, lasted;

-- name: tally_of_receivers
-- The same from the side of those that received; what an agency sent itself counts there only if
-- both sides are told apart.
SELECT {keys} event, legal_value, judged, COALESCE({seconds}, -1) AS lasted, COUNT(*)
FROM (
    SELECT recipient AS agency, sender AS counterpart, 'in' AS direction, {day} AS on_day, hour, account, type,
        priority, business, legal_value, paper, signed, way, state, reason, event, seconds,
        CASE WHEN event = 'arrived' AND legal_day >= :today THEN -1 ELSE COALESCE(in_time, -1) END AS judged
    FROM fact WHERE {which} {day} BETWEEN :first AND :last AND recipient <> ''
        AND (:agency = '' OR recipient = :agency) AND (:apart = 1 OR recipient <> sender)
) AS told GROUP BY {keys} event, legal_value, judged, lasted;

-- name: claim_report
-- A period is somebody's to report, unless it is made or lately claimed.
INSERT INTO report (period, kind, last_day, owner, claimed_at)
VALUES (:period, :kind, :last_day, :owner, :at)
ON CONFLICT (period) DO UPDATE SET owner = excluded.owner, claimed_at = excluded.claimed_at
WHERE report.made_at IS NULL AND report.claimed_at < :stale;

-- name: finish_report
-- A report is made, by who claimed it.
UPDATE report SET made_at = :at WHERE period = :period AND owner = :owner AND made_at IS NULL;

-- name: first_report
-- The last day of the oldest period of a kind that anybody claimed.
SELECT last_day FROM report WHERE kind = :kind ORDER BY last_day LIMIT 1;

-- name: reports_of_kind
-- Periods of a kind that are reported.
SELECT period FROM report WHERE kind = :kind AND made_at IS NOT NULL
ORDER BY last_day DESC LIMIT 1000;

-- name: newest_reports
-- The reports that were made last.
SELECT kind, last_day, made_at FROM report WHERE made_at IS NOT NULL
ORDER BY made_at DESC, last_day DESC, period LIMIT :limit;

-- name: made_report
-- The report of a period, once it is made.
SELECT kind, last_day FROM report WHERE period = :period AND made_at IS NOT NULL;

-- name: schedule_taken
-- Whether a period of a schedule is done, or somebody is at it or at another. A claim that reaches
-- further than any can was written before the clock jumped back, and has run out.
SELECT 1 FROM schedule
WHERE name = :name AND ((period = :period AND done_at IS NOT NULL)
    OR (done_at IS NULL AND claimed_until > :now AND claimed_until <= :beyond))
LIMIT 1;

-- name: claim_schedule
-- A period of a schedule is somebody's to do, unless it is done or lately claimed.
INSERT INTO schedule (name, period, owner, claimed_until) VALUES (:name, :period, :owner, :until)
ON CONFLICT (name, period) DO UPDATE
SET owner = excluded.owner, claimed_until = excluded.claimed_until
WHERE schedule.done_at IS NULL
    AND (schedule.claimed_until <= :now OR schedule.claimed_until > :beyond);

-- name: renew_schedule
-- Whoever is at it is still at it.
UPDATE schedule SET claimed_until = :until
WHERE name = :name AND period = :period AND owner = :owner AND done_at IS NULL;

-- name: finish_schedule
-- A period of a schedule is done.
UPDATE schedule SET done_at = :at
WHERE name = :name AND period = :period AND owner = :owner AND done_at IS NULL;

-- name: free_schedule
-- A period of a schedule could not be done by who claimed it.
DELETE FROM schedule
WHERE name = :name AND period = :period AND owner = :owner AND done_at IS NULL;

-- name: forget_schedules
-- Earlier periods of a schedule that nobody is at.
DELETE FROM schedule
WHERE name = :name AND period < :period AND (done_at IS NOT NULL OR claimed_until <= :now);

-- name: put_calendar_change
-- A change of the office calendar, or its withdrawal.
INSERT INTO calendar_change (id, standing, body) VALUES (:id, :standing, :body)
ON CONFLICT (id) DO UPDATE SET standing = excluded.standing, body = excluded.body;

-- name: calendar_change
-- One change of the calendar.
SELECT body FROM calendar_change WHERE id = :id;

-- name: calendar_changes
-- The changes of the calendar that hold, oldest first; there are a few a year.
SELECT body FROM calendar_change WHERE standing = 1 ORDER BY id;

-- name: newest_calendar_changes
-- The newest changes, withdrawn ones included.
SELECT body FROM calendar_change ORDER BY id DESC LIMIT :limit;

-- name: put_announcement
-- A notice of an outage or of maintenance, or its end.
INSERT INTO announcement (id, standing, body) VALUES (:id, :standing, :body)
ON CONFLICT (id) DO UPDATE SET standing = excluded.standing, body = excluded.body;

-- name: announcement
-- One notice.
SELECT body FROM announcement WHERE id = :id;

-- name: announcements
-- The notices that nobody ended, oldest first.
SELECT body FROM announcement WHERE standing = 1 ORDER BY id LIMIT 1000;

-- name: newest_announcements
-- The newest notices, ended ones included.
SELECT body FROM announcement ORDER BY id DESC LIMIT :limit;

-- name: announcements_before
-- Notices older than one, newest first.
SELECT body FROM announcement WHERE id < :before ORDER BY id DESC LIMIT :limit;

-- name: put_telling
-- A notice as it was when something was told of it.
INSERT INTO telling (id, body) VALUES (:id, :body);

-- name: telling
-- One of them.
SELECT body FROM telling WHERE id = :id;

-- name: put_mail
-- A message to one address; an address that stands twice gets one.
INSERT INTO mail (announcement, telling, recipient, created_at, due_at, attempts)
VALUES (:announcement, :telling, :recipient, :at, :at, 0)
ON CONFLICT (telling, recipient) DO NOTHING;

-- name: due_mail
-- The message that has been due for the longest. What is due, or claimed, for further off than any
-- pause can be was written before the clock jumped back.
SELECT id, telling, recipient, created_at, attempts, sent_at, failed_at, last_error
FROM mail
WHERE sent_at IS NULL AND failed_at IS NULL AND (due_at <= :now OR due_at > :beyond)
    AND (claimed_until IS NULL OR claimed_until <= :now OR claimed_until > :beyond)
ORDER BY due_at, id LIMIT 1;

-- name: claim_mail
-- Take a message.
UPDATE mail SET claimed_until = :until WHERE id = :id;

-- name: settle_mail
-- What became of a message: it was sent, has failed for good, or is tried again.
UPDATE mail
SET sent_at = :sent_at, failed_at = :failed_at, due_at = :due_at, last_error = :error,
    attempts = attempts + 1, claimed_until = NULL
WHERE id = :id;

-- name: free_mail
-- Give a message back that was not tried.
UPDATE mail SET claimed_until = NULL WHERE id = :id;

-- name: free_mails
-- Give every message back: whoever had claimed one is gone.
UPDATE mail SET claimed_until = NULL
WHERE sent_at IS NULL AND failed_at IS NULL AND claimed_until IS NOT NULL;

-- name: mails_of
-- The messages about one notice, oldest first.
SELECT id, telling, recipient, created_at, attempts, sent_at, failed_at, last_error
FROM mail WHERE announcement = :announcement ORDER BY id LIMIT :limit;

-- name: mail_counts
-- How many messages about one notice there are, were sent, and failed for good.
SELECT COUNT(*), COUNT(sent_at), COUNT(failed_at) FROM mail WHERE announcement = :announcement;

-- name: waiting_mails
-- How many messages wait to be sent.
SELECT COUNT(*) FROM mail WHERE sent_at IS NULL AND failed_at IS NULL;

-- name: put_trouble
-- Since when something that the node watches is ill, or well again.
INSERT INTO trouble (cause, body) VALUES (:cause, :body)
ON CONFLICT (cause) DO UPDATE SET body = excluded.body;

-- name: trouble
-- What is known of one thing that the node watches.
SELECT body FROM trouble WHERE cause = :cause;

-- name: troubles
-- What is known of all.
SELECT body FROM trouble ORDER BY cause LIMIT 1000;

-- name: drop_trouble
-- It is well, and was for long enough.
DELETE FROM trouble WHERE cause = :cause;

-- name: put_chain_check
-- A run of the check of the audit chain, as far as it came.
INSERT INTO chain_check (id, body) VALUES (:id, :body)
ON CONFLICT (id) DO UPDATE SET body = excluded.body;

-- name: chain_check
-- One run.
SELECT body FROM chain_check WHERE id = :id;

-- name: newest_chain_checks
-- The newest runs.
SELECT body FROM chain_check ORDER BY id DESC LIMIT :limit;

-- name: audit_about_newest
-- The newest records about one thing, newest first.
SELECT chain, seq, at, actor, address, action, object, data, previous, hash
FROM audit_record WHERE object = :object ORDER BY chain DESC, seq DESC LIMIT :limit;

-- name: audit_search
-- The records of a stretch of one chain that fit, newest first.
SELECT chain, seq, at, actor, address, action, object, data, previous, hash
FROM audit_record
WHERE chain = :chain AND seq <= :newest AND seq >= :oldest
    AND (:action IS NULL OR action = :action)
    AND (:actor IS NULL OR actor LIKE :actor ESCAPE '!')
ORDER BY seq DESC LIMIT :limit;

-- name: lane_loads
-- What waits at each destination.
SELECT lane, COUNT(*), MIN(created_at) FROM job WHERE buried_at IS NULL
GROUP BY lane ORDER BY lane LIMIT 1000;

-- name: box_loads
-- The pull boxes in which documents wait, the fullest first, each with its oldest document.
SELECT b.agency, b.waiting, d.submitted_at
FROM (
    SELECT agency, COUNT(*) AS waiting, MIN(position) AS oldest FROM delivery
    WHERE route = 'pull' AND +open = 1 AND state IN ('waiting', 'sending')
    GROUP BY agency
) b JOIN document d ON d.position = b.oldest
ORDER BY b.waiting DESC, b.agency LIMIT :limit;

-- name: failed_jobs
-- Jobs that failed for good, urgent first, then oldest.
SELECT id, kind, lane, item, priority, due_at, attempts, created_at, last_error, lone
FROM job WHERE buried_at IS NOT NULL ORDER BY priority DESC, id LIMIT :limit;

-- name: queued_jobs
-- Jobs that wait, at one lane or at all, oldest first.
SELECT id, kind, lane, item, priority, due_at, attempts, created_at, last_error, lone
FROM job
WHERE buried_at IS NULL AND id > :after AND (:lane IS NULL OR lane = :lane)
ORDER BY id LIMIT :limit;

-- name: held_documents
-- Documents that are held, oldest first.
SELECT id FROM document WHERE state = 'held' ORDER BY position LIMIT :limit;

-- name: unaccepted
-- What arrived legally before an instant and was not accepted, oldest first.
SELECT id, document, n, recipient, agency, state, route, lane, arrival_number, received_at,
    legal_received_at, updated_at, attempts, note, staff, recall, leased_until, version,
    arrival_year, due_on
FROM delivery WHERE state = 'arrived' AND legal_received_at < :before
ORDER BY legal_received_at LIMIT :limit;

-- name: received_since
-- How many deliveries arrived since an instant, cut off; the legal time is never the earlier one.
SELECT COUNT(*) FROM (
    SELECT 1 AS one FROM delivery WHERE legal_received_at >= :since AND received_at >= :since
    LIMIT :limit) counted;

