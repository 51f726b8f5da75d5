-- The logins that events name, with what the events say of them.
-- columns:
-- login  The user's name, lower-cased.
-- events  Events that name it.
-- first_seen, last_seen  Time of the first and the last of them.
-- automatic  Whether everything says that no person is behind it.
SELECT
    source,
    user_name AS login,
    count(*) AS events,
    min(time) AS first_seen,
    max(time) AS last_seen,
    bool_or(
        lower(user_type) IN ('service', 'serviceprincipal', 'application', 'app', 'bot', 'system',
            'systemprincipal', 'awsservice', 'machine')
    )
    OR (bool_and(coalesce(NOT interactive, false))
        AND bool_or(credential IN ('app', 'access_key', 'deploy_key'))) AS automatic
FROM events
WHERE user_name IS NOT NULL
GROUP BY source, user_name
