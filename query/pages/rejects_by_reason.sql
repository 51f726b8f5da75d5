-- Records of the period that stand in quarantine, by source and reason, the most
-- frequent first. What begins with all_ is told of all of them, also beyond the limit.
-- parameters: from_us time, to_us time, limit bigint
WITH held AS (
    SELECT
        coalesce(source, source_hint, 'unknown') AS source,
        coalesce(reason, 'unknown') AS reason,
        count(*) AS records,
        min(received) AS first_received,
        max(received) AS last_received
    FROM quarantine
    WHERE received >= $from_us AND received < $to_us
    GROUP BY 1, 2
)
SELECT
    source, reason, records, first_received, last_received,
    count(*) OVER () AS all_rows,
    CAST(sum(records) OVER () AS BIGINT) AS all_records
FROM held
ORDER BY records DESC, source, reason
LIMIT $limit
