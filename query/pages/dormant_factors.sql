-- Factors that are enrolled on the date and weren't used in the 90 days up to it,
-- as the metric adoption/dormant_factors counts them: whose they are, since when,
-- and when one of that kind was used last in the 400 days before. What begins with
-- all_ is told of all of them, also beyond the limit.
-- parameters: as_of_date date, limit bigint
WITH snapshot AS (
    SELECT source, max(as_of) AS as_of
    FROM factors
    WHERE as_of <= $as_of_date AND as_of > $as_of_date - INTERVAL '2 days'
    GROUP BY source
), enrolled AS (
    SELECT
        f.source, f.login,
        CASE
            WHEN f.factor IN ('passkey', 'webauthn', 'hardware_key') THEN 'webauthn'
            WHEN f.factor IN ('push', 'push_number') THEN 'push'
            ELSE f.factor
        END AS factor,
        max(f.enrolled_on) AS enrolled_on
    FROM snapshot s
    JOIN factors f ON f.source = s.source AND f.as_of = s.as_of
    WHERE f.usable AND f.factor NOT IN ('other', 'unknown')
    GROUP BY 1, 2, 3
), matched AS (
    SELECT
        r.*, l.person, l.name, l.team, l.manager,
        row_number() OVER (
            PARTITION BY r.source, r.login, r.factor
            ORDER BY
                CASE WHEN l.source = r.source THEN 1 WHEN l.source = '*' THEN 2 ELSE 3 END,
                l.source, l.person
        ) AS choice
    FROM enrolled r
    JOIN logins l
        ON l.login = r.login
        AND (l.valid_from IS NULL
            OR l.valid_from < CAST($as_of_date AS TIMESTAMP) + INTERVAL '1 day')
        AND (l.valid_to IS NULL
            OR l.valid_to >= CAST($as_of_date AS TIMESTAMP) + INTERVAL '1 day')
    WHERE l.kind = 'human'
        AND (l.source = r.source OR l.source = '*' OR strpos(l.login, '@') > 0)
        AND (r.enrolled_on IS NULL OR r.enrolled_on <= $as_of_date - INTERVAL '90 days')
), uses AS (
    SELECT
        source, user_name AS login,
        CASE
            WHEN factor IN ('passkey', 'webauthn', 'hardware_key') THEN 'webauthn'
            WHEN factor IN ('push', 'push_number') THEN 'push'
            WHEN factor IN ('other', 'unknown') OR factor IS NULL THEN 'not said'
            ELSE factor
        END AS factor,
        max(started) AS last_used
    FROM tries
    WHERE started >= CAST($as_of_date AS TIMESTAMP) - INTERVAL '400 days'
        AND started < CAST($as_of_date AS TIMESTAMP) + INTERVAL '1 day'
        AND outcome = 'success' AND user_name IS NOT NULL
        AND (mfa = 'performed' OR factor NOT IN ('password', 'other', 'unknown'))
    GROUP BY 1, 2, 3
), begun AS (
    SELECT source, min(first_time) AS first_time
    FROM source_activity
    GROUP BY source
), dormant AS (
    SELECT m.person AS id, m.name, m.team, m.manager, m.source, m.login, m.factor,
        m.enrolled_on, u.last_used
    FROM matched m
    JOIN begun b ON b.source = m.source
        AND b.first_time < CAST($as_of_date AS TIMESTAMP) - INTERVAL '89 days'
    LEFT JOIN uses u ON u.source = m.source AND u.login = m.login AND u.factor = m.factor
    LEFT JOIN uses o ON o.source = m.source AND o.login = m.login AND o.factor = 'not said'
        AND o.last_used >= CAST($as_of_date AS TIMESTAMP) - INTERVAL '89 days'
    WHERE m.choice = 1 AND o.login IS NULL
        AND (u.last_used IS NULL
            OR u.last_used < CAST($as_of_date AS TIMESTAMP) - INTERVAL '89 days')
)
SELECT
    id, name, team, manager, source, login, factor, enrolled_on, last_used,
    count(*) OVER () AS all_rows,
    count(*) OVER (PARTITION BY factor) AS all_of_factor
FROM dormant
ORDER BY last_used NULLS FIRST, source, login, factor
LIMIT $limit
