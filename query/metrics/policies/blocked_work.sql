-- question: How much work do policies block, and how much of it because a policy changed?
-- sentence: of what a policy evaluated was denied or given up
-- counts: access, accesses
-- unit: share
-- band: bounds
-- shape: counts
-- grain: day, week, month, quarter, total
-- dimensions: attempts
-- population: sign-ins and operations, people's and machines', that a policy at the vendor evaluated, at sources that in the period also say when one lets somebody pass; for the other figures those that were denied by a policy or given up at its challenge, at any source
-- excludes: failed passwords and errors; policies that didn't apply; drills, sandboxes (annotations)
-- columns: bucket, grp, figure (empty: denied or given up; due_to_change: the version before of the policy that the vendor's policy is a counterpart of would have let it pass; not_attributable: the source names no policy), k, n, unknown (evaluated, and the result isn't said; no version before, or the logs don't say enough to judge by it)
-- version: 1
WITH left_out AS (
    SELECT hour_ms, begins, ends, source AS marked_source
    FROM annotated_hours
    WHERE kind IN ('drill', 'sandbox')
), asked AS (
    SELECT a.*
    FROM accesses a
    LEFT JOIN left_out l
        ON l.hour_ms = epoch_ms(a.time) - epoch_ms(a.time) % 3600000
        AND a.time >= l.begins AND a.time < l.ends
        AND (l.marked_source IS NULL OR l.marked_source = a.source)
    WHERE a.time >= $from AND a.time < $to AND l.hour_ms IS NULL
), telling AS (
    SELECT
        source AS of_source,
        bool_or(policy_result IN ('allowed', 'would_challenge', 'would_deny')
            OR (blocked = false AND policy_result IS DISTINCT FROM 'not_applied')) AS says_passed
    FROM asked
    GROUP BY source
), compared AS (
    SELECT
        shard AS d_shard, seq AS d_seq, part AS d_part,
        bool_or(before IN ('pass', 'not_applied', 'excepted')
            AND result IN ('challenge', 'deny')) AS changed,
        bool_or(before <> 'cannot_tell' AND result <> 'cannot_tell') AS told
    FROM policy_decisions
    WHERE time >= $from AND time < $to
        AND policy_named
        AND outcome IN ('denied', 'abandoned')
    GROUP BY shard, seq, part
), counted AS (
    SELECT
        bucket($grain, time, $time_zone) AS bucket,
        {group} AS grp,
        coalesce(telling.says_passed, false) AS says_passed,
        coalesce(policy_result, 'not_applied') <> 'not_applied'
            OR coalesce(blocked, false) AS evaluated,
        coalesce(policy_result = 'denied', false) OR coalesce(blocked, false)
            OR (outcome = 'abandoned' AND coalesce(policy_challenged, false)) AS stopped,
        coalesce(policy_result = 'unknown', false) AND blocked IS NULL AS untold,
        policy_id IS NULL AND policy_name IS NULL AS unnamed,
        coalesce(changed, false) AS changed,
        coalesce(told, false) AS told
    FROM asked
    LEFT JOIN telling ON of_source = source
    LEFT JOIN compared ON d_shard = shard AND d_seq = seq AND d_part = part
    WHERE true {only}
), totals AS (
    SELECT
        bucket, grp,
        sum(CASE WHEN evaluated AND says_passed THEN 1 ELSE 0 END) AS evaluated,
        sum(CASE WHEN evaluated AND says_passed AND stopped THEN 1 ELSE 0 END) AS blocked,
        sum(CASE WHEN evaluated AND says_passed AND untold AND NOT stopped THEN 1 ELSE 0 END)
            AS untold,
        sum(CASE WHEN stopped THEN 1 ELSE 0 END) AS stopped,
        sum(CASE WHEN stopped AND changed THEN 1 ELSE 0 END) AS changed,
        sum(CASE WHEN stopped AND NOT changed AND NOT told THEN 1 ELSE 0 END) AS uncompared,
        sum(CASE WHEN stopped AND unnamed THEN 1 ELSE 0 END) AS unnamed
    FROM counted
    GROUP BY bucket, grp
)
SELECT
    bucket, grp, f.figure,
    CASE f.figure WHEN '' THEN blocked WHEN 'due_to_change' THEN changed ELSE unnamed END AS k,
    CASE f.figure WHEN '' THEN evaluated ELSE stopped END AS n,
    CASE f.figure WHEN '' THEN untold WHEN 'due_to_change' THEN uncompared ELSE 0 END AS unknown
FROM totals
CROSS JOIN (VALUES (''), ('due_to_change'), ('not_attributable')) AS f(figure)
