-- Whose account it is: for every login that events name at a source, the person
-- in force. A directory's login of that source goes before one of source *, and
-- that before the same e-mail address at another source, and that before a rule
-- (a login with a *, for accounts that are no person's). Rows of one account
-- never overlap in time.
-- columns:
-- login  The account's login, lower-cased, as events name it in user_name.
-- person  The directory's id of the person; null where it knows none.
-- kind  human, service, shared, break_glass or unknown; from the directory.
-- matched_by  source, any_source, email or rule: how the directory's login fits.
-- valid_from, valid_to  From when (null: always) until when, exclusively (null: still).
WITH seen AS (
    SELECT DISTINCT source, login FROM logins_seen
), rules AS (
    SELECT * FROM logins WHERE strpos(login, '*') > 0
), candidates AS (
    SELECT
        s.source AS at_source,
        s.login AS at_login,
        CASE WHEN l.source = s.source THEN 1 WHEN l.source = '*' THEN 2 ELSE 3 END AS priority,
        coalesce(l.valid_from, TIMESTAMP '1900-01-01 00:00:00') AS starts,
        coalesce(l.valid_to, TIMESTAMP '2200-01-01 00:00:00') AS ends,
        l.*
    FROM seen s
    JOIN logins l ON l.login = s.login
    WHERE strpos(l.login, '*') = 0
        AND (l.source = s.source OR l.source = '*' OR strpos(l.login, '@') > 0)
    UNION ALL
    SELECT
        s.source AS at_source,
        s.login AS at_login,
        CASE WHEN l.source = s.source THEN 4 ELSE 5 END AS priority,
        coalesce(l.valid_from, TIMESTAMP '1900-01-01 00:00:00') AS starts,
        coalesce(l.valid_to, TIMESTAMP '2200-01-01 00:00:00') AS ends,
        l.*
    FROM seen s
    CROSS JOIN rules l
    WHERE (l.source = s.source OR l.source = '*')
        AND length(s.login) >= length(l.login) - 1
        AND left(s.login, length(split_part(l.login, '*', 1))) = split_part(l.login, '*', 1)
        AND right(s.login, length(split_part(l.login, '*', 2))) = split_part(l.login, '*', 2)
), cuts AS (
    SELECT at_source, at_login, starts AS cut FROM candidates
    UNION
    SELECT at_source, at_login, ends AS cut FROM candidates
), slices AS (
    SELECT
        at_source, at_login, cut AS slice_from,
        lead(cut) OVER (PARTITION BY at_source, at_login ORDER BY cut) AS slice_to
    FROM cuts
), chosen AS (
    SELECT
        c.*,
        s.slice_from,
        s.slice_to,
        row_number() OVER (
            PARTITION BY s.at_source, s.at_login, s.slice_from
            ORDER BY c.priority, c.starts DESC, c.source, c.person
        ) AS choice
    FROM slices s
    JOIN candidates c ON c.at_source = s.at_source AND c.at_login = s.at_login
    WHERE c.starts <= s.slice_from AND c.ends >= s.slice_to
)
SELECT
    at_source AS source,
    at_login AS login,
    person, name, kind, privileged, team, manager, role, cohort, time_zone,
    CASE priority WHEN 1 THEN 'source' WHEN 2 THEN 'any_source' WHEN 3 THEN 'email' ELSE 'rule' END
        AS matched_by,
    CASE WHEN slice_from > TIMESTAMP '1900-01-01 00:00:00' THEN slice_from END AS valid_from,
    CASE WHEN slice_to < TIMESTAMP '2200-01-01 00:00:00' THEN slice_to END AS valid_to
FROM chosen
WHERE choice = 1
