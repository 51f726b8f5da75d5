-- question: How many attempts to sign in succeed?
-- unit: share
-- band: interval95
-- shape: counts
-- grain: day, week, month, total
-- dimensions: attempts
-- population: attempts that have ended: success, failure, denied, abandoned or error
-- excludes: interrupted attempts (a further step was asked for elsewhere) and those whose end the source doesn't say
-- columns: bucket, grp, figure (empty), k (succeeded), n (ended), unknown
-- version: 1
SELECT
    bucket($grain, started, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    sum(CASE WHEN outcome = 'success' THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM attempts
WHERE started >= $from AND started < $to
    AND outcome IN ('success', 'failure', 'denied', 'abandoned', 'error') {only}
GROUP BY 1, 2
