-- Changes of policies in the period, newest first.
-- parameters: from_us time, to_us time, limit bigint
SELECT time, source, policy_name, operation, coalesce(actor, user_name) AS actor
FROM events
WHERE activity = 'policy_change' AND time >= $from_us AND time < $to_us
ORDER BY time DESC, shard DESC, seq DESC, part DESC
LIMIT $limit
