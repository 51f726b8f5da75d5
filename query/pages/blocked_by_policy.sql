-- What policies evaluated, stopped, and would have stopped, of people and
-- machines. Attempts with a policy's result and without its name are a row
-- without one; what no policy's result is told of isn't here. What begins with
-- all_ is told of all rows, also beyond the limit.
-- parameters: from_us time, to_us time, limit bigint
WITH policies AS (
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
)
SELECT
    source, policy_name, policy_mode, evaluated, blocked, would_block, people,
    count(*) OVER () AS all_rows,
    CAST(sum(blocked) OVER () AS BIGINT) AS all_blocked,
    CAST(sum(would_block) OVER () AS BIGINT) AS all_would_block
FROM policies
ORDER BY blocked DESC, would_block DESC, evaluated DESC, source, policy_name, policy_mode
LIMIT $limit
