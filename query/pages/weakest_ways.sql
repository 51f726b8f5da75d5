-- The weakest way in that worked for each person in the 90 days up to the date,
-- and the event that proves it: the last one of that kind. Keys and tokens are
-- ways in too. Access that came from another sign-in is as strong as that, and
-- isn't listed. The words are those of the metric adoption/weakest_way_in, which
-- counts a person as unknown where untold is above 0 and no single factor is
-- known. What begins with all_ is told of all of them, also beyond the limit.
-- parameters: as_of_date date, limit bigint
WITH key_days AS (
    SELECT
        a.person, a.name, a.team, a.manager, d.source, d.login,
        d.last_key_time AS at, d.last_key_event AS event
    FROM account_days d
    JOIN accounts a
        ON a.source = d.source
        AND a.login = d.login
        AND (a.valid_from IS NULL OR d.last_key_time >= a.valid_from)
        AND (a.valid_to IS NULL OR d.last_key_time < a.valid_to)
    WHERE d.day >= CAST($as_of_date AS TIMESTAMP) - INTERVAL '89 days'
        AND d.day < CAST($as_of_date AS TIMESTAMP) + INTERVAL '1 day'
        AND d.key_events > 0 AND a.kind = 'human'
), ways AS (
    SELECT
        person, name, team, manager, source, user_name AS login, service, started AS at,
        coalesce(mfa_proof, CAST(shard AS VARCHAR) || '-' || CAST(seq AS VARCHAR) || '-'
            || CAST(part AS VARCHAR)) AS event,
        CASE
            WHEN mfa IN ('performed', 'claim_in_token', 'remembered') THEN
                CASE
                    WHEN phishing_resistant OR strength = 5 THEN 8
                    WHEN strength >= 1 THEN strength + 3
                    ELSE 3
                END
            WHEN mfa = 'bypassed' AND strength = 1 THEN 4
            WHEN credential IN ('ssh_key', 'deploy_key', 'access_key', 'access_token') THEN 2
            WHEN mfa IN ('none', 'not_required', 'bypassed') THEN 1
            ELSE 9
        END AS number
    FROM attempts
    WHERE started >= CAST($as_of_date AS TIMESTAMP) - INTERVAL '89 days'
        AND started < CAST($as_of_date AS TIMESTAMP) + INTERVAL '1 day'
        AND outcome = 'success'
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        AND person IS NOT NULL
        AND came_from IS NULL
    UNION ALL
    SELECT
        person, name, team, manager, source, login, CAST(NULL AS VARCHAR), at, event, 2
    FROM key_days
), ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY person ORDER BY number, at DESC, event) AS choice,
        sum(CASE WHEN number = 9 THEN 1 ELSE 0 END) OVER (PARTITION BY person) AS untold
    FROM ways
), weakest AS (
    SELECT *
    FROM ranked
    WHERE choice = 1
)
SELECT
    person AS id, name, team, manager,
    CASE number
        WHEN 1 THEN 'single_factor'
        WHEN 2 THEN 'key_or_token'
        WHEN 3 THEN 'unnamed_factor'
        WHEN 4 THEN 'weak_code'
        WHEN 5 THEN 'sms_or_voice'
        WHEN 6 THEN 'push_or_code'
        WHEN 7 THEN 'push_number'
        WHEN 8 THEN 'phishing_resistant'
        ELSE 'unknown'
    END AS way,
    source, login, service, at, event,
    CAST(untold AS BIGINT) AS untold,
    count(*) OVER () AS all_rows,
    CAST(sum(CASE WHEN number IN (1, 2) THEN 1 ELSE 0 END) OVER () AS BIGINT) AS all_weak,
    count(*) OVER (PARTITION BY number) AS all_of_way
FROM weakest
ORDER BY number, name, id
LIMIT $limit
