-- question: How often is a person asked in a day?
-- sentence: prompts
-- counts: person-day, person-days
-- unit: count
-- band: interval95
-- shape: histogram
-- statistic: order statistics
-- figures: p50, p95
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network
-- population: days on which a person tried to sign in where prompts are told, with the prompts of that day
-- excludes: accounts that no person is known for, service and shared accounts, sources that don't tell of prompts (GitHub, sshd), and access elsewhere that says nothing of MFA itself (an identity provider asked instead)
-- columns: bucket, grp, figure (value: value is prompts and n how many person-days had them), value, n
-- version: 2
WITH person_days AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        bucket('day', started, $time_zone) AS day,
        person,
        sum(prompts) AS prompts
    FROM attempts
    WHERE started >= $from AND started < $to
        AND account_kind = 'human'
        AND person IS NOT NULL
        AND coalesce(interactive, true)
        AND (platform = 'idp'
            OR (source NOT IN ('github', 'sshd') AND mfa NOT IN ('unknown', 'inherited')))
        {only}
    GROUP BY 1, 2, 3, 4
)
SELECT bucket, grp, 'value' AS figure, prompts AS value, count(*) AS n
FROM person_days
GROUP BY bucket, grp, prompts
