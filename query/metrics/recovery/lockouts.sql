-- question: How often are accounts locked out?
-- sentence: lock-outs per 1,000 account-days
-- counts: account-day, account-days
-- k: days on which an account was told that it is locked or tried too often
-- n: days on which an account tried to sign in
-- unit: rate
-- band: interval95
-- shape: rate
-- statistic: clustered by day
-- per: 1000 account-days
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network
-- population: days on which a human account tried to sign in, by source
-- excludes: service, shared and unknown accounts; lock-outs that no attempt met. Whoever tried, a locked account is locked: attacks count too
-- columns: bucket, grp, figure (exposure: account-days; locked_out), day, k, exposure
-- version: 1
WITH days AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        bucket('day', started, $time_zone) AS day,
        source, user_name,
        bool_or(coalesce(reason IN ('locked', 'too_many_attempts'), false)) AS locked_out
    FROM attempts
    WHERE started >= $from AND started < $to
        AND account_kind = 'human'
        AND user_name IS NOT NULL
        {only}
    GROUP BY 1, 2, 3, source, user_name
)
SELECT bucket, grp, 'exposure' AS figure, day, CAST(0 AS BIGINT) AS k, count(*) AS exposure
FROM days GROUP BY bucket, grp, day
UNION ALL
SELECT bucket, grp, 'locked_out', day, sum(CASE WHEN locked_out THEN 1 ELSE 0 END), CAST(0 AS BIGINT)
FROM days GROUP BY bucket, grp, day
