-- question: How much access by keys and tokens has no second factor behind it?
-- sentence: of accesses by key or token have no second factor behind them
-- counts: access, accesses
-- k: accesses whose source says that no second factor was asked for
-- n: successful accesses by key or token
-- unit: share
-- band: bounds
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: attempts, network
-- population: successful attempts with an SSH key, deploy key, access key, access token, application's secret or certificate, of people and machines
-- excludes: access in a session or by password
-- columns: bucket, grp, figure (empty), k (none, not required, bypassed), n, unknown (nothing is said of a second factor)
-- version: 1
SELECT
    bucket($grain, started, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    sum(CASE WHEN mfa IN ('none', 'not_required', 'bypassed') THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    sum(CASE WHEN mfa IN ('unknown', 'abandoned') THEN 1 ELSE 0 END) AS unknown
FROM attempts
WHERE started >= $from AND started < $to
    AND outcome = 'success'
    AND credential IN ('ssh_key', 'deploy_key', 'access_key', 'access_token', 'app', 'certificate')
    {only}
GROUP BY 1, 2
