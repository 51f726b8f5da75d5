-- question: How much of signing in can't be phished?
-- sentence: of sign-ins used a phishing-resistant factor
-- counts: sign-in, sign-ins
-- k: sign-ins with a passkey, security key or certificate
-- n: all sign-ins
-- k people: people whose every sign-in was with one of these
-- n people: people who signed in
-- unit: share
-- band: bounds
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: attempts
-- population: successful interactive attempts of human accounts at an identity provider or at a service's own login; for people, persons with at least one of them
-- excludes: access that came from another sign-in (it counts once, with that), accounts that no person is known for, service and shared accounts
-- columns: bucket, grp, figure (empty: attempts with a passkey, security key or certificate; people: persons whose every attempt was one), k, n, unknown (MFA or its factor isn't said)
-- version: 2
WITH counted AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        person,
        CASE
            WHEN phishing_resistant AND mfa IN ('performed', 'claim_in_token') THEN 'yes'
            WHEN mfa = 'unknown' THEN 'unknown'
            WHEN mfa IN ('performed', 'claim_in_token', 'remembered')
                AND phishing_resistant IS NULL THEN 'unknown'
            ELSE 'no'
        END AS answer,
        count(*) AS n
    FROM attempts
    WHERE started >= $from AND started < $to
        AND outcome = 'success'
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        AND came_from IS NULL
        {only}
    GROUP BY 1, 2, 3, 4
), people AS (
    SELECT
        bucket, grp, person,
        bool_and(answer = 'yes') AS every,
        bool_or(answer = 'no') AS not_every
    FROM counted
    GROUP BY bucket, grp, person
)
SELECT
    bucket, grp, '' AS figure,
    sum(CASE WHEN answer = 'yes' THEN n ELSE 0 END) AS k,
    sum(n) AS n,
    sum(CASE WHEN answer = 'unknown' THEN n ELSE 0 END) AS unknown
FROM counted
GROUP BY bucket, grp
UNION ALL
SELECT
    bucket, grp, 'people',
    sum(CASE WHEN every THEN 1 ELSE 0 END),
    count(*),
    sum(CASE WHEN NOT every AND NOT not_every THEN 1 ELSE 0 END)
FROM people
GROUP BY bucket, grp
