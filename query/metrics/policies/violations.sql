-- question: What went through that a policy would have challenged or denied?
-- sentence: of accesses would have been challenged or denied
-- counts: access, accesses
-- unit: share
-- band: bounds
-- shape: counts
-- grain: day, week, month, quarter, total
-- dimensions: attempts
-- population: accesses that went through, people's and machines', and that a rule of a policy in force is for; each once for each policy
-- excludes: accesses that no rule is for; of whom a policy didn't bind (in the phase report_only, and outside of a pilot's cohorts) the row says what would have been: the phase tells
-- columns: bucket, grp, figure (policy/rule/phase: not covered by an exception; policy/rule/phase/excepted: covered by one), k, n, unknown (the logs don't say enough)
-- version: 1
WITH decided AS (
    SELECT *, policy AS policy_name
    FROM policy_decisions
    WHERE time >= $from AND time < $to
        AND rule IS NOT NULL
        AND outcome IN ('success', 'unknown')
), counted AS (
    SELECT
        bucket($grain, time, $time_zone) AS bucket,
        {group} AS grp,
        policy || '/' || CAST(rule AS VARCHAR) || '/' || phase AS of_rule,
        without_exception IN ('challenge', 'deny') AS violated,
        result = 'excepted' AS excepted,
        without_exception = 'cannot_tell' AS untold
    FROM decided
    WHERE true {only}
), totals AS (
    SELECT
        bucket, grp, of_rule,
        sum(CASE WHEN violated AND NOT excepted THEN 1 ELSE 0 END) AS open,
        sum(CASE WHEN violated AND excepted THEN 1 ELSE 0 END) AS covered,
        sum(CASE WHEN untold AND NOT excepted THEN 1 ELSE 0 END) AS untold,
        sum(CASE WHEN untold AND excepted THEN 1 ELSE 0 END) AS untold_covered,
        count(*) AS n
    FROM counted
    GROUP BY bucket, grp, of_rule
)
SELECT
    bucket, grp, of_rule || f.ending AS figure,
    CASE f.ending WHEN '' THEN open ELSE covered END AS k,
    n,
    CASE f.ending WHEN '' THEN untold ELSE untold_covered END AS unknown
FROM totals
CROSS JOIN (VALUES (''), ('/excepted')) AS f(ending)
