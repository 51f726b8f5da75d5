-- question: How much of signing in has a second factor behind it?
-- sentence: of sign-ins used a second factor
-- counts: sign-in, sign-ins
-- k used: sign-ins with a second factor, given then or claimed in a token
-- k remembered: sign-ins on a device that is remembered
-- k bypassed: sign-ins past the second factor by an administrator's bypass
-- k unknown: sign-ins of which nothing is said of a second factor
-- k inherited_by_timing: accesses that only their timing ties to a sign-in with a second factor
-- k person_days: days of a person on which everything had a second factor behind it
-- n: all sign-ins
-- n inherited_by_timing: all sign-ins and these accesses
-- n person_days: days of a person with a sign-in
-- unit: share
-- band: bounds
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: attempts
-- population: successful interactive attempts of human accounts at an identity provider or at a service's own login; for person_days, days on which a person signed in
-- excludes: access that came from another sign-in, in its session or through the provider: however many applications, it counts once, with the sign-in that it came from; accounts that no person is known for, service and shared accounts
-- columns: bucket, grp, figure (used: performed or claimed in a token; remembered, bypassed, unknown: shares of their own; inherited_by_timing: share of these and the attempts proven only by timing; person_days: days on which everything was backed by MFA), k, n, unknown
-- version: 2
WITH counted AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        bucket('day', started, $time_zone) AS day,
        person,
        mfa,
        mfa_proof_kind,
        came_from IS NULL AS of_its_own,
        count(*) AS n
    FROM attempts
    WHERE started >= $from AND started < $to
        AND outcome = 'success'
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        {only}
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), by_mfa AS (
    SELECT bucket, grp, mfa, mfa_proof_kind, of_its_own, sum(n) AS n
    FROM counted
    WHERE of_its_own OR mfa_proof_kind = 'timing'
    GROUP BY bucket, grp, mfa, mfa_proof_kind, of_its_own
), named(figure) AS (
    VALUES ('used'), ('remembered'), ('bypassed'), ('unknown'), ('inherited_by_timing')
), shares AS (
    SELECT
        c.bucket, c.grp, f.figure,
        sum(CASE
            WHEN f.figure = 'used' AND c.mfa IN ('performed', 'claim_in_token') THEN c.n
            WHEN f.figure = 'remembered' AND c.mfa = 'remembered' THEN c.n
            WHEN f.figure = 'bypassed' AND c.mfa = 'bypassed' THEN c.n
            WHEN f.figure = 'unknown' AND c.mfa = 'unknown' THEN c.n
            WHEN f.figure = 'inherited_by_timing' AND c.mfa_proof_kind = 'timing' THEN c.n
            ELSE 0
        END) AS k,
        sum(CASE
            WHEN c.of_its_own OR f.figure = 'inherited_by_timing' THEN c.n
            ELSE 0
        END) AS n,
        sum(CASE WHEN c.mfa = 'unknown' AND f.figure <> 'unknown' THEN c.n ELSE 0 END) AS not_said
    FROM by_mfa c
    CROSS JOIN named f
    GROUP BY c.bucket, c.grp, f.figure
), person_days AS (
    SELECT
        bucket, grp, day, person,
        bool_and(mfa IN ('performed', 'claim_in_token', 'remembered', 'inherited')) AS backed,
        bool_or(mfa NOT IN ('performed', 'claim_in_token', 'remembered', 'inherited', 'unknown'))
            AS unbacked
    FROM counted
    GROUP BY bucket, grp, day, person
)
SELECT bucket, grp, figure, k, n, not_said AS unknown FROM shares
UNION ALL
SELECT
    bucket, grp, 'person_days',
    sum(CASE WHEN backed THEN 1 ELSE 0 END),
    count(*),
    sum(CASE WHEN NOT backed AND NOT unbacked THEN 1 ELSE 0 END)
FROM person_days
GROUP BY bucket, grp
