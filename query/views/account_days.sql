-- The logins that events name, by UTC day, with what the events of the day say
-- of them.
-- columns:
-- login  The user's name, lower-cased.
-- day  Start of the day.
-- events  Events that name it.
-- first_seen, last_seen  Time of the first and the last of them.
-- sign_in_events  Those that are steps of signing in.
-- last_sign_in  Time of the last of these.
-- automatic_type  Whether any calls it a service, an application or the like.
-- never_interactive  Whether all say that nobody was at the keyboard.
-- machine_credential  Whether any shows a credential that only machines have.
WITH named AS (
    SELECT
        source, user_name, time, interactive, credential, user_type,
        activity IN ('logon', 'challenge', 'verify', 'policy_decision') AS signs_in
    FROM events
    WHERE user_name IS NOT NULL
)
SELECT
    source,
    user_name AS login,
    date_trunc('day', time) AS day,
    count(*) AS events,
    min(time) AS first_seen,
    max(time) AS last_seen,
    CAST(sum(CASE WHEN signs_in THEN 1 ELSE 0 END) AS BIGINT) AS sign_in_events,
    max(CASE WHEN signs_in THEN time END) AS last_sign_in,
    bool_or(
        lower(user_type) IN ('service', 'serviceprincipal', 'application', 'app', 'bot', 'system',
            'systemprincipal', 'awsservice', 'machine')
    ) AS automatic_type,
    bool_and(coalesce(NOT interactive, false)) AS never_interactive,
    bool_or(credential IN ('app', 'access_key', 'deploy_key')) AS machine_credential
FROM named
GROUP BY 1, 2, 3
