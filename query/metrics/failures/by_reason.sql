-- question: Why do attempts fail?
-- counts: failure, failures
-- k: attempts that failed for the figure's reason
-- n: all attempts
-- unit: count
-- band: bounds
-- shape: counts
-- statistic: census
-- also: per_1000
-- absent: zero
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network
-- population: attempts that ended in failure or denied
-- excludes: abandoned prompts and errors of the service
-- columns: bucket, grp, figure (the reason), k (failed for it), n (all attempts), unknown (failed for a reason that isn't said)
-- version: 2
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
    SELECT
        *,
        sum(k) OVER (PARTITION BY bucket, grp) AS n,
        sum(CASE WHEN reason = 'unknown' THEN k ELSE 0 END) OVER (PARTITION BY bucket, grp)
            AS not_said
    FROM counted
)
SELECT
    bucket, grp, reason AS figure, k, n,
    CASE WHEN reason = 'unknown' THEN 0 ELSE not_said END AS unknown
FROM totals
WHERE reason IS NOT NULL
