-- Records that couldn't be read, with their bytes and the reason, to be
-- replayed after a fix; those that were replayed are no longer here.
SELECT shard, seq, part, received, source, source_hint, collector, reason, redactions, raw
FROM set_aside s
WHERE verdict = 'quarantined'
    AND NOT EXISTS (
        SELECT 1 FROM replayed r WHERE r.shard = s.shard AND r.seq = s.seq AND r.part = s.part
    )
