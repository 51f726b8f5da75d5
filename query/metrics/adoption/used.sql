-- question: How much of signing in has a second factor behind it?
-- unit: share
-- band: bounds
-- shape: counts
-- grain: day, week, month, total
-- dimensions: attempts
-- population: successful interactive attempts of human accounts at an identity provider or at a service's own login; for person_days, days on which a person signed in
-- excludes: access inherited by token or session (it counts once, with the sign-in that it came from), accounts that no person is known for, service and shared accounts
-- columns: bucket, grp, figure (used: performed or claimed in a token; remembered, bypassed, unknown: shares of their own; inherited_by_timing: share of these and the attempts proven only by timing; person_days: days on which everything was backed by MFA), k, n, unknown
-- version: 1
WITH counted AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        bucket('day', started, $time_zone) AS day,
        person,
        mfa,
        mfa_proof_kind,
        count(*) AS n
    FROM attempts
    WHERE started >= $from AND started < $to
        AND outcome = 'success'
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        {only}
    GROUP BY 1, 2, 3, 4, 5, 6
), totals AS (
    SELECT
        bucket, grp,
        sum(CASE WHEN mfa IN ('performed', 'claim_in_token') THEN n ELSE 0 END) AS used,
        sum(CASE WHEN mfa = 'remembered' THEN n ELSE 0 END) AS remembered,
        sum(CASE WHEN mfa = 'bypassed' THEN n ELSE 0 END) AS bypassed,
        sum(CASE WHEN mfa = 'unknown' THEN n ELSE 0 END) AS not_said,
        sum(CASE WHEN mfa_proof_kind = 'timing' THEN n ELSE 0 END) AS timing,
        sum(CASE WHEN mfa <> 'inherited' THEN n ELSE 0 END) AS own
    FROM counted
    GROUP BY bucket, grp
), person_days AS (
    SELECT
        bucket, grp, day, person,
        bool_and(mfa IN ('performed', 'claim_in_token', 'remembered', 'inherited')) AS backed,
        bool_or(mfa NOT IN ('performed', 'claim_in_token', 'remembered', 'inherited', 'unknown'))
            AS unbacked
    FROM counted
    GROUP BY bucket, grp, day, person
)
SELECT bucket, grp, 'used' AS figure, used AS k, own AS n, not_said AS unknown FROM totals
UNION ALL
SELECT bucket, grp, 'remembered', remembered, own, not_said FROM totals
UNION ALL
SELECT bucket, grp, 'bypassed', bypassed, own, not_said FROM totals
UNION ALL
SELECT bucket, grp, 'unknown', not_said, own, CAST(0 AS BIGINT) FROM totals
UNION ALL
SELECT bucket, grp, 'inherited_by_timing', timing, own + timing, not_said FROM totals
UNION ALL
SELECT
    bucket, grp, 'person_days',
    sum(CASE WHEN backed THEN 1 ELSE 0 END),
    count(*),
    sum(CASE WHEN NOT backed AND NOT unbacked THEN 1 ELSE 0 END)
FROM person_days
GROUP BY bucket, grp
