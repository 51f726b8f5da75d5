-- question: How many critical operations had a strong verification behind them?
-- sentence: of critical operations met a policy's requirement
-- counts: operation, operations
-- unit: share
-- band: bounds
-- shape: counts
-- grain: day, week, month, quarter, total
-- dimensions: attempts
-- population: accesses that went through and that are critical ([[critical]] rules of the policies in force, with the defaults), people's and machines', each once
-- excludes: times in which no policy is in force: nothing says what is critical then
-- columns: bucket, grp, figure (empty: some policy's rule is for it, the same person had verified as strongly and as lately as every such rule asks; excepted: not so, but only exceptions let it through; without_rule: no rule of any policy is for it), k, n, unknown (the logs don't say enough)
-- version: 1
WITH decided AS (
    SELECT *, policy AS policy_name
    FROM policy_decisions
    WHERE time >= $from AND time < $to
        AND critical
        AND outcome IN ('success', 'unknown')
), operations AS (
    SELECT
        shard, seq, part,
        {group} AS grp,
        min(bucket($grain, time, $time_zone)) AS bucket,
        sum(CASE WHEN rule IS NOT NULL THEN 1 ELSE 0 END) AS ruled,
        sum(CASE WHEN result = 'pass' THEN 1 ELSE 0 END) AS passed,
        sum(CASE WHEN result = 'excepted' THEN 1 ELSE 0 END) AS excepted,
        sum(CASE WHEN result = 'cannot_tell' THEN 1 ELSE 0 END) AS untold
    FROM decided
    WHERE true {only}
    GROUP BY 1, 2, 3, 4
), totals AS (
    SELECT
        bucket, grp,
        sum(CASE WHEN ruled > 0 AND passed = ruled THEN 1 ELSE 0 END) AS covered,
        sum(CASE WHEN ruled > 0 AND excepted > 0 AND passed + excepted = ruled THEN 1 ELSE 0 END)
            AS excepted,
        sum(CASE WHEN ruled = 0 THEN 1 ELSE 0 END) AS without_rule,
        sum(CASE WHEN untold > 0 AND passed + untold = ruled THEN 1 ELSE 0 END) AS untold,
        count(*) AS n
    FROM operations
    GROUP BY bucket, grp
)
SELECT
    bucket, grp, f.figure,
    CASE f.figure WHEN '' THEN covered WHEN 'excepted' THEN excepted ELSE without_rule END AS k,
    n,
    CASE f.figure WHEN '' THEN untold ELSE 0 END AS unknown
FROM totals
CROSS JOIN (VALUES (''), ('excepted'), ('without_rule')) AS f(figure)
