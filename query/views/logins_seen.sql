-- The logins that events name, with what the events say of them.
-- columns:
-- login  The user's name, lower-cased.
-- events  Events that name it.
-- first_seen, last_seen  Time of the first and the last of them.
-- automatic  Whether everything says that no person is behind it.
SELECT
    source,
    login,
    CAST(sum(events) AS BIGINT) AS events,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen,
    bool_or(automatic_type)
        OR (bool_and(never_interactive) AND bool_or(machine_credential)) AS automatic
FROM account_days
GROUP BY source, login
