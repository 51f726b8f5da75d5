-- Vendors' policies as the newest snapshot has them, one row per policy or rule. A
-- kind of policies that a vendor didn't give stays as it was given last; every
-- snapshot is in vendor_policies_all.
-- columns:
-- account  The [[pull]] that was asked.
-- kind  sign_on, access, conditional_access, security_defaults, two_factor_requirement, ruleset or branch_protection.
-- parent_id  What it belongs to: a rule's policy, a branch's repository.
-- state  enabled, report_only, disabled or unknown.
-- raw  What it says: JSON after redaction, keys in order.
-- sha256  The SHA-256 of raw.
-- taken, as_of  When, and for which day.
WITH newest AS (
    SELECT source, account, kind, max(taken) AS taken
    FROM vendor_policies_all
    WHERE state <> 'unavailable'
    GROUP BY source, account, kind
)
SELECT
    p.source,
    p.account,
    p.kind,
    p.policy_id,
    p.parent_id,
    p.name,
    p.state,
    p.raw,
    p.sha256,
    p.taken,
    p.as_of
FROM vendor_policies_all p
JOIN newest n
    ON p.source = n.source AND p.account = n.account AND p.kind = n.kind AND p.taken = n.taken
WHERE p.policy_id IS NOT NULL
