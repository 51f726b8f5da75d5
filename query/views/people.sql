-- The directory as it stands, one row per person, with when the person was first
-- and last told of: by the latest file, which is the whole directory, and by SCIM's
-- changes since. Everything that was ever told is in people_all.
-- columns:
-- id  The directory's id.
-- kind  human, service, shared, break_glass or unknown.
-- privileged  Whether any of the logins is privileged.
-- logins  Number of logins.
-- first_imported, last_imported  First and latest import or change that had the person.
WITH whole AS (
    SELECT max(CASE WHEN import_sha256 NOT LIKE 'scim-%' THEN imported END) AS imported
    FROM people_all
), history AS (
    SELECT id, min(imported) AS first_imported, max(imported) AS last_imported
    FROM people_all
    GROUP BY id
)
SELECT
    p.id,
    max(p.name) AS name,
    max(p.kind) AS kind,
    bool_or(p.privileged) AS privileged,
    max(p.team) AS team,
    max(p.manager) AS manager,
    max(p.role) AS role,
    max(p.cohort) AS cohort,
    max(p.time_zone) AS time_zone,
    min(p.invited_on) AS invited_on,
    min(p.valid_from) AS valid_from,
    max(p.valid_to) AS valid_to,
    count(*) AS logins,
    max(h.first_imported) AS first_imported,
    max(h.last_imported) AS last_imported
FROM people_all p
JOIN history h ON p.id = h.id AND p.imported = h.last_imported
CROSS JOIN whole w
WHERE w.imported IS NULL OR p.imported >= w.imported
GROUP BY p.id
