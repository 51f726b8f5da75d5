-- Accounts that tried to sign in and that the directory knew nobody for that
-- day, the busiest first. What begins with all_ is told of all of them, also
-- beyond the limit.
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
), accounts_of AS (
    SELECT
        source,
        login AS user_name,
        CAST(sum(sign_in_events) AS BIGINT) AS events,
        max(last_sign_in) AS last_seen
    FROM unmatched
    GROUP BY source, login
)
SELECT
    source, user_name, events, last_seen,
    count(*) OVER () AS all_rows,
    CAST(sum(events) OVER () AS BIGINT) AS all_events,
    count(*) OVER (PARTITION BY source) AS all_of_source
FROM accounts_of
ORDER BY events DESC, source, user_name
LIMIT $limit
