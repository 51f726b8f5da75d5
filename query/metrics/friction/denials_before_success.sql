-- question: How often are people refused before they get in?
-- sentence: refusals
-- counts: sign-in, sign-ins
-- unit: count
-- band: interval95
-- shape: histogram
-- statistic: order statistics
-- figures: mean, p50, p95, p99
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network
-- population: successful interactive attempts of human accounts, with what was refused on the way: wrong or refused answers of the attempt itself, and failed or denied attempts of the same account at the same source since its success before, 30 minutes back at most; the interval of the mean counts persons
-- excludes: service, shared and unknown accounts; refusals after which nobody got in (see recovery)
-- columns: bucket, grp, figure (value: value is refusals and n how many successes had them; cluster: value is a person's sum and n their successes), value, n
-- version: 1
WITH tried AS (
    SELECT
        *,
        coalesce(sum(CASE WHEN outcome = 'success' THEN 1 ELSE 0 END) OVER (
            PARTITION BY source, user_name ORDER BY started, shard, seq, part
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS successes_before
    FROM attempts
    WHERE started >= $from - INTERVAL '30 minutes' AND started < $to
        AND account_kind = 'human'
        AND user_name IS NOT NULL
        AND coalesce(interactive, true)
), ended_in AS (
    SELECT
        *,
        max(CASE WHEN outcome = 'success' THEN started END)
            OVER (PARTITION BY source, user_name, successes_before) AS success_at
    FROM tried
), counted AS (
    SELECT
        *,
        sum(CASE WHEN outcome IN ('failure', 'denied') AND started >= success_at - INTERVAL '30 minutes'
            THEN 1 ELSE 0 END)
            OVER (PARTITION BY source, user_name, successes_before) AS refused
    FROM ended_in
), successes AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        person,
        refused + coalesce(refusals, 0) AS refused
    FROM counted
    WHERE outcome = 'success' AND started >= $from {only}
)
SELECT bucket, grp, 'value' AS figure, refused AS value, count(*) AS n
FROM successes GROUP BY bucket, grp, refused
UNION ALL
SELECT bucket, grp, 'cluster', sum(refused), count(*)
FROM successes GROUP BY bucket, grp, person
