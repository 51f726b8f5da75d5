-- The accesses of a period, in the order in which they began.
-- parameters: from time, to time
SELECT *
FROM accesses
WHERE time >= $from AND time < $to
ORDER BY time, shard, seq, part
