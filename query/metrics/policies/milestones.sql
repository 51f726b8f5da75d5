-- question: How far are the milestones?
-- sentence: is where the milestone's measure stands
-- counts: part, parts
-- unit: share
-- band: bounds
-- shape: counts
-- grain: day, week, month, quarter, total
-- population: [[milestone]]s of each policy's latest version; enrolled counts human accounts in the directory on the bucket's last day (as adoption/enrolled), used and phishing_resistant successful interactive sign-ins of human accounts in the bucket (as adoption/used and adoption/phishing_resistant)
-- excludes: what these metrics leave out
-- columns: bucket, grp, figure (policy/measure/day that it is due/actual or target; of a target k is thousandths of n), k, n, unknown
-- version: 1
WITH latest AS (
    SELECT policy, max(version) AS version FROM policies_all GROUP BY policy
), milestones AS (
    SELECT
        m.policy || '/' || m.measure || '/' || CAST(m.due AS VARCHAR) AS name,
        m.measure, m.target_permille
    FROM policies_all m
    JOIN latest l ON l.policy = m.policy AND l.version = m.version
    WHERE m.part = 'milestone'
), sign_ins AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        mfa,
        CASE
            WHEN phishing_resistant AND mfa IN ('performed', 'claim_in_token') THEN 'yes'
            WHEN mfa = 'unknown' THEN 'unknown'
            WHEN mfa IN ('performed', 'claim_in_token', 'remembered')
                AND phishing_resistant IS NULL THEN 'unknown'
            ELSE 'no'
        END AS resistant
    FROM attempts
    WHERE started >= $from AND started < $to
        AND outcome = 'success'
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        AND mfa <> 'inherited'
), used AS (
    SELECT
        bucket, 'used' AS measure,
        sum(CASE WHEN mfa IN ('performed', 'claim_in_token') THEN 1 ELSE 0 END) AS k,
        count(*) AS n,
        sum(CASE WHEN mfa = 'unknown' THEN 1 ELSE 0 END) AS untold
    FROM sign_ins
    GROUP BY bucket
), resistant AS (
    SELECT
        bucket, 'phishing_resistant' AS measure,
        sum(CASE WHEN resistant = 'yes' THEN 1 ELSE 0 END) AS k,
        count(*) AS n,
        sum(CASE WHEN resistant = 'unknown' THEN 1 ELSE 0 END) AS untold
    FROM sign_ins
    GROUP BY bucket
), here AS (
    SELECT DISTINCT b.bucket, b.last_day, l.source, l.login
    FROM buckets b
    JOIN logins l
        ON l.kind = 'human'
        AND (l.valid_from IS NULL
            OR l.valid_from < CAST(b.last_day AS TIMESTAMP) + INTERVAL '1 day')
        AND (l.valid_to IS NULL
            OR l.valid_to >= CAST(b.last_day AS TIMESTAMP) + INTERVAL '1 day')
), looked_at AS (
    SELECT s.last_day, f.source, f.login, bool_or(f.usable) AS usable
    FROM (
        SELECT b.last_day, f.source, max(f.as_of) AS as_of
        FROM buckets b
        JOIN (SELECT DISTINCT source, as_of FROM factors) f
            ON f.as_of <= b.last_day AND f.as_of > b.last_day - INTERVAL '2 days'
        GROUP BY b.last_day, f.source
    ) s
    JOIN factors f ON f.source = s.source AND f.as_of = s.as_of
    GROUP BY s.last_day, f.source, f.login
), uses AS (
    SELECT DISTINCT source, user_name AS login, bucket('day', started, $time_zone) AS day
    FROM attempts
    WHERE started >= $from - INTERVAL '2 days' AND started < $to
        AND outcome = 'success' AND mfa = 'performed' AND user_name IS NOT NULL
), proven AS (
    SELECT DISTINCT b.last_day, u.source, u.login
    FROM buckets b
    JOIN uses u ON u.day <= b.last_day AND u.day > b.last_day - INTERVAL '2 days'
), by_snapshot AS (
    SELECT h.last_day, h.source, h.login, bool_or(l.usable) AS usable
    FROM here h
    JOIN looked_at l ON l.last_day = h.last_day AND l.login = h.login
        AND (l.source = h.source OR h.source = '*')
    GROUP BY h.last_day, h.source, h.login
), by_use AS (
    SELECT DISTINCT h.last_day, h.source, h.login, true AS used
    FROM here h
    JOIN proven u ON u.last_day = h.last_day AND u.login = h.login
        AND (u.source = h.source OR h.source = '*')
), enrolled AS (
    SELECT
        h.bucket, 'enrolled' AS measure,
        sum(CASE WHEN s.usable OR u.used THEN 1 ELSE 0 END) AS k,
        count(*) AS n,
        sum(CASE WHEN s.usable IS NULL AND u.used IS NULL THEN 1 ELSE 0 END) AS untold
    FROM here h
    LEFT JOIN by_snapshot s ON s.last_day = h.last_day AND s.source = h.source
        AND s.login = h.login
    LEFT JOIN by_use u ON u.last_day = h.last_day AND u.source = h.source AND u.login = h.login
    GROUP BY h.bucket
), actual AS (
    SELECT bucket, measure, k, n, untold FROM used
    UNION ALL
    SELECT bucket, measure, k, n, untold FROM resistant
    UNION ALL
    SELECT bucket, measure, k, n, untold FROM enrolled
)
SELECT
    a.bucket, CAST(NULL AS VARCHAR) AS grp, m.name || '/actual' AS figure,
    a.k, a.n, a.untold AS unknown
FROM milestones m
JOIN actual a ON a.measure = m.measure
UNION ALL
SELECT
    b.bucket, CAST(NULL AS VARCHAR), m.name || '/target',
    CAST(m.target_permille AS BIGINT), CAST(1000 AS BIGINT), CAST(0 AS BIGINT)
FROM milestones m
CROSS JOIN buckets b
