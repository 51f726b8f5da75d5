-- question: How many prompts are never answered?
-- sentence: of prompts were abandoned
-- counts: prompt, prompts
-- k: prompts that nobody answered
-- n: prompts older than 10 minutes
-- unit: share
-- band: bounds
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network, factor_platform_country
-- population: attempts of human accounts in which a prompt was sent, 10 minutes after it (cumulative incidence at 10 minutes; being answered and being refused are the competing ends)
-- excludes: prompts of the last 10 minutes, which can still be answered
-- columns: bucket, grp, figure (empty), k (abandoned), n (with a prompt), unknown (how it ended isn't said)
-- version: 2
SELECT
    bucket($grain, started, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    sum(CASE WHEN outcome = 'abandoned' THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    sum(CASE WHEN outcome = 'unknown' THEN 1 ELSE 0 END) AS unknown
FROM attempts
WHERE started >= $from AND started < $to
    AND account_kind = 'human'
    AND (prompts > 0 OR outcome = 'abandoned')
    AND ended < $as_of - INTERVAL '10 minutes'
    {only}
GROUP BY 1, 2
