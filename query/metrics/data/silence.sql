-- question: In how many of their usual hours were sources silent?
-- sentence: of the hours in which a source always talks were silent
-- counts: hour, hours
-- k: hours in which nothing came in
-- n: hours in which the source always talks
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: source
-- population: hours of a source in which something of it was received over a live input in the same hour of each of the four weeks before, also what was set aside or replaced since
-- excludes: hours that aren't over; sources in their first four weeks, and those that only come from files; hours in which a source was silent in any of the four weeks before. Weeks are of 168 hours: after the clocks change, an hour at the edge of a working day can count for a week. rollcall's own events: they come when they come
-- columns: bucket, grp, figure (empty), k (silent), n (hours in which it always talks), unknown
-- version: 2
WITH received AS (
    SELECT source, shard, received
    FROM events_all
    WHERE received + INTERVAL '28 days' >= $from AND received < $to
    UNION ALL
    SELECT coalesce(source, source_hint, 'unknown'), shard, received
    FROM set_aside
    WHERE received + INTERVAL '28 days' >= $from AND received < $to
), talked AS (
    SELECT r.source, date_trunc('hour', r.received) AS hour
    FROM received r
    LEFT JOIN (SELECT DISTINCT shard FROM shards WHERE kind = 'import') i ON i.shard = r.shard
    WHERE i.shard IS NULL AND r.source <> 'rollcall'
    GROUP BY 1, 2
), weeks AS (
    SELECT source, hour + INTERVAL '7 days' AS hour FROM talked
    UNION ALL
    SELECT source, hour + INTERVAL '14 days' FROM talked
    UNION ALL
    SELECT source, hour + INTERVAL '21 days' FROM talked
    UNION ALL
    SELECT source, hour + INTERVAL '28 days' FROM talked
), usual AS (
    SELECT source, hour
    FROM weeks
    WHERE hour >= $from AND hour < $to AND hour + INTERVAL '1 hour' <= $as_of
    GROUP BY source, hour
    HAVING count(*) = 4
), judged AS (
    SELECT u.source, u.hour, t.hour IS NULL AS silent
    FROM usual u
    LEFT JOIN talked t ON t.source = u.source AND t.hour = u.hour
)
SELECT
    bucket($grain, hour, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    CAST(sum(CASE WHEN silent THEN 1 ELSE 0 END) AS BIGINT) AS k,
    count(*) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM judged
WHERE true {only}
GROUP BY 1, 2
