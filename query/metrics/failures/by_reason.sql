-- question: Why do attempts fail?
-- unit: count
-- band: interval95
-- shape: counts
-- also: per_1000
-- grain: day, week, month, total
-- dimensions: attempts
-- population: attempts that ended in failure or denied
-- excludes: abandoned prompts and errors of the service
-- columns: bucket, grp, figure (the reason), k (failed for it), n (all attempts), unknown
-- version: 1
WITH counted AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        CASE WHEN outcome IN ('failure', 'denied') THEN coalesce(reason, 'unknown') END AS reason,
        count(*) AS k
    FROM attempts
    WHERE started >= $from AND started < $to {only}
    GROUP BY 1, 2, 3
), totals AS (
    SELECT *, sum(k) OVER (PARTITION BY bucket, grp) AS n FROM counted
)
SELECT bucket, grp, reason AS figure, k, n, CAST(0 AS BIGINT) AS unknown
FROM totals
WHERE reason IS NOT NULL
