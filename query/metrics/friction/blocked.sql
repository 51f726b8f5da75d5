-- question: How much work do policies block?
-- unit: share
-- band: interval95
-- shape: counts
-- grain: day, week, month, total
-- dimensions: attempts
-- population: attempts that a policy evaluated; for attributable and not_attributable, attempts that were denied or blocked
-- excludes: policies that didn't apply
-- columns: bucket, grp, figure (empty: blocked; attributable, not_attributable: whether the source names the policy), k, n, unknown
-- version: 1
WITH counted AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        coalesce(policy_result, 'not_applied') <> 'not_applied' OR blocked IS NOT NULL AS evaluated,
        coalesce(policy_result = 'denied', false) OR coalesce(blocked, false)
            OR (outcome = 'abandoned' AND coalesce(policy_challenged, false)) AS stopped,
        outcome = 'denied' OR coalesce(blocked, false) AS denied,
        policy_id IS NOT NULL OR policy_name IS NOT NULL AS named
    FROM attempts
    WHERE started >= $from AND started < $to {only}
), totals AS (
    SELECT
        bucket, grp,
        sum(CASE WHEN evaluated AND stopped THEN 1 ELSE 0 END) AS stopped,
        sum(CASE WHEN evaluated THEN 1 ELSE 0 END) AS evaluated,
        sum(CASE WHEN denied THEN 1 ELSE 0 END) AS denied,
        sum(CASE WHEN denied AND named THEN 1 ELSE 0 END) AS attributable,
        sum(CASE WHEN denied AND NOT named THEN 1 ELSE 0 END) AS not_attributable
    FROM counted
    GROUP BY bucket, grp
)
SELECT
    t.bucket, t.grp, f.figure,
    CASE f.figure
        WHEN 'attributable' THEN t.attributable
        WHEN 'not_attributable' THEN t.not_attributable
        ELSE t.stopped
    END AS k,
    CASE f.figure WHEN '' THEN t.evaluated ELSE t.denied END AS n,
    CAST(0 AS BIGINT) AS unknown
FROM totals t
CROSS JOIN (VALUES (''), ('attributable'), ('not_attributable')) AS f(figure)
