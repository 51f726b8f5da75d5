-- question: What became of what came in?
-- counts: record, records
-- k: records of which that became
-- n: all records of the source
-- unit: count
-- band: none
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: source
-- population: records received in the period, by source; rows that a revision replaced are not counted again, and what was replayed out of quarantine counts as what it has become
-- excludes: nothing
-- columns: bucket, grp (the source), figure (events, duplicate, joined, quarantined, not_authentication), k, n (all of that source), unknown
-- version: 2
WITH counted AS (
    SELECT
        bucket($grain, received_slot, $time_zone) AS bucket,
        source, 'events' AS figure, events AS n
    FROM source_activity
    WHERE received_slot >= $from AND received_slot < $to
    UNION ALL
    SELECT
        bucket($grain, received, $time_zone),
        coalesce(source, source_hint, 'unknown'), verdict, 1
    FROM set_aside
    WHERE verdict <> 'quarantined' AND received >= $from AND received < $to
    UNION ALL
    SELECT
        bucket($grain, received, $time_zone),
        coalesce(source, source_hint, 'unknown'), 'quarantined', 1
    FROM quarantine
    WHERE received >= $from AND received < $to
), by_figure AS (
    SELECT bucket, source, figure, sum(n) AS k
    FROM counted
    WHERE true {only}
    GROUP BY bucket, source, figure
)
SELECT
    bucket, source AS grp, figure, k,
    sum(k) OVER (PARTITION BY bucket, source) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM by_figure
