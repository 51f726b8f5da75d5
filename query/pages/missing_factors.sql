-- People who work here on the date and have an account without a usable second
-- factor in the newest snapshot up to it, in which no factor was used in the 48
-- hours before either: who they are, which accounts, and who can ask them. The
-- metric adoption/enrolled counts them as having none. An account that
-- no snapshot has looked at in the 48 hours before is not listed: not known is
-- not no. What begins with all_ is told of all of them, also beyond the limit:
-- how many there are, in the person's team, and in the team that has the most.
-- parameters: as_of_date date, limit bigint
WITH here AS (
    SELECT person, name, team, role, manager, cohort, invited_on, source, login
    FROM logins
    WHERE kind = 'human'
        AND (valid_from IS NULL OR valid_from < CAST($as_of_date AS TIMESTAMP) + INTERVAL '1 day')
        AND (valid_to IS NULL OR valid_to >= CAST($as_of_date AS TIMESTAMP) + INTERVAL '1 day')
), snapshot AS (
    SELECT source, max(as_of) AS as_of
    FROM factors
    WHERE as_of <= $as_of_date AND as_of > $as_of_date - INTERVAL '2 days'
    GROUP BY source
), looked_at AS (
    SELECT f.source, f.login, bool_or(f.usable) AS usable
    FROM factors f
    JOIN snapshot s ON f.source = s.source AND f.as_of = s.as_of
    GROUP BY f.source, f.login
), used AS (
    SELECT DISTINCT source, user_name AS login
    FROM attempts
    WHERE started >= CAST($as_of_date AS TIMESTAMP) - INTERVAL '1 day'
        AND started < CAST($as_of_date AS TIMESTAMP) + INTERVAL '1 day'
        AND outcome = 'success' AND mfa = 'performed'
), by_account AS (
    -- Whose account it is: as the view accounts tells it, also without events.
    SELECT
        h.*,
        l.source AS at_source,
        l.usable OR u.login IS NOT NULL AS usable,
        row_number() OVER (
            PARTITION BY l.source, l.login
            ORDER BY
                CASE WHEN h.source = l.source THEN 1 WHEN h.source = '*' THEN 2 ELSE 3 END,
                h.source, h.person
        ) AS choice
    FROM looked_at l
    JOIN here h ON h.login = l.login
    LEFT JOIN used u ON u.source = l.source AND u.login = l.login
    WHERE h.source = l.source OR h.source = '*' OR strpos(h.login, '@') > 0
), by_person AS (
    SELECT
        person,
        max(name) AS name, max(team) AS team, max(role) AS role, max(manager) AS manager,
        max(cohort) AS cohort, min(invited_on) AS invited_on,
        array_to_string(array_agg(at_source || ':' || login ORDER BY at_source, login), ' ')
            AS accounts
    FROM by_account
    WHERE choice = 1 AND NOT usable
    GROUP BY person
), seen AS (
    SELECT a.person, max(d.last_seen) AS last_seen
    FROM account_days d
    JOIN accounts a
        ON a.source = d.source
        AND a.login = d.login
        AND (a.valid_from IS NULL OR d.last_seen >= a.valid_from)
        AND (a.valid_to IS NULL OR d.last_seen < a.valid_to)
    GROUP BY a.person
), missing AS (
    SELECT
        p.person AS id, p.name, p.team, p.role, p.manager, p.cohort, p.invited_on, s.last_seen,
        p.accounts,
        count(*) OVER () AS all_rows,
        count(*) OVER (PARTITION BY p.team) AS all_of_team
    FROM by_person p
    LEFT JOIN seen s ON s.person = p.person
)
SELECT
    id, name, team, role, manager, cohort, invited_on, last_seen, accounts,
    all_rows, all_of_team,
    first_value(team) OVER (
        ORDER BY all_of_team DESC, team
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS all_most_team,
    max(all_of_team) OVER () AS all_most
FROM missing
ORDER BY invited_on NULLS LAST, id
LIMIT $limit
