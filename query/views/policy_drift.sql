-- What vendors' own policies are against what the organisation's policies say they should
-- be: one row per policy at a vendor that the latest version names, and one per policy at
-- such a vendor that none names. A pilot and an enforced policy should be switched on
-- there; one that only reports should report only, or be switched on and bind nobody.
-- columns:
-- policy, version  The organisation's policy; null where none names this one.
-- vendor_id  The vendor's id.
-- kind  What the vendor calls it: sign_on, conditional_access, ruleset, …
-- expected  enabled or report_only; null where no policy names it.
-- state  enabled, report_only, disabled or unknown, in the newest snapshot; null where it isn't in it.
-- finding  agrees, missing (it isn't there), disabled, only_reports, binds_already, not_in_code, unknown.
-- taken  When the newest snapshot of that vendor was taken; null: there is none.
WITH latest AS (
    SELECT policy, max(version) AS version FROM policies_all GROUP BY policy
), mapped AS (
    SELECT v.policy, v.version, v.source, v.vendor_id, p.phase
    FROM policies_all v
    JOIN latest l ON l.policy = v.policy AND l.version = v.version
    JOIN policies_all p ON p.policy = v.policy AND p.version = v.version AND p.part = 'policy'
    WHERE v.part = 'vendor'
), snapshots AS (
    SELECT source, max(taken) AS taken FROM vendor_policies GROUP BY source
), there AS (
    SELECT source, policy_id, kind, name, parent_id, state
    FROM vendor_policies
    WHERE source IN (SELECT source FROM mapped)
), named AS (
    SELECT
        coalesce(m.source, t.source) AS source,
        coalesce(m.vendor_id, t.policy_id) AS vendor_id,
        m.policy, m.version, m.phase, t.kind, t.name, t.parent_id, t.state,
        CASE
            WHEN m.policy IS NULL THEN NULL
            WHEN m.phase = 'report_only' THEN 'report_only'
            ELSE 'enabled'
        END AS expected
    FROM mapped m
    FULL JOIN there t ON t.source = m.source AND t.policy_id = m.vendor_id
)
SELECT
    n.policy, n.version, n.phase, n.source, n.vendor_id, n.kind, n.name, n.expected, n.state,
    CASE
        WHEN n.policy IS NULL THEN 'not_in_code'
        WHEN s.taken IS NULL THEN 'unknown'
        WHEN n.state IS NULL THEN 'missing'
        WHEN n.state = 'disabled' THEN 'disabled'
        WHEN n.state = 'unknown' THEN 'unknown'
        WHEN n.expected = 'enabled' AND n.state = 'report_only' THEN 'only_reports'
        WHEN n.expected = 'report_only' AND n.state = 'enabled' THEN 'binds_already'
        ELSE 'agrees'
    END AS finding,
    s.taken
FROM named n
LEFT JOIN snapshots s ON s.source = n.source
-- A rule of a policy that is named is named with it.
WHERE n.policy IS NOT NULL
    OR n.parent_id IS NULL
    OR n.parent_id NOT IN (SELECT vendor_id FROM mapped)
