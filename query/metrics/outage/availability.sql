-- question: How reliably can people sign in at all?
-- sentence: of attempts met a service that worked
-- counts: attempt, attempts
-- k: attempts that the service answered, with yes or with no
-- n: all attempts
-- unit: share
-- band: bounds
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network
-- population: attempts of people and machines; one that ended in an error of the service was not answered
-- excludes: interrupted attempts (a further step was asked for elsewhere); who met a service that didn't answer at all left no event
-- columns: bucket, grp, figure (empty), k, n, unknown (how it ended isn't said)
-- version: 1
SELECT
    bucket($grain, started, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    sum(CASE WHEN outcome IN ('error', 'unknown') OR coalesce(reason = 'service_error', false)
        THEN 0 ELSE 1 END) AS k,
    count(*) AS n,
    sum(CASE WHEN outcome = 'unknown' AND NOT coalesce(reason = 'service_error', false)
        THEN 1 ELSE 0 END) AS unknown
FROM attempts
WHERE started >= $from AND started < $to
    AND outcome <> 'interrupted'
    {only}
GROUP BY 1, 2
