-- question: Why couldn't records be read?
-- counts: record, records
-- k: records in quarantine for the figure's reason
-- n: all records
-- unit: count
-- band: none
-- shape: counts
-- statistic: census
-- also: per_1000
-- absent: zero
-- grain: day, week, month, quarter, total
-- dimensions: source
-- population: records received in the period that stand in quarantine
-- excludes: those that were replayed since
-- columns: bucket, grp, figure (the reason), k (held for it), n (all records of the period, rows that a revision replaced aside), unknown
-- version: 1
WITH counted AS (
    SELECT
        bucket($grain, received_slot, $time_zone) AS bucket,
        source, CAST(NULL AS VARCHAR) AS reason, events AS n
    FROM source_activity
    WHERE received_slot >= $from AND received_slot < $to
    UNION ALL
    SELECT
        bucket($grain, received, $time_zone),
        coalesce(source, source_hint, 'unknown'), NULL, 1
    FROM set_aside
    WHERE verdict <> 'quarantined' AND received >= $from AND received < $to
    UNION ALL
    SELECT
        bucket($grain, received, $time_zone),
        coalesce(source, source_hint, 'unknown'), coalesce(reason, 'unknown'), 1
    FROM quarantine
    WHERE received >= $from AND received < $to
), by_reason AS (
    SELECT bucket, {group} AS grp, reason, CAST(sum(n) AS BIGINT) AS k
    FROM counted
    WHERE true {only}
    GROUP BY 1, 2, 3
), totals AS (
    SELECT bucket, grp, reason, k, sum(k) OVER (PARTITION BY bucket, grp) AS n
    FROM by_reason
)
SELECT bucket, grp, reason AS figure, k, n, CAST(0 AS BIGINT) AS unknown
FROM totals
WHERE reason IS NOT NULL
