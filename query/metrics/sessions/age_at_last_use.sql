-- question: How old are sessions when they are last used?
-- sentence: sessions
-- counts: session, sessions
-- unit: milliseconds
-- band: none
-- shape: histogram
-- statistic: census
-- figures: p50, p90, p95, p99
-- grain: week, month, quarter, total
-- dimensions: source
-- population: sessions that an event of the bucket names, from their first event to their last one in it, to the minute, looked at for 90 days before the period
-- excludes: sources that name no session; what began longer than 90 days before the period counts from there
-- columns: bucket, grp, figure (value: value is milliseconds and n how many sessions), value, n
-- version: 1
WITH named AS (
    SELECT source, session_id, time
    FROM events
    WHERE session_id IS NOT NULL AND outcome = 'success'
        AND time >= $from - INTERVAL '90 days' AND time < $to
), begun AS (
    SELECT source AS of_source, session_id AS of_session, min(time) AS first_used
    FROM named
    GROUP BY source, session_id
), used AS (
    SELECT
        bucket($grain, time, $time_zone) AS bucket,
        source, session_id, max(time) AS last_used
    FROM named
    WHERE time >= $from
    GROUP BY 1, 2, 3
), ages AS (
    SELECT
        u.bucket, {group} AS grp,
        (epoch_ms(u.last_used) - epoch_ms(b.first_used)) / 60000 * 60000 AS age_ms
    FROM used u
    JOIN begun b ON b.of_source = u.source AND b.of_session = u.session_id
    WHERE true {only}
)
SELECT bucket, grp, 'value' AS figure, age_ms AS value, count(*) AS n
FROM ages
GROUP BY bucket, grp, age_ms
