-- question: How long does it take to sign in?
-- sentence: sign-ins
-- counts: sign-in, sign-ins
-- unit: milliseconds
-- band: interval95
-- shape: histogram
-- statistic: order statistics
-- figures: mean, p50, p90, p95, p99
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network, factor_platform_country
-- population: successful attempts of human accounts in which something was asked for, measured from the first to the last step; the interval of the mean counts persons
-- excludes: access out of a session (nothing was asked for), sources that can't be measured, and times that include idling or were taken on the server (other bases are never mixed in)
-- columns: bucket, grp, figure (value: value is milliseconds and n how often; cluster: value is a person's sum and n their attempts; population: n is all completed attempts), value, n
-- version: 1
WITH completed AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        person,
        CASE WHEN duration_basis = 'step_times' THEN duration_ms END AS ms
    FROM attempts
    WHERE started >= $from AND started < $to
        AND outcome = 'success'
        AND account_kind = 'human'
        AND (prompts > 0 OR factor IS NOT NULL)
        {only}
)
SELECT bucket, grp, 'value' AS figure, ms AS value, count(*) AS n
FROM completed WHERE ms IS NOT NULL GROUP BY bucket, grp, ms
UNION ALL
SELECT bucket, grp, 'cluster', sum(ms), count(*)
FROM completed WHERE ms IS NOT NULL GROUP BY bucket, grp, person
UNION ALL
SELECT bucket, grp, 'population', CAST(0 AS BIGINT), count(*)
FROM completed GROUP BY bucket, grp
