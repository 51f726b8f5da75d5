-- question: How many events came in late?
-- sentence: of events of live inputs came in over 15 minutes late
-- counts: event, events
-- k: events that came in more than 15 minutes after they happened
-- n: events of live inputs
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: source
-- population: events received in the period over a live input
-- excludes: imported files, and what happened more than a minute before its collector first delivered anything (history that it caught up on), and rollcall's own
-- columns: bucket, grp, figure (empty), k (received more than 15 minutes after they happened), n, unknown
-- version: 2
WITH starts AS (
    SELECT source, collector, min(first_received) AS first_received
    FROM source_activity
    -- What rollcall writes down itself comes when it comes: it is never late.
    WHERE NOT imported AND source <> 'rollcall'
    GROUP BY source, collector
), received AS (
    SELECT a.received_slot, a.source, a.events, a.over_15_minutes
    FROM source_activity a
    JOIN starts s ON s.source = a.source AND s.collector = a.collector
    WHERE NOT a.imported
        AND a.first_time >= s.first_received - INTERVAL '1 minute'
        AND a.received_slot >= $from AND a.received_slot < $to
)
SELECT
    bucket($grain, received_slot, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    CAST(sum(over_15_minutes) AS BIGINT) AS k,
    CAST(sum(events) AS BIGINT) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM received
WHERE true {only}
GROUP BY 1, 2
