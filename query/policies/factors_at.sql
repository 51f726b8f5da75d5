-- What people could answer a prompt with on a day: the strongest usable factor of any of
-- their accounts; null where all were looked at and none has one. Who isn't here was not
-- looked at. A snapshot tells of its day's end, so that of the day before counts, or of the
-- one before that; the day's own only where there is no other.
-- parameters: day date, earliest date, ends time (when the day does)
WITH newest AS (
    SELECT
        source,
        coalesce(max(CASE WHEN as_of < $day THEN as_of END), max(as_of)) AS as_of
    FROM factors
    WHERE as_of <= $day AND as_of >= $earliest
    GROUP BY source
), held AS (
    SELECT
        f.source, f.login,
        max(CASE WHEN f.usable THEN CAST(strength(f.factor) AS BIGINT) END) AS strength,
        -- What can't be ranked is a factor all the same.
        bool_or(f.usable) AS usable
    FROM factors f
    JOIN newest n ON n.source = f.source AND n.as_of = f.as_of
    GROUP BY f.source, f.login
), owned AS (
    SELECT
        coalesce('person ' || l.person, 'login ' || h.source || ' ' || h.login) AS who,
        h.strength, h.usable
    FROM held h
    LEFT JOIN logins l
        ON l.login = h.login
        AND (l.source = h.source OR l.source = '*')
        AND (l.valid_from IS NULL OR l.valid_from < $ends)
        AND (l.valid_to IS NULL OR l.valid_to >= $ends)
)
SELECT who, max(CASE WHEN usable THEN coalesce(strength, 1) END) AS strength
FROM owned
GROUP BY who
