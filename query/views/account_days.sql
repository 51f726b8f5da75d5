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
-- key_events  Those that worked by an SSH key, a deploy key, an access key or a token, with no MFA told behind it.
-- last_key_time, last_key_event  Time of the last of these, and which it is, as shard-seq-part.
WITH named AS (
    SELECT
        shard, seq, part, source, user_name, time, interactive, credential, user_type,
        outcome = 'success' AND mfa NOT IN ('performed', 'claim_in_token')
            AND credential IN ('ssh_key', 'deploy_key', 'access_key', 'access_token') AS by_key,
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
    bool_or(credential IN ('app', 'access_key', 'deploy_key')) AS machine_credential,
    CAST(sum(CASE WHEN by_key THEN 1 ELSE 0 END) AS BIGINT) AS key_events,
    max(CASE WHEN by_key THEN time END) AS last_key_time,
    -- 16 digits of milliseconds before the event, so that the text sorts by time.
    substr(max(CASE WHEN by_key THEN CAST(1000000000000000 + epoch_ms(time) AS VARCHAR)
        || CAST(shard AS VARCHAR) || '-' || CAST(seq AS VARCHAR) || '-' || CAST(part AS VARCHAR)
    END), 17) AS last_key_event
FROM named
GROUP BY 1, 2, 3
