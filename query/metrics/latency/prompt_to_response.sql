-- question: How long does it take to answer a prompt?
-- sentence: prompts
-- counts: prompt, prompts
-- unit: milliseconds
-- band: interval95
-- shape: histogram
-- statistic: order statistics
-- figures: mean, p50, p90, p95, p99
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network, factor_platform_country
-- population: prompts of human accounts that were answered rightly, from the prompt to the answer; the interval of the mean counts persons
-- excludes: prompts whose sending the source doesn't tell
-- columns: bucket, grp, figure (value: value is milliseconds and n how often; cluster: value is a person's sum and n their prompts; population: n is all completed attempts with a prompt), value, n
-- version: 1
WITH completed AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        person,
        prompt_to_response_ms AS ms
    FROM attempts
    WHERE started >= $from AND started < $to
        AND outcome = 'success'
        AND account_kind = 'human'
        AND prompts > 0
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
