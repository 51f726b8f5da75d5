-- Records that couldn't be read, with their bytes and the reason, to be
-- replayed after a fix.
SELECT shard, seq, part, received, source, source_hint, collector, reason, redactions, raw
FROM set_aside
WHERE verdict = 'quarantined'
