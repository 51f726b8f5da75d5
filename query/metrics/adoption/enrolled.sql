-- question: Who has a usable second factor?
-- sentence: have a usable second factor
-- counts: person, people
-- k accounts: accounts with a usable second factor
-- n accounts: accounts in the directory on the bucket's last day
-- k people: people all of whose accounts have a usable second factor
-- n people: people in the directory on the bucket's last day
-- unit: share
-- band: bounds
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: people
-- population: human accounts in the directory on the bucket's last day; for people, the persons behind them, who count when all their accounts do
-- excludes: service, shared and break-glass accounts; an account that no snapshot has looked at in 48 hours and that has used no factor since counts as unknown, never as no
-- columns: bucket, grp, figure (accounts, people), k (with a usable factor), n, unknown
-- version: 1
WITH ends AS (
    SELECT bucket, last_day FROM buckets
), here AS (
    SELECT DISTINCT
        e.bucket, e.last_day, {group} AS grp, l.person, l.source, l.login
    FROM ends e
    JOIN logins l
        ON l.kind = 'human'
        AND (l.valid_from IS NULL
            OR l.valid_from < CAST(e.last_day AS TIMESTAMP) + INTERVAL '1 day')
        AND (l.valid_to IS NULL
            OR l.valid_to >= CAST(e.last_day AS TIMESTAMP) + INTERVAL '1 day')
    WHERE true {only}
), snapshots AS (
    SELECT e.last_day, f.source, max(f.as_of) AS as_of
    FROM ends e
    JOIN (SELECT DISTINCT source, as_of FROM factors) f
        ON f.as_of <= e.last_day AND f.as_of > e.last_day - INTERVAL '2 days'
    GROUP BY e.last_day, f.source
), looked_at AS (
    SELECT s.last_day, f.source, f.login, bool_or(f.usable) AS usable
    FROM snapshots s
    JOIN factors f ON f.source = s.source AND f.as_of = s.as_of
    GROUP BY s.last_day, f.source, f.login
), uses AS (
    SELECT
        source, user_name AS login,
        bucket('day', started, $time_zone) AS day
    FROM attempts
    WHERE started >= $from - INTERVAL '2 days' AND started < $to
        AND outcome = 'success' AND mfa = 'performed' AND user_name IS NOT NULL
    GROUP BY 1, 2, 3
), used AS (
    SELECT DISTINCT e.last_day, u.source, u.login
    FROM ends e
    JOIN uses u ON u.day <= e.last_day AND u.day > e.last_day - INTERVAL '2 days'
), snapshot_answers AS (
    SELECT h.last_day, h.source, h.login, h.person, bool_or(l.usable) AS usable
    FROM here h
    JOIN looked_at l ON l.last_day = h.last_day AND l.login = h.login
        AND (l.source = h.source OR h.source = '*')
    GROUP BY h.last_day, h.source, h.login, h.person
), use_answers AS (
    SELECT DISTINCT h.last_day, h.source, h.login, h.person, true AS used
    FROM here h
    JOIN used u ON u.last_day = h.last_day AND u.login = h.login
        AND (u.source = h.source OR h.source = '*')
), accounts_of AS (
    SELECT
        h.bucket, h.grp, h.person,
        CASE WHEN s.usable OR u.used THEN 'yes' WHEN s.usable IS NULL THEN 'unknown' ELSE 'no' END
            AS answer
    FROM here h
    LEFT JOIN snapshot_answers s ON s.last_day = h.last_day AND s.source = h.source
        AND s.login = h.login AND s.person = h.person
    LEFT JOIN use_answers u ON u.last_day = h.last_day AND u.source = h.source
        AND u.login = h.login AND u.person = h.person
), people_of AS (
    SELECT
        bucket, grp, person,
        bool_and(answer = 'yes') AS every,
        bool_or(answer = 'no') AS not_every
    FROM accounts_of
    GROUP BY bucket, grp, person
)
SELECT
    bucket, grp, 'accounts' AS figure,
    sum(CASE WHEN answer = 'yes' THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    sum(CASE WHEN answer = 'unknown' THEN 1 ELSE 0 END) AS unknown
FROM accounts_of
GROUP BY bucket, grp
UNION ALL
SELECT
    bucket, grp, 'people',
    sum(CASE WHEN every THEN 1 ELSE 0 END),
    count(*),
    sum(CASE WHEN NOT every AND NOT not_every THEN 1 ELSE 0 END)
FROM people_of
GROUP BY bucket, grp
