-- question: How many attempts to sign in succeed?
-- sentence: of sign-ins succeeded
-- counts: attempt, attempts
-- k: attempts that succeeded
-- n: attempts that ended
-- unit: share
-- band: bounds
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network
-- population: attempts that have ended: success, failure, denied, abandoned, error, or in a way that the source doesn't say
-- excludes: interrupted attempts (a further step was asked for elsewhere)
-- columns: bucket, grp, figure (empty), k (succeeded), n (ended), unknown (how isn't said)
-- version: 2
SELECT
    bucket($grain, started, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    sum(CASE WHEN outcome = 'success' THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    sum(CASE WHEN outcome = 'unknown' THEN 1 ELSE 0 END) AS unknown
FROM attempts
WHERE started >= $from AND started < $to
    AND outcome <> 'interrupted' {only}
GROUP BY 1, 2
