-- The newest records that couldn't be read. What begins with all_ is told of all
-- of them, also beyond the limit: how many, and the most frequent reason.
-- parameters: limit bigint
WITH reasons AS (
    SELECT coalesce(reason, 'unknown') AS all_most_reason, count(*) AS all_most
    FROM quarantine
    GROUP BY 1
), counted AS (
    SELECT CAST(sum(all_most) OVER () AS BIGINT) AS all_rows, all_most_reason, all_most
    FROM reasons
    ORDER BY all_most DESC, all_most_reason
    LIMIT 1
), newest AS (
    SELECT shard, seq, part, received, source, source_hint, reason, raw
    FROM quarantine
    ORDER BY received DESC, shard DESC, seq DESC, part DESC
    LIMIT $limit
)
SELECT
    n.shard, n.seq, n.part, n.received, n.source, n.source_hint, n.reason, n.raw,
    c.all_rows, c.all_most_reason, c.all_most
FROM newest n
CROSS JOIN counted c
ORDER BY n.received DESC, n.shard DESC, n.seq DESC, n.part DESC
