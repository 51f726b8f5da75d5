-- What vendors had when they were asked again for a closed period, against what was
-- stored: the newest outcome of each log and period. What begins with all_ is told of all
-- of them, also beyond the limit.
-- parameters: limit bigint
WITH ordered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY collector, source, period_from, period_to
            ORDER BY reconciled DESC
        ) AS nth
    FROM reconciliations
), newest AS (
    SELECT
        period_from, period_to, source, collector, state, reason, vendor, stored, missing, fetched,
        greatest(missing - coalesce(fetched, 0), 0) AS still_missing,
        extra, reconciled
    FROM ordered
    WHERE nth = 1
)
SELECT
    period_from, period_to, source, collector, state, reason, vendor, stored, missing, fetched,
    still_missing, extra, reconciled,
    count(*) OVER () AS all_rows,
    sum(CASE WHEN state = 'reconciled' THEN 1 ELSE 0 END) OVER () AS all_reconciled,
    CAST(sum(vendor) OVER () AS BIGINT) AS all_vendor,
    CAST(sum(still_missing) OVER () AS BIGINT) AS all_still_missing,
    CAST(sum(extra) OVER () AS BIGINT) AS all_extra
FROM newest
ORDER BY period_from DESC, source, collector
LIMIT $limit
