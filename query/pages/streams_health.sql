-- Each live stream of records (an epoch of the log, a partition of a topic): how far it
-- is sealed, as its commits say. unchecked are rows older than the memory of ids: whether
-- they are duplicates couldn't be told. Gaps are records that never existed or that the
-- log has lost. A seal of which nothing became an event counts too. What begins with all_ is told of all of them, also beyond the limit.
-- parameters: limit bigint
WITH streams AS (
    SELECT shard, max(kind) AS kind, max(stands_for) AS stands_for, max(name) AS name
    FROM shards
    WHERE kind <> 'import'
    GROUP BY shard
), of_seals AS (
    -- Both files of a seal say the same of it: rows are counted once.
    SELECT
        shard,
        max(to_seq) AS sealed_to,
        CAST(sum(CASE WHEN table_name = 'events' THEN made_rows ELSE 0 END) AS BIGINT)
            AS made_rows,
        CAST(sum(CASE WHEN table_name = 'events' THEN unchecked ELSE 0 END) AS BIGINT)
            AS unchecked,
        CAST(sum(gaps_once) AS BIGINT) AS gap_records,
        max(received_max) AS last_received,
        max(committed) AS last_sealed
    FROM ranges
    WHERE table_name IN ('events', 'set_aside')
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
LEFT JOIN of_seals e ON e.shard = s.shard
ORDER BY e.last_sealed DESC NULLS LAST, s.shard
LIMIT $limit
