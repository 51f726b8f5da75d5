-- question: How much of the vendor's retention is left to catch up in?
-- sentence: of the vendor's retention has passed
-- counts: hour, hours
-- k: hours since something of the source last came in live
-- n: hours for which the vendor keeps what it logged
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- grain: total
-- dimensions: source
-- population: sources that are pulled from a vendor that keeps its log for a known time (docs/pull.md; of more kinds of log the shortest that holds sign-ins), at the period's end or now; what is older than that when a collector comes back can't be had any more
-- excludes: sources that push, whose vendors keep nothing or for a time that depends on the subscription; imported files
-- columns: bucket (empty), grp (the source), figure (empty), k, n, unknown
-- version: 1
WITH kept(kept_source, days) AS (
    VALUES ('okta', 90), ('github', 180), ('entra', 30), ('duo', 180)
), heard AS (
    SELECT source, max(last_received) AS last_received
    FROM source_activity
    WHERE NOT imported AND received_slot < $to
    GROUP BY source
)
SELECT
    CAST(NULL AS DATE) AS bucket, source AS grp, '' AS figure,
    greatest(least(epoch_ms($as_of), epoch_ms($to)) - epoch_ms(last_received), 0) / 3600000 AS k,
    CAST(days AS BIGINT) * 24 AS n,
    CAST(0 AS BIGINT) AS unknown
FROM heard
JOIN kept ON kept_source = source
WHERE true {only}
