-- question: How long do sessions stay in use?
-- sentence: of sessions
-- counts: session, sessions
-- k: sessions that were used for longer than the figure says, from their first event to their last
-- n: sessions used in the period
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- grain: week, month, quarter, total
-- dimensions: source
-- population: sessions that an event of the bucket names, by their last event in it, looked at for 90 days before the period
-- excludes: sources that name no session; what began longer than 90 days before the period counts from there
-- columns: bucket, grp, figure (over_12_hours, over_1_day, over_7_days, over_30_days), k, n, unknown
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
        (epoch_ms(u.last_used) - epoch_ms(b.first_used)) / 3600000.0 AS hours
    FROM used u
    JOIN begun b ON b.of_source = u.source AND b.of_session = u.session_id
    WHERE true {only}
), spans(figure, hours_at_most) AS (
    VALUES ('over_12_hours', 12), ('over_1_day', 24), ('over_7_days', 168), ('over_30_days', 720)
)
SELECT
    a.bucket, a.grp, s.figure,
    sum(CASE WHEN a.hours > s.hours_at_most THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM ages a
CROSS JOIN spans s
GROUP BY a.bucket, a.grp, s.figure
