-- question: How long does it take people to get in after a policy stopped them?
-- sentence: stopped sign-ins
-- counts: sign-in, sign-ins
-- unit: milliseconds
-- band: none
-- shape: histogram
-- figures: mean, p50, p90
-- grain: day, week, month, quarter, total
-- dimensions: attempts
-- population: sign-ins of human accounts that a policy denied or that were given up at its challenge, to the person's next sign-in that works at the same source, at most 8 hours (a working day): who doesn't get in by then counts with 8 hours
-- excludes: a stop that follows another of the same person before one works (it is the same wait); drills and sandboxes (annotations)
-- columns: bucket, grp, figure (value: value is milliseconds and n how often; cluster: value is a person's sum and n their stops; population: n is all stops), value, n
-- version: 1
WITH left_out AS (
    SELECT hour_ms, begins, ends, source AS marked_source
    FROM annotated_hours
    WHERE kind IN ('drill', 'sandbox')
), tried AS (
    SELECT
        a.*,
        coalesce(policy_result = 'denied', false) OR coalesce(blocked, false)
            OR (outcome = 'abandoned' AND coalesce(policy_challenged, false)) AS stopped
    FROM accesses a
    LEFT JOIN left_out l
        ON l.hour_ms = epoch_ms(a.time) - epoch_ms(a.time) % 3600000
        AND a.time >= l.begins AND a.time < l.ends
        AND (l.marked_source IS NULL OR l.marked_source = a.source)
    WHERE a.time >= $from - INTERVAL '8 hours' AND a.time < $to + INTERVAL '8 hours'
        AND a.kind = 'sign_in' AND a.account_kind = 'human' AND a.who IS NOT NULL
        AND l.hour_ms IS NULL
), ended_or_stopped AS (
    SELECT * FROM tried WHERE stopped OR outcome = 'success'
), waits AS (
    SELECT
        *,
        lag(stopped) OVER mine AS waits_already,
        min(CASE WHEN NOT stopped THEN epoch_ms(ended) END) OVER (
            PARTITION BY who, source ORDER BY time, shard, seq, part
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS in_ms
    FROM ended_or_stopped
    WINDOW mine AS (PARTITION BY who, source ORDER BY time, shard, seq, part)
), stops AS (
    SELECT
        bucket($grain, time, $time_zone) AS bucket,
        {group} AS grp,
        who,
        least(coalesce(in_ms - epoch_ms(time), 28800000), 28800000) AS ms
    FROM waits
    WHERE stopped AND NOT coalesce(waits_already, false)
        AND time >= $from AND time < $to
        {only}
)
SELECT bucket, grp, 'value' AS figure, ms AS value, count(*) AS n
FROM stops GROUP BY bucket, grp, ms
UNION ALL
SELECT bucket, grp, 'cluster', sum(ms), count(*)
FROM stops GROUP BY bucket, grp, who
UNION ALL
SELECT bucket, grp, 'population', CAST(0 AS BIGINT), count(*)
FROM stops GROUP BY bucket, grp
