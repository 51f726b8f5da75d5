-- question: How much of what vendors have had come in?
-- sentence: of vendors' events had come in
-- counts: event, events
-- k: ids of the vendor that were stored when it was asked again
-- n: ids that the vendor had
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: source
-- population: events of closed periods, as the vendor gave them when it was asked again, by the latest comparison of each log and period; what was missing was then taken in, if it still was to be had
-- excludes: periods that couldn't be compared
-- columns: bucket, grp, figure (empty), k, n, unknown
-- version: 1
WITH latest AS (
    SELECT
        collector AS of_collector, source AS of_source, period_from AS of_from, period_to AS of_to,
        max(reconciled) AS of_reconciled
    FROM reconciliations
    WHERE state = 'reconciled' AND period_from >= $from AND period_from < $to
    GROUP BY collector, source, period_from, period_to
)
SELECT
    bucket($grain, period_from, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    CAST(sum(stored) AS BIGINT) AS k,
    CAST(sum(vendor) AS BIGINT) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM reconciliations
JOIN latest
    ON of_collector = collector AND of_source = source AND of_from = period_from
    AND of_to = period_to AND of_reconciled = reconciled
WHERE state = 'reconciled' {only}
GROUP BY 1, 2
