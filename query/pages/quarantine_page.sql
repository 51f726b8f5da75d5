-- Records that couldn't be read, the newest first, a page at a time: the next page
-- begins behind the position that the last one ended with.
-- parameters: source text?, reason text?, before_received_us time?, before_shard int?, before_seq bigint?, before_part int?, limit bigint
SELECT received, source, source_hint, collector, reason, redactions, raw, shard, seq, part
FROM quarantine
WHERE ($source IS NULL OR coalesce(source, source_hint, 'unknown') = $source)
    AND ($reason IS NULL OR coalesce(reason, 'unknown') = $reason)
    AND ($before_received_us IS NULL OR received <= $before_received_us)
    AND ($before_received_us IS NULL
        OR received < $before_received_us
        OR shard < $before_shard
        OR (shard = $before_shard AND seq < $before_seq)
        OR (shard = $before_shard AND seq = $before_seq AND part < $before_part))
ORDER BY received DESC, shard DESC, seq DESC, part DESC
LIMIT $limit
