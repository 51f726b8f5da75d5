-- question: How late do events come in?
-- sentence: events of live inputs
-- counts: event, events
-- unit: milliseconds
-- band: none
-- shape: histogram
-- statistic: census
-- figures: p50, p90, p95, p99
-- grain: day, week, month, quarter, total
-- dimensions: source
-- population: events received in the period over a live input, from what happened to its receipt; to the second below a minute, to the minute below an hour, to the hour below a day, else to the day
-- excludes: imported files, and what happened more than a minute before its collector first delivered anything (history that it caught up on): they count among all events of n, and aren't measured; rollcall's own events don't count at all
-- columns: bucket, grp, figure (value: value is milliseconds and n how often; population: n is all events), value, n
-- version: 2
WITH starts AS (
    SELECT source, collector, min(first_received) AS first_received
    FROM source_activity
    -- What rollcall writes down itself comes when it comes: it is never late.
    WHERE NOT imported AND source <> 'rollcall'
    GROUP BY source, collector
), received AS (
    SELECT
        bucket($grain, a.received_slot, $time_zone) AS bucket,
        a.source, a.lag_ms, a.events,
        coalesce(a.first_time >= s.first_received - INTERVAL '1 minute', false) AS live
    FROM source_activity a
    LEFT JOIN starts s
        ON s.source = a.source AND s.collector = a.collector AND NOT a.imported
    WHERE a.source <> 'rollcall' AND a.received_slot >= $from AND a.received_slot < $to
), chosen AS (
    SELECT bucket, {group} AS grp, lag_ms, events, live
    FROM received
    WHERE true {only}
)
SELECT bucket, grp, 'value' AS figure, lag_ms AS value, CAST(sum(events) AS BIGINT) AS n
FROM chosen WHERE live GROUP BY bucket, grp, lag_ms
UNION ALL
SELECT bucket, grp, 'population', CAST(0 AS BIGINT), CAST(sum(events) AS BIGINT)
FROM chosen GROUP BY bucket, grp
