-- Privileged accounts that signed in without a second factor in the period, as
-- the metric adoption/privileged_without_mfa counts them, with the last event that
-- says so. What begins with all_ is told of all of them, also beyond the limit.
-- parameters: from_us time, to_us time, limit bigint
WITH sign_ins AS (
    SELECT
        person, name, manager, source, user_name, service, started,
        mfa IN ('none', 'not_required', 'bypassed') AS is_without,
        CAST(shard AS VARCHAR) || '-' || CAST(seq AS VARCHAR) || '-' || CAST(part AS VARCHAR)
            AS event
    FROM attempts
    WHERE started >= $from_us AND started < $to_us
        AND outcome = 'success'
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        AND privileged
        AND came_from IS NULL
), numbered AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY source, user_name
            ORDER BY CASE WHEN is_without THEN 0 ELSE 1 END, started DESC, event
        ) AS ago
    FROM sign_ins
), by_account AS (
    SELECT
        source, user_name AS login,
        max(person) AS id, max(name) AS name, max(manager) AS manager,
        CAST(sum(CASE WHEN is_without THEN 1 ELSE 0 END) AS BIGINT) AS without,
        count(*) AS sign_ins,
        max(CASE WHEN is_without THEN started END) AS last_without,
        max(CASE WHEN ago = 1 THEN event END) AS event
    FROM numbered
    GROUP BY source, user_name
)
SELECT
    id, name, manager, source, login, without, sign_ins, last_without, event,
    count(*) OVER () AS all_rows,
    CAST(sum(without) OVER () AS BIGINT) AS all_without
FROM by_account
WHERE without > 0
ORDER BY without DESC, source, login
LIMIT $limit
