-- Exceptions of policies, one row per exception of a policy's latest version: who, until
-- when, and whether it was needed. An exception counts through its last day, UTC.
-- columns:
-- policy, version, number  The policy, its latest version, the exception's place in it.
-- who  Whom it excepts: person:, service:, team:, role:, cohort:, login:, account:, pipeline: or kind: and a name.
-- expires  Its last day.
-- state  open, expiring (at most 30 days left) or expired.
-- uses  Accesses that it let through.
-- last_used  When the last of them was.
-- uses_after_expiry  Accesses since its last day that it would have let through.
WITH latest AS (
    SELECT policy, max(version) AS version FROM policies_all GROUP BY policy
), used AS (
    SELECT
        policy, exception AS excepted,
        count(*) AS decisions,
        sum(CASE WHEN result = 'excepted' THEN 1 ELSE 0 END) AS uses,
        max(CASE WHEN result = 'excepted' THEN time END) AS last_used,
        sum(CASE WHEN lapsed THEN 1 ELSE 0 END) AS uses_after_expiry
    FROM policy_decisions
    WHERE exception IS NOT NULL AND outcome IN ('success', 'unknown')
    GROUP BY policy, exception
)
SELECT
    e.policy, e.version, e.number, e.who, e.reason, e.ticket, e.expires,
    CASE
        WHEN e.expires < current_date THEN 'expired'
        WHEN e.expires < current_date + INTERVAL '31 days' THEN 'expiring'
        ELSE 'open'
    END AS state,
    CAST(coalesce(u.uses, 0) AS BIGINT) AS uses,
    u.last_used,
    CAST(coalesce(u.uses_after_expiry, 0) AS BIGINT) AS uses_after_expiry
FROM policies_all e
JOIN latest l ON l.policy = e.policy AND l.version = e.version
LEFT JOIN used u ON u.policy = e.policy AND u.excepted = e.who
WHERE e.part = 'exception'
