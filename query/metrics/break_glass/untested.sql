-- question: Which break-glass accounts have gone untested?
-- sentence: of break-glass accounts were not used for 90 days
-- counts: break-glass account, break-glass accounts
-- k: break-glass accounts without a successful sign-in in the last 90 days
-- n: break-glass accounts in the directory
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: source
-- population: logins of break-glass accounts in the directory on the bucket's last day
-- excludes: accounts of other kinds; an account that came into the directory less than 90 days before and was never used counts as untested
-- columns: bucket, grp, figure (empty), k, n, unknown
-- version: 1
WITH here AS (
    SELECT DISTINCT b.bucket, b.last_day, l.source, l.login
    FROM buckets b
    JOIN logins l
        ON l.kind = 'break_glass'
        AND (l.valid_from IS NULL
            OR l.valid_from < CAST(b.last_day AS TIMESTAMP) + INTERVAL '1 day')
        AND (l.valid_to IS NULL
            OR l.valid_to >= CAST(b.last_day AS TIMESTAMP) + INTERVAL '1 day')
), uses AS (
    SELECT source AS at_source, user_name, bucket('day', started, $time_zone) AS day
    FROM attempts
    WHERE started >= $from - INTERVAL '90 days' AND started < $to
        AND account_kind = 'break_glass' AND outcome = 'success'
    GROUP BY 1, 2, 3
), tested AS (
    SELECT h.last_day, h.source, h.login
    FROM here h
    JOIN uses u
        ON u.user_name = h.login AND (u.at_source = h.source OR h.source = '*')
        AND u.day <= h.last_day AND u.day > h.last_day - INTERVAL '90 days'
    GROUP BY h.last_day, h.source, h.login
), judged AS (
    SELECT h.bucket, h.source, t.login IS NULL AS untested
    FROM here h
    LEFT JOIN tested t
        ON t.last_day = h.last_day AND t.source = h.source AND t.login = h.login
)
SELECT
    bucket,
    {group} AS grp,
    '' AS figure,
    sum(CASE WHEN untested THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM judged
WHERE true {only}
GROUP BY 1, 2
