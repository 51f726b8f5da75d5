-- question: How do attempts to sign in end?
-- counts: attempt, attempts
-- k: attempts that ended so
-- n: all attempts
-- unit: count
-- band: none
-- shape: counts
-- statistic: census
-- absent: zero
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network
-- population: every attempt at every service, of people and machines
-- excludes: nothing
-- columns: bucket, grp, figure (the outcome), k (attempts that ended so), n (all attempts), unknown
-- version: 1
WITH counted AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        outcome,
        count(*) AS k
    FROM attempts
    WHERE started >= $from AND started < $to {only}
    GROUP BY 1, 2, 3
)
SELECT
    bucket, grp, outcome AS figure, k,
    sum(k) OVER (PARTITION BY bucket, grp) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM counted
