-- Who is behind which login, for detectors: they ask it one login at a time.
SELECT
    source, login, person, kind, team, privileged, time_zone,
    CAST(valid_from AS TIMESTAMP) AS valid_from,
    CAST(valid_to AS TIMESTAMP) AS valid_to
FROM logins
