-- question: How many exceptions are there, and which are over?
-- counts: exception, exceptions
-- unit: count
-- band: none
-- shape: counts
-- grain: day, week, month, quarter, total
-- population: exceptions of the versions in force at the end of the bucket's last day
-- excludes: exceptions of versions that another has taken over from
-- columns: bucket, grp, figure (open; expiring: its last day is at most 30 days off; expired; expired_used: of these, those that accesses of the bucket would still have needed), k, n (all exceptions)
-- version: 1
WITH versions AS (
    SELECT policy, version, effective_at, until FROM policies
), standing AS (
    SELECT
        b.bucket, b.last_day, e.policy, e.number, e.who, e.expires
    FROM buckets b
    JOIN versions v
        ON v.effective_at < CAST(b.last_day AS TIMESTAMP) + INTERVAL '1 day'
        AND (v.until IS NULL OR v.until >= CAST(b.last_day AS TIMESTAMP) + INTERVAL '1 day')
    JOIN policies_all e
        ON e.policy = v.policy AND e.version = v.version AND e.part = 'exception'
), used AS (
    SELECT DISTINCT bucket($grain, time, $time_zone) AS used_bucket, policy, exception
    FROM policy_decisions
    WHERE time >= $from AND time < $to AND lapsed AND outcome IN ('success', 'unknown')
), judged AS (
    SELECT
        s.bucket,
        CASE
            WHEN s.expires < s.last_day THEN 'expired'
            WHEN s.expires <= s.last_day + INTERVAL '30 days' THEN 'expiring'
            ELSE 'open'
        END AS state,
        s.expires < s.last_day AND u.policy IS NOT NULL AS still_used
    FROM standing s
    LEFT JOIN used u
        ON u.policy = s.policy AND u.exception = s.who
        AND (u.used_bucket = s.bucket OR s.bucket IS NULL)
)
SELECT
    j.bucket, CAST(NULL AS VARCHAR) AS grp, f.figure,
    sum(CASE
        WHEN f.figure = 'expired_used' AND j.still_used THEN 1
        WHEN f.figure = j.state THEN 1
        ELSE 0
    END) AS k,
    count(*) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM judged j
CROSS JOIN (VALUES ('open'), ('expiring'), ('expired'), ('expired_used')) AS f(figure)
GROUP BY j.bucket, f.figure
