-- question: How often was the glass broken?
-- counts: use, uses
-- k: uses of the figure's kind
-- n: all uses
-- unit: count
-- band: none
-- shape: counts
-- statistic: census
-- absent: zero
-- grain: day, week, month, quarter, total
-- dimensions: source
-- population: successful sign-ins of break-glass accounts, successful sign-ins with a recovery or bypass code or past the second factor by an administrator's bypass, and factor resets that succeeded
-- excludes: attempts that failed (see the detectors). A break-glass account's use counts once, whatever it was done with
-- columns: bucket, grp, figure (break_glass_account, recovery_code, bypass, factor_reset), k, n (all uses), unknown
-- version: 1
WITH uses AS (
    SELECT
        source, started AS happened,
        CASE
            WHEN account_kind = 'break_glass' THEN 'break_glass_account'
            WHEN factor = 'recovery_code' THEN 'recovery_code'
            ELSE 'bypass'
        END AS kind
    FROM attempts
    WHERE started >= $from AND started < $to AND outcome = 'success'
        AND (account_kind = 'break_glass' OR factor IN ('recovery_code', 'bypass_code')
            OR mfa = 'bypassed')
    UNION ALL
    SELECT source, time, 'factor_reset'
    FROM events
    WHERE activity = 'factor_reset' AND outcome = 'success' AND time >= $from AND time < $to
), counted AS (
    SELECT bucket($grain, happened, $time_zone) AS bucket, {group} AS grp, kind, count(*) AS k
    FROM uses
    WHERE true {only}
    GROUP BY 1, 2, 3
)
SELECT
    bucket, grp, kind AS figure, k,
    sum(k) OVER (PARTITION BY bucket, grp) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM counted
