-- Each live stream of records (an epoch of the log, a partition of a topic): how far it
-- is sealed, as its commits say. unchecked are rows older than the memory of ids: whether
-- they are duplicates couldn't be told. Gaps are records that never existed or that the
-- log has lost. What begins with all_ is told of all of them, also beyond the limit.
-- parameters: limit bigint
WITH streams AS (
    SELECT shard, max(kind) AS kind, max(stands_for) AS stands_for, max(name) AS name
    FROM shards
    WHERE kind <> 'import'
    GROUP BY shard
), of_events AS (
    SELECT
        shard,
        max(to_seq) AS sealed_to,
        CAST(sum(made_rows) AS BIGINT) AS made_rows,
        CAST(sum(unchecked) AS BIGINT) AS unchecked,
        CAST(sum(gap_records) AS BIGINT) AS gap_records,
        max(received_max) AS last_received,
        max(committed) AS last_sealed
    FROM ranges
    WHERE table_name = 'events'
    GROUP BY shard
)
SELECT
    s.shard, s.kind, coalesce(s.name, s.stands_for) AS stream,
    coalesce(e.sealed_to, 0) AS sealed_to,
    coalesce(e.made_rows, 0) AS made_rows,
    coalesce(e.unchecked, 0) AS unchecked,
    coalesce(e.gap_records, 0) AS gap_records,
    e.last_received, e.last_sealed,
    CAST((epoch_ms($as_of) - epoch_ms(e.last_sealed)) / 1000 AS BIGINT) AS since_seal_s,
    count(*) OVER () AS all_rows,
    CAST(sum(coalesce(e.made_rows, 0)) OVER () AS BIGINT) AS all_sealed,
    CAST(sum(coalesce(e.unchecked, 0)) OVER () AS BIGINT) AS all_unchecked,
    CAST(sum(coalesce(e.gap_records, 0)) OVER () AS BIGINT) AS all_gaps
FROM streams s
LEFT JOIN of_events e ON e.shard = s.shard
ORDER BY e.last_sealed DESC NULLS LAST, s.shard
LIMIT $limit
