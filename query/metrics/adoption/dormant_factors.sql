-- question: Which factors are enrolled and never used?
-- sentence: of enrolled factors weren't used in 90 days
-- counts: factor, factors
-- unit: share
-- band: bounds
-- shape: counts
-- grain: day, week, month, quarter, total
-- dimensions: people
-- population: usable factors of human accounts in the newest snapshot of at most 48 hours, on the bucket's last day; factors of one kind at one account are one
-- excludes: accounts without a person in the directory, passwords, factors that wait to be confirmed or are disabled
-- columns: bucket, grp, figure (empty), k (enrolled at least 90 days, or it isn't said since when, and not used in the 90 days), n, unknown (the source's events don't reach back 90 days, or a factor was used and it isn't said which)
-- version: 1
WITH ends AS (
    SELECT bucket, last_day FROM buckets
), snapshots AS (
    SELECT e.last_day, f.source, max(f.as_of) AS as_of
    FROM ends e
    JOIN (SELECT DISTINCT source, as_of FROM factors) f
        ON f.as_of <= e.last_day AND f.as_of > e.last_day - INTERVAL '2 days'
    GROUP BY e.last_day, f.source
), enrolled AS (
    -- Sources tell passkeys and keys, and kinds of push, more or less exactly.
    SELECT
        s.last_day, f.source, f.login,
        CASE
            WHEN f.factor IN ('passkey', 'webauthn', 'hardware_key') THEN 'webauthn'
            WHEN f.factor IN ('push', 'push_number') THEN 'push'
            ELSE f.factor
        END AS kind,
        max(f.enrolled_on) AS enrolled_on
    FROM snapshots s
    JOIN factors f ON f.source = s.source AND f.as_of = s.as_of
    WHERE f.usable
    GROUP BY 1, 2, 3, 4
), matched AS (
    SELECT
        r.*, l.person, l.team, l.role, l.cohort,
        row_number() OVER (
            PARTITION BY r.last_day, r.source, r.login, r.kind
            ORDER BY
                CASE WHEN l.source = r.source THEN 1 WHEN l.source = '*' THEN 2 ELSE 3 END,
                l.source, l.person
        ) AS choice
    FROM enrolled r
    JOIN logins l
        ON l.login = r.login
        AND (l.valid_from IS NULL
            OR l.valid_from < CAST(r.last_day AS TIMESTAMP) + INTERVAL '1 day')
        AND (l.valid_to IS NULL
            OR l.valid_to >= CAST(r.last_day AS TIMESTAMP) + INTERVAL '1 day')
    WHERE l.kind = 'human'
        AND (l.source = r.source OR l.source = '*' OR strpos(l.login, '@') > 0)
), uses AS (
    SELECT
        source, user_name AS login,
        CASE
            WHEN factor IN ('passkey', 'webauthn', 'hardware_key') THEN 'webauthn'
            WHEN factor IN ('push', 'push_number') THEN 'push'
            WHEN factor IN ('other', 'unknown') OR factor IS NULL THEN 'not said'
            ELSE factor
        END AS kind,
        bucket('day', started, $time_zone) AS day
    FROM tries
    WHERE started >= $from - INTERVAL '90 days' AND started < $to
        AND outcome = 'success' AND user_name IS NOT NULL
        AND (mfa = 'performed' OR factor NOT IN ('password', 'other', 'unknown'))
    GROUP BY 1, 2, 3, 4
), marks AS (
    -- In one order, so that the last use so far is found by passing once.
    SELECT source, login, kind, day, 0 AS is_end, day AS used_on
    FROM uses
    UNION ALL
    SELECT a.source, a.login, a.kind, e.last_day, 1, NULL
    FROM (SELECT DISTINCT source, login, kind FROM uses) a
    CROSS JOIN ends e
), so_far AS (
    SELECT
        source, login, kind, day, is_end,
        max(used_on) OVER (
            PARTITION BY source, login, kind ORDER BY day, is_end
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS used_on
    FROM marks
), used AS (
    SELECT day AS last_day, source, login, kind
    FROM so_far
    WHERE is_end = 1 AND used_on > day - INTERVAL '90 days'
), begun AS (
    SELECT source, bucket('day', min(first_time), $time_zone) AS first_day
    FROM source_activity
    GROUP BY source
), answers AS (
    SELECT
        m.last_day, m.source, m.team, m.role, m.cohort,
        CASE
            WHEN u.login IS NOT NULL THEN 'used'
            WHEN m.enrolled_on > m.last_day - INTERVAL '90 days' THEN 'new'
            WHEN o.login IS NOT NULL OR m.kind IN ('other', 'unknown') THEN 'unknown'
            WHEN b.first_day <= m.last_day - INTERVAL '90 days' THEN 'dormant'
            ELSE 'unknown'
        END AS answer
    FROM matched m
    LEFT JOIN used u ON u.last_day = m.last_day AND u.source = m.source
        AND u.login = m.login AND u.kind = m.kind
    LEFT JOIN used o ON o.last_day = m.last_day AND o.source = m.source
        AND o.login = m.login AND o.kind = 'not said'
    LEFT JOIN begun b ON b.source = m.source
    WHERE m.choice = 1
), grouped AS (
    SELECT last_day, {group} AS grp, answer
    FROM answers
    WHERE true {only}
)
SELECT
    e.bucket, g.grp, '' AS figure,
    sum(CASE WHEN g.answer = 'dormant' THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    sum(CASE WHEN g.answer = 'unknown' THEN 1 ELSE 0 END) AS unknown
FROM grouped g
JOIN ends e ON e.last_day = g.last_day
GROUP BY e.bucket, g.grp
