-- Who a directory's login belonged to, and from when until when. The first
-- import stands for all time before it; later ones from their time on, or from
-- valid_from where a login is new and the directory says since when it is true.
-- A file is the whole directory: whom it doesn't have is gone. A change by SCIM is
-- of the people that it names, and leaves the others as they are.
-- Imports that say the same of a login follow each other as one row. valid_to
-- is the last day on which a login counts. A login with a * is a rule: it stands
-- for every login that begins and ends so.
-- columns:
-- source  Source that the login is of; * is every source.
-- login  The login, lower-cased.
-- valid_from, valid_to  From when (null: always) until when, exclusively (null: still).
WITH imports AS (
    SELECT
        imported,
        row_number() OVER (ORDER BY imported) AS number,
        min(CASE WHEN is_whole THEN imported END) OVER (
            ORDER BY imported ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ) AS next_whole
    FROM (
        SELECT imported, bool_and(import_sha256 NOT LIKE 'scim-%') AS is_whole
        FROM people_all
        GROUP BY imported
    )
), told AS (
    SELECT
        id, imported,
        lead(imported) OVER (PARTITION BY id ORDER BY imported) AS told_again
    FROM (SELECT DISTINCT id, imported FROM people_all)
), rows_of AS (
    SELECT
        p.source,
        lower(p.login) AS login,
        p.id AS person,
        p.name, p.kind, p.privileged, p.team, p.manager, p.role, p.cohort, p.time_zone,
        p.invited_on,
        p.imported,
        i.number,
        CASE WHEN t.told_again < i.next_whole THEN t.told_again
            ELSE coalesce(i.next_whole, t.told_again) END AS next_imported,
        CAST(p.valid_from AS TIMESTAMP) AS said_from,
        CAST(p.valid_to AS TIMESTAMP) + INTERVAL '1 day' AS said_to,
        concat_ws('|', p.id, coalesce(p.name, '?'), p.kind, CAST(p.privileged AS VARCHAR),
            coalesce(p.team, '?'), coalesce(p.manager, '?'), coalesce(p.role, '?'),
            coalesce(p.cohort, '?'), coalesce(p.time_zone, '?'),
            coalesce(CAST(p.invited_on AS VARCHAR), '?'),
            coalesce(CAST(p.valid_from AS VARCHAR), '?'),
            coalesce(CAST(p.valid_to AS VARCHAR), '?')) AS says,
        row_number() OVER (
            PARTITION BY i.number, p.source, lower(p.login) ORDER BY p.import_sha256, p.id
        ) AS twin
    FROM people_all p
    JOIN imports i ON p.imported = i.imported
    JOIN told t ON t.id = p.id AND t.imported = p.imported
), changes AS (
    SELECT
        *,
        lag(number) OVER login AS before,
        CASE WHEN lag(next_imported) OVER login = imported AND lag(says) OVER login = says
             THEN 0 ELSE 1 END AS change
    FROM rows_of
    WHERE twin = 1
    WINDOW login AS (PARTITION BY source, login ORDER BY number)
), spans AS (
    SELECT
        *,
        sum(change) OVER (
            PARTITION BY source, login ORDER BY number
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS span
    FROM changes
), joined AS (
    SELECT
        source, login, person, name, kind, privileged, team, manager, role, cohort, time_zone,
        invited_on, said_from, said_to,
        min(number) AS first_number,
        min(CASE WHEN change = 1 THEN before END) AS before,
        CAST(min(imported) AS TIMESTAMP) AS first_imported,
        bool_or(next_imported IS NULL) AS still,
        CAST(max(next_imported) AS TIMESTAMP) AS replaced
    FROM spans
    GROUP BY source, login, span, person, name, kind, privileged, team, manager, role, cohort,
        time_zone, invited_on, said_from, said_to
)
SELECT
    source, login, person, name, kind, privileged, team, manager, role, cohort, time_zone,
    invited_on,
    CASE
        WHEN first_number = 1 THEN said_from
        WHEN before IS NULL THEN coalesce(said_from, first_imported)
        ELSE greatest(first_imported, coalesce(said_from, first_imported))
    END AS valid_from,
    CASE
        WHEN still THEN said_to
        ELSE least(replaced, coalesce(said_to, replaced))
    END AS valid_to
FROM joined
