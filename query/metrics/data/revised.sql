-- question: How many events did their source correct?
-- sentence: of what was received corrected an earlier row
-- counts: event, events
-- k: rows that replace an earlier one
-- n: all rows
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: source
-- population: rows received in the period, those that were replaced since among them
-- excludes: duplicates, which give no row
-- columns: bucket, grp, figure (empty), k (rows that replace an earlier one), n (all rows), unknown
-- version: 1
SELECT
    bucket($grain, received, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    CAST(sum(CASE WHEN revises_seq IS NULL THEN 0 ELSE 1 END) AS BIGINT) AS k,
    count(*) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM events_all
WHERE received >= $from AND received < $to {only}
GROUP BY 1, 2
