-- question: How many sign-ins can be timed at all?
-- unit: share
-- band: none
-- shape: counts
-- grain: day, week, month, total
-- dimensions: attempts
-- population: successful attempts of human accounts in which something was asked for
-- excludes: access out of a session
-- columns: bucket, grp, figure (empty: any basis; else the basis), k (measured), n, unknown
-- version: 1
WITH completed AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        duration_basis,
        prompt_to_response_ms IS NOT NULL AS prompted,
        count(*) AS n
    FROM attempts
    WHERE started >= $from AND started < $to
        AND outcome = 'success'
        AND account_kind = 'human'
        AND (prompts > 0 OR factor IS NOT NULL)
        {only}
    GROUP BY 1, 2, 3, 4
), totals AS (
    SELECT bucket, grp, sum(n) AS n FROM completed GROUP BY bucket, grp
), figures AS (
    SELECT bucket, grp, '' AS figure, sum(n) AS k
    FROM completed WHERE duration_basis IS NOT NULL OR prompted GROUP BY bucket, grp
    UNION ALL
    SELECT bucket, grp, duration_basis, sum(n)
    FROM completed WHERE duration_basis IS NOT NULL GROUP BY bucket, grp, duration_basis
    UNION ALL
    SELECT bucket, grp, 'prompt_to_response', sum(n)
    FROM completed WHERE prompted GROUP BY bucket, grp
)
SELECT t.bucket, t.grp, coalesce(f.figure, '') AS figure, coalesce(f.k, 0) AS k, t.n,
    CAST(0 AS BIGINT) AS unknown
FROM totals t
LEFT JOIN figures f ON (t.bucket = f.bucket OR (t.bucket IS NULL AND f.bucket IS NULL))
    AND (t.grp = f.grp OR (t.grp IS NULL AND f.grp IS NULL))
