-- The newest records that couldn't be read.
-- parameters: limit bigint
SELECT shard, seq, part, received, source, source_hint, reason, raw
FROM quarantine
ORDER BY received DESC, shard DESC, seq DESC, part DESC
LIMIT $limit
