-- question: Are sessions used after they ended?
-- sentence: of ended sessions were used afterwards
-- counts: ended session, ended sessions
-- k: sessions that succeeded at something more than a minute after they had been signed out or revoked
-- n: sessions that were signed out or revoked
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- grain: week, month, quarter, total
-- dimensions: source
-- population: sessions that a successful logoff (a sign-out or a revocation) in the period names, by their first one; use is looked for during 7 days after it
-- excludes: sources whose sign-outs name no session; a minute's grace for what was under way
-- columns: bucket, grp, figure (empty), k, n, unknown
-- version: 1
WITH ends AS (
    SELECT source, session_id, min(time) AS ended_at
    FROM events
    WHERE activity = 'logoff' AND outcome = 'success' AND session_id IS NOT NULL
        AND time >= $from AND time < $to
    GROUP BY source, session_id
), uses AS (
    SELECT source AS of_source, session_id AS of_session, max(time) AS last_used
    FROM events
    WHERE activity IN ('logon', 'verify', 'token_issue', 'elevate', 'access', 'admin')
        AND outcome = 'success' AND session_id IS NOT NULL
        AND time >= $from AND time < $to + INTERVAL '7 days'
    GROUP BY source, session_id
), judged AS (
    SELECT
        e.source, e.ended_at,
        coalesce(u.last_used > e.ended_at + INTERVAL '1 minute', false) AS used_after
    FROM ends e
    LEFT JOIN uses u ON u.of_source = e.source AND u.of_session = e.session_id
)
SELECT
    bucket($grain, ended_at, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    sum(CASE WHEN used_after THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM judged
WHERE true {only}
GROUP BY 1, 2
