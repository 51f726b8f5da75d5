-- question: Which second factors do people use?
-- sentence: of sign-ins with a factor
-- counts: sign-in, sign-ins
-- k: sign-ins with the figure's factor
-- n: all sign-ins with a second factor
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- absent: zero
-- grain: day, week, month, quarter, total
-- dimensions: attempts
-- population: successful attempts of human accounts with MFA performed there
-- excludes: inherited, remembered and token-claimed MFA (no factor was used then), service and shared accounts
-- columns: bucket, grp, figure (the factor; unknown where the source doesn't say), k (attempts with it), n (all of them), unknown
-- version: 1
WITH used AS (
    -- Named before they are grouped: split by factor, group and figure are the
    -- same expression.
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        coalesce(factor, 'unknown') AS figure
    FROM attempts
    WHERE started >= $from AND started < $to
        AND outcome = 'success'
        AND account_kind = 'human'
        AND mfa = 'performed'
        {only}
), counted AS (
    SELECT bucket, grp, figure, count(*) AS k
    FROM used
    GROUP BY bucket, grp, figure
)
SELECT
    bucket, grp, figure, k,
    sum(k) OVER (PARTITION BY bucket, grp) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM counted
