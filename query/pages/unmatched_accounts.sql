-- Accounts that tried to sign in and that the directory knows nobody for, the
-- busiest first.
-- parameters: limit bigint
SELECT
    source,
    user_name,
    CAST(sum(steps) AS BIGINT) AS events,
    max(started) AS last_seen
FROM attempts
WHERE person IS NULL AND user_name IS NOT NULL
GROUP BY source, user_name
ORDER BY events DESC, source, user_name
LIMIT $limit
