-- Records in quarantine by source, and by reason within a source where one is given.
-- parameters: source text?
WITH held AS (
    SELECT coalesce(source, source_hint, 'unknown') AS source, coalesce(reason, 'unknown') AS reason
    FROM quarantine
)
SELECT 'source' AS facet, source AS value, count(*) AS n FROM held GROUP BY source
UNION ALL
SELECT 'reason', reason, count(*) FROM held WHERE $source IS NULL OR source = $source GROUP BY reason
ORDER BY facet DESC, n DESC, value
