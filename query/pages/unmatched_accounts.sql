-- Accounts that tried to sign in and that the directory knew nobody for that
-- day, the busiest first.
-- parameters: limit bigint
WITH unmatched AS (
    SELECT d.source, d.login, d.sign_in_events, d.last_sign_in
    FROM account_days d
    LEFT JOIN accounts a
        ON a.source = d.source
        AND a.login = d.login
        AND (a.valid_from IS NULL OR d.last_sign_in >= a.valid_from)
        AND (a.valid_to IS NULL OR d.last_sign_in < a.valid_to)
    WHERE d.sign_in_events > 0 AND a.person IS NULL
)
SELECT
    source,
    login AS user_name,
    CAST(sum(sign_in_events) AS BIGINT) AS events,
    max(last_sign_in) AS last_seen
FROM unmatched
GROUP BY source, login
ORDER BY events DESC, source, user_name
LIMIT $limit
