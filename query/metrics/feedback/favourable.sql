-- question: How many of the answers find signing in easy?
-- sentence: of answers were favourable
-- counts: answer, answers
-- k: answers of 4 and 5
-- n: all answers
-- unit: share
-- band: none
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: attempts
-- population: answers to the question how easy it was to sign in, given in the period; favourable are 4 and 5 of 5. An answer that names a flow is of that flow's last attempt that had begun, 30 days before at most; one that doesn't belongs to no source, factor or person, and to the team that was asked
-- excludes: those who didn't answer (how many were asked isn't counted; see feedback/response for how many of those who signed in said anything); answers that a later one by the same link replaced
-- columns: bucket, grp, figure (empty), k (favourable), n (answers), unknown (0)
-- version: 1
WITH answers AS (
    SELECT
        shard, seq, part, time, score, flow_id,
        CASE WHEN resource LIKE 'team:%' THEN substr(resource, 6) END AS asked_team
    FROM events
    WHERE activity = 'feedback' AND score IS NOT NULL AND time >= $from AND time < $to
), tried AS (
    SELECT
        flow_id, started, ended, shard AS try_shard, seq AS try_seq, part AS try_part,
        source, platform, service, factor, team, role, cohort, account_kind, environment, country,
        policy_name, device_managed
    FROM attempts
    WHERE flow_id IS NOT NULL AND started >= $from - INTERVAL '30 days' AND started < $to
), told AS (
    SELECT
        a.time, a.score,
        t.source, t.platform, t.service, t.factor, coalesce(t.team, a.asked_team) AS team, t.role,
        t.cohort, t.account_kind, t.environment, t.country, t.policy_name, t.device_managed,
        row_number() OVER (
            PARTITION BY a.shard, a.seq, a.part
            ORDER BY t.started DESC, t.try_shard DESC, t.try_seq DESC, t.try_part DESC
        ) AS nearest
    FROM answers a
    LEFT JOIN tried t
        ON t.flow_id = a.flow_id
        AND t.started <= a.time
        AND t.started >= a.time - INTERVAL '30 days'
)
SELECT
    bucket($grain, time, $time_zone) AS bucket,
    {group} AS grp,
    '' AS figure,
    sum(CASE WHEN score >= 4 THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    CAST(0 AS BIGINT) AS unknown
FROM told
WHERE nearest = 1 {only}
GROUP BY 1, 2
