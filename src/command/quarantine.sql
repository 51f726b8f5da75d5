SELECT shard, seq, part, received, coalesce(source, source_hint) AS source, reason, raw
FROM quarantine
ORDER BY received DESC, shard DESC, seq DESC, part DESC
LIMIT :limit
