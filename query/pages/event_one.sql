-- One event with everything that is stored, and the event that replaced it.
-- parameters: shard int, seq bigint, part int
WITH replaced_by AS (
    SELECT shard AS by_shard, seq AS by_seq, part AS by_part
    FROM events_all
    WHERE revises_shard = $shard AND revises_seq = $seq AND revises_part = $part
    ORDER BY received DESC, shard DESC, seq DESC, part DESC
    LIMIT 1
)
SELECT
    e.*,
    r.by_shard AS replaced_by_shard,
    r.by_seq AS replaced_by_seq,
    r.by_part AS replaced_by_part
FROM events_all e
LEFT JOIN replaced_by r ON true
WHERE e.shard = $shard AND e.seq = $seq AND e.part = $part
