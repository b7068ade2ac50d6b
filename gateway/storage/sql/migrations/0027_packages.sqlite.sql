-- The digest of each archive package beside its place: backups compare by it.
UPDATE document SET removal = json_set(removal, '$.package_sha256', (
    SELECT json_extract(r.data, '$.package.sha256') FROM audit_record r
    WHERE r.object = document.id AND r.action = 'content-removed'
    ORDER BY r.seq DESC LIMIT 1))
WHERE json_extract(removal, '$.package') IS NOT NULL;
