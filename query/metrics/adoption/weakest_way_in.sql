-- question: What is the weakest way in that worked for each person?
-- sentence: of people
-- counts: person, people
-- unit: share
-- band: bounds
-- shape: counts
-- absent: zero
-- grain: day, week, month, quarter, total
-- dimensions: people
-- population: people with a human account that got in anywhere in the 90 days up to the bucket's last day, by signing in, by a key or by a token
-- excludes: access that came from another sign-in (it is as strong as that), accounts that no person is known for, service and shared accounts, keys of machines' accounts
-- columns: bucket, grp, figure (single_factor: a password or another single factor, or a bypass; key_or_token: an SSH key, access key, deploy key or token with no MFA told behind it; unnamed_factor: a second factor, and it isn't said which; weak_code: security question, e-mail, recovery or bypass code; sms_or_voice; push_or_code: push, TOTP, hardware code; push_number; phishing_resistant; unknown: of some way in nothing is said, and no single factor is known), k (whose weakest it is), n, unknown
-- version: 1
WITH ends AS (
    SELECT bucket, last_day FROM buckets
), ways AS (
    SELECT
        person, {group} AS grp,
        bucket('day', started, $time_zone) AS day,
        CASE
            WHEN mfa IN ('performed', 'claim_in_token', 'remembered') THEN
                CASE
                    WHEN phishing_resistant OR strength = 5 THEN 8
                    WHEN strength >= 1 THEN strength + 3
                    ELSE 3
                END
            WHEN mfa = 'bypassed' AND strength = 1 THEN 4
            WHEN credential IN ('ssh_key', 'deploy_key', 'access_key', 'access_token') THEN 2
            WHEN mfa IN ('none', 'not_required', 'bypassed') THEN 1
            ELSE 0
        END AS way
    FROM attempts
    WHERE started >= $from - INTERVAL '90 days' AND started < $to
        AND outcome = 'success'
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        AND person IS NOT NULL
        AND came_from IS NULL
        {only}
    GROUP BY 1, 2, 3, 4
), key_owners AS (
    SELECT d.last_key_time, a.*
    FROM account_days d
    JOIN accounts a
        ON a.source = d.source
        AND a.login = d.login
        AND (a.valid_from IS NULL OR d.last_key_time >= a.valid_from)
        AND (a.valid_to IS NULL OR d.last_key_time < a.valid_to)
    WHERE d.day >= $from - INTERVAL '91 days' AND d.day < $to
        AND d.key_events > 0 AND a.kind = 'human'
), keys AS (
    SELECT
        person, {group} AS grp,
        bucket('day', last_key_time, $time_zone) AS day,
        2 AS way
    FROM key_owners
    WHERE last_key_time < $to {only}
    GROUP BY 1, 2, 3
), every_way AS (
    SELECT person, grp, day, way FROM ways
    UNION ALL
    SELECT person, grp, day, way FROM keys
), by_person AS (
    SELECT
        e.bucket, w.grp, w.person,
        min(CASE WHEN w.way > 0 THEN w.way END) AS weakest,
        bool_or(w.way = 0) AS untold
    FROM ends e
    JOIN every_way w ON w.day <= e.last_day AND w.day > e.last_day - INTERVAL '90 days'
    GROUP BY e.bucket, w.grp, w.person
), named AS (
    SELECT
        bucket, grp,
        CASE
            WHEN weakest = 1 THEN 'single_factor'
            WHEN untold OR weakest IS NULL THEN 'unknown'
            WHEN weakest = 2 THEN 'key_or_token'
            WHEN weakest = 3 THEN 'unnamed_factor'
            WHEN weakest = 4 THEN 'weak_code'
            WHEN weakest = 5 THEN 'sms_or_voice'
            WHEN weakest = 6 THEN 'push_or_code'
            WHEN weakest = 7 THEN 'push_number'
            ELSE 'phishing_resistant'
        END AS figure
    FROM by_person
), counted AS (
    SELECT bucket, grp, figure, count(*) AS k
    FROM named
    GROUP BY bucket, grp, figure
)
SELECT
    bucket, grp, figure, k,
    sum(k) OVER (PARTITION BY bucket, grp) AS n,
    CASE WHEN figure = 'unknown' THEN 0
        ELSE coalesce(sum(CASE WHEN figure = 'unknown' THEN k END) OVER (PARTITION BY bucket, grp), 0)
    END AS unknown
FROM counted
