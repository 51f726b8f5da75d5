-- What policies evaluated, stopped, and would have stopped. Attempts whose source
-- names no policy are one row without a name: they can't be attributed.
-- parameters: from_us time, to_us time, limit bigint
SELECT
    source,
    coalesce(policy_name, policy_id) AS policy_name,
    policy_mode,
    count(*) AS evaluated,
    CAST(sum(CASE WHEN policy_result = 'denied' OR blocked
        OR (outcome = 'abandoned' AND policy_challenged) THEN 1 ELSE 0 END) AS BIGINT) AS blocked,
    CAST(sum(CASE WHEN policy_result IN ('would_challenge', 'would_deny')
        THEN 1 ELSE 0 END) AS BIGINT) AS would_block,
    count(DISTINCT CASE WHEN policy_result IN ('denied', 'would_deny') OR blocked
        OR (outcome = 'abandoned' AND policy_challenged) THEN person END) AS people
FROM attempts
WHERE started >= $from_us
    AND started < $to_us
    AND coalesce(policy_result, 'not_applied') <> 'not_applied'
GROUP BY source, coalesce(policy_name, policy_id), policy_mode
ORDER BY blocked DESC, would_block DESC, evaluated DESC, source, policy_name, policy_mode
LIMIT $limit
