-- question: How much of signing in belongs to nobody in the directory?
-- sentence: of attempts belong to nobody in the directory
-- counts: attempt, attempts
-- unit: share
-- band: none
-- shape: counts
-- grain: day, week, month, quarter, total
-- dimensions: source
-- population: all attempts; for accounts, the accounts that tried to sign in
-- excludes: nothing: service accounts that the directory doesn't have are unmatched too; attempts that name no account count as unmatched attempts and not as accounts
-- columns: bucket, grp, figure (attempts: of accounts that no person is known for at that time; accounts: that no person was known for at any of their attempts; automatic: of the accounts, those without a person of which the source says that no person is behind them), k, n
-- version: 1
WITH by_account AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        source, user_name,
        count(*) AS attempts,
        count(person) AS matched,
        bool_and(account_kind = 'service') AS automatic
    FROM attempts
    WHERE started >= $from AND started < $to {only}
    GROUP BY 1, 2, 3, 4
)
SELECT
    bucket, grp, 'attempts' AS figure,
    sum(attempts - matched) AS k, sum(attempts) AS n, CAST(0 AS BIGINT) AS unknown
FROM by_account
GROUP BY bucket, grp
UNION ALL
SELECT
    bucket, grp, 'accounts',
    sum(CASE WHEN matched = 0 THEN 1 ELSE 0 END), count(*), CAST(0 AS BIGINT)
FROM by_account
WHERE user_name IS NOT NULL
GROUP BY bucket, grp
UNION ALL
SELECT
    bucket, grp, 'automatic',
    sum(CASE WHEN matched = 0 AND automatic THEN 1 ELSE 0 END), count(*), CAST(0 AS BIGINT)
FROM by_account
WHERE user_name IS NOT NULL
GROUP BY bucket, grp
