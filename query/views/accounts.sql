-- Whose account it is: for every login that events name at a source, the person
-- in force. A directory's login of that source goes before one of source *, and
-- that before the same e-mail address at another source. Rows of one account
-- never overlap in time.
-- columns:
-- login  The account's login, lower-cased, as events name it in user_name.
-- person  The directory's id of the person; null where it knows none.
-- kind  human, service, shared, break_glass or unknown; from the directory.
-- matched_by  source, any_source or email: how the directory's login fits.
-- valid_from, valid_to  From when (null: always) until when, exclusively (null: still).
WITH seen AS (
    SELECT DISTINCT source, login FROM logins_seen
), candidates AS (
    SELECT
        s.source AS at_source,
        CASE WHEN l.source = s.source THEN 1 WHEN l.source = '*' THEN 2 ELSE 3 END AS priority,
        coalesce(l.valid_from, TIMESTAMP '1900-01-01 00:00:00') AS starts,
        coalesce(l.valid_to, TIMESTAMP '2200-01-01 00:00:00') AS ends,
        l.*
    FROM seen s
    JOIN logins l ON l.login = s.login
    WHERE l.source = s.source OR l.source = '*' OR strpos(l.login, '@') > 0
), cuts AS (
    SELECT at_source, login, starts AS cut FROM candidates
    UNION
    SELECT at_source, login, ends AS cut FROM candidates
), slices AS (
    SELECT
        at_source, login, cut AS slice_from,
        lead(cut) OVER (PARTITION BY at_source, login ORDER BY cut) AS slice_to
    FROM cuts
), chosen AS (
    SELECT
        c.*,
        s.slice_from,
        s.slice_to,
        row_number() OVER (
            PARTITION BY s.at_source, s.login, s.slice_from
            ORDER BY c.priority, c.starts DESC, c.source, c.person
        ) AS choice
    FROM slices s
    JOIN candidates c ON c.at_source = s.at_source AND c.login = s.login
    WHERE c.starts <= s.slice_from AND c.ends >= s.slice_to
)
SELECT
    at_source AS source,
    login,
    person, name, kind, privileged, team, manager, role, cohort, time_zone,
    CASE priority WHEN 1 THEN 'source' WHEN 2 THEN 'any_source' ELSE 'email' END AS matched_by,
    CASE WHEN slice_from > TIMESTAMP '1900-01-01 00:00:00' THEN slice_from END AS valid_from,
    CASE WHEN slice_to < TIMESTAMP '2200-01-01 00:00:00' THEN slice_to END AS valid_to
FROM chosen
WHERE choice = 1
