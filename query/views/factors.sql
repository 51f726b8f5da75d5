-- Factor snapshots: one row per account, factor and day; a day that was
-- imported again counts once, as imported last. factor is none where an account
-- was looked at and has no factor.
-- columns:
-- login  The account's login, lower-cased.
-- usable  Whether it can serve as a second factor today.
-- latest  Whether it is of the newest snapshot of its source.
WITH imports AS (
    SELECT source, as_of, max(imported) AS imported
    FROM factors_all
    GROUP BY source, as_of
), newest AS (
    SELECT source, max(as_of) AS as_of FROM imports GROUP BY source
)
SELECT
    f.as_of,
    f.source,
    lower(f.login) AS login,
    f.factor,
    f.enrolled_on,
    f.status,
    f.status = 'active' AND f.factor NOT IN ('none', 'password') AS usable,
    f.as_of = n.as_of AS latest,
    f.imported
FROM factors_all f
JOIN imports i ON f.source = i.source AND f.as_of = i.as_of AND f.imported = i.imported
JOIN newest n ON f.source = n.source
