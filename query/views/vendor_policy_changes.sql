-- What differs between an account's consecutive policy snapshots: policies and rules
-- that were added, removed or changed. Where a vendor didn't give a kind for some
-- days, the snapshots before and after are compared.
-- columns:
-- account  The [[pull]] that was asked.
-- taken_before, taken_after  When the two snapshots were taken: it changed in between.
-- kind  sign_on, access, conditional_access, security_defaults, two_factor_requirement, ruleset or branch_protection.
-- change  added, removed or changed.
-- parent_id  What it belongs to: a rule's policy, a branch's repository.
-- state_before, state_after  enabled, report_only, disabled or unknown; null where it wasn't there.
-- raw_before, raw_after  What it said and says; json_changes shows the difference.
WITH snapshots AS (
    SELECT DISTINCT source, account, kind, taken
    FROM vendor_policies_all
    WHERE state <> 'unavailable'
), steps AS (
    SELECT
        source,
        account,
        kind,
        lag(taken) OVER (PARTITION BY source, account, kind ORDER BY taken) AS taken_before,
        taken AS taken_after
    FROM snapshots
), earlier AS (
    SELECT s.taken_before, s.taken_after, p.*
    FROM vendor_policies_all p
    JOIN steps s
        ON p.source = s.source AND p.account = s.account AND p.kind = s.kind
        AND p.taken = s.taken_before
    WHERE p.policy_id IS NOT NULL
), later AS (
    SELECT s.taken_before, s.taken_after, p.*
    FROM vendor_policies_all p
    JOIN steps s
        ON p.source = s.source AND p.account = s.account AND p.kind = s.kind
        AND p.taken = s.taken_after
    WHERE p.policy_id IS NOT NULL AND s.taken_before IS NOT NULL
)
SELECT
    coalesce(l.taken_before, e.taken_before) AS taken_before,
    coalesce(l.taken_after, e.taken_after) AS taken_after,
    coalesce(l.source, e.source) AS source,
    coalesce(l.account, e.account) AS account,
    coalesce(l.kind, e.kind) AS kind,
    CASE
        WHEN e.policy_id IS NULL THEN 'added'
        WHEN l.policy_id IS NULL THEN 'removed'
        ELSE 'changed'
    END AS change,
    coalesce(l.policy_id, e.policy_id) AS policy_id,
    coalesce(l.parent_id, e.parent_id) AS parent_id,
    coalesce(l.name, e.name) AS name,
    e.state AS state_before,
    l.state AS state_after,
    e.raw AS raw_before,
    l.raw AS raw_after
FROM earlier e
FULL JOIN later l
    ON e.source = l.source AND e.account = l.account AND e.kind = l.kind
    AND e.taken_after = l.taken_after AND e.policy_id = l.policy_id
-- Of what was erased neither the text nor its hash is left: two of those don't differ.
WHERE e.policy_id IS NULL OR l.policy_id IS NULL OR e.sha256 IS DISTINCT FROM l.sha256
