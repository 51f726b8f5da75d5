-- The organisation's own policies, one row per version that was loaded, with when it
-- came into force: where one of its policies at a vendor was changed around the planned
-- instant (from a day before it until a day before the next version's), that change is
-- when it did; else the plan stands.
-- columns:
-- policy  Its id.
-- text  The file as it was loaded.
-- sha256  SHA-256 of the text.
-- phase  report_only, pilot or enforced.
-- cohorts  Whom a pilot binds, separated by a space.
-- control  Controls that it serves, separated by commas.
-- floor  Whether no exception may lower it.
-- effective  From when it should count, as the file says.
-- effective_at  From when it does.
-- effective_by  vendor or plan.
-- until  When the next version takes over; null: none does yet.
-- latest  Whether no later version was loaded.
WITH versions AS (
    SELECT
        loaded, policy, version, name AS title, text, sha256, owner, approved_by, control,
        effective, phase, cohorts, floor,
        lead(effective) OVER (PARTITION BY policy ORDER BY effective, version) AS next_effective,
        max(version) OVER (PARTITION BY policy) AS newest
    FROM policies_all
    WHERE part = 'policy'
), changes AS (
    SELECT source, policy_id, time
    FROM events
    WHERE activity = 'policy_change' AND outcome = 'success' AND source <> 'rollcall'
        AND policy_id IS NOT NULL
), mapped AS (
    SELECT policy, version, source, vendor_id FROM policies_all WHERE part = 'vendor'
), told AS (
    SELECT v.policy, v.version, min(c.time) AS changed
    FROM versions v
    JOIN mapped m ON m.policy = v.policy AND m.version = v.version
    JOIN changes c ON c.source = m.source AND c.policy_id = m.vendor_id
    WHERE c.time >= v.effective - INTERVAL '1 day'
        AND (v.next_effective IS NULL OR c.time < v.next_effective - INTERVAL '1 day')
    GROUP BY v.policy, v.version
), dated AS (
    SELECT
        v.*,
        coalesce(t.changed, v.effective) AS effective_at,
        CASE WHEN t.changed IS NULL THEN 'plan' ELSE 'vendor' END AS effective_by
    FROM versions v
    LEFT JOIN told t ON t.policy = v.policy AND t.version = v.version
)
SELECT
    policy, version, title, phase, cohorts, owner, approved_by, control, floor,
    effective, effective_at, effective_by,
    lead(effective_at) OVER (PARTITION BY policy ORDER BY effective, version) AS until,
    version = newest AS latest,
    loaded, text, sha256
FROM dated
