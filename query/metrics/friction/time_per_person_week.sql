-- question: How much of a person's week goes into signing in?
-- sentence: signing in, a person and week
-- counts: person-week, person-weeks
-- k: the time that sign-ins took from their first to their last step
-- n: weeks in which a person signed in where that can be timed
-- unit: milliseconds
-- band: interval95
-- shape: rate
-- statistic: clustered by person
-- per: 1 person-week
-- grain: week, month, quarter, total
-- dimensions: attempts, network
-- population: weeks, from Monday, in which a person had a sign-in that could be timed from its first to its last step
-- excludes: sign-ins that can't be timed, that include idling or were timed on the server (other bases are never mixed in), and attempts that failed: it is the least that it takes
-- columns: bucket, grp, figure (empty), k (milliseconds of a person), exposure (their weeks)
-- version: 1
SELECT
    bucket($grain, started, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    CAST(sum(duration_ms) AS BIGINT) AS k,
    count(DISTINCT bucket('week', started, $time_zone)) AS exposure
FROM attempts
WHERE started >= $from AND started < $to
    AND outcome = 'success'
    AND account_kind = 'human'
    AND person IS NOT NULL
    AND duration_basis = 'step_times'
    AND (prompts > 0 OR factor IS NOT NULL)
    {only}
GROUP BY 1, 2, person
