-- question: How much work do policies block?
-- sentence: of what a policy judged was blocked
-- counts: attempt, attempts
-- k: attempts that a policy stopped
-- n: attempts that a policy evaluated
-- k attributable: those whose source names the policy and also says when one lets pass
-- k not_attributable: those whose source doesn't
-- n attributable: attempts that were denied or stopped
-- n not_attributable: attempts that were denied or stopped
-- unit: share
-- band: bounds
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: attempts
-- population: attempts of human accounts that a policy evaluated, at sources that in the period also say when one let somebody pass; for attributable and not_attributable, attempts of human accounts that were denied, blocked or given up at a policy's challenge, at any source
-- excludes: service, shared and unknown accounts; policies that didn't apply; sources that only say what they blocked, which count as not attributable alone
-- columns: bucket, grp, figure (empty: stopped at a policy; attributable: the source names the policy and also says when one lets pass; not_attributable: it doesn't), k, n, unknown (evaluated, and the result isn't said)
-- version: 2
WITH telling AS (
    SELECT
        source AS of_source,
        bool_or(policy_result IN ('allowed', 'would_challenge', 'would_deny')
            OR (blocked = false AND policy_result IS DISTINCT FROM 'not_applied')) AS says_passed
    FROM attempts
    WHERE started >= $from AND started < $to
    GROUP BY source
), counted AS (
    -- Counted before it is joined: what a day's attempts add up to is kept.
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        source AS at_source,
        coalesce(policy_result, 'not_applied') <> 'not_applied'
            OR (blocked IS NOT NULL AND policy_result IS NULL)
            OR coalesce(blocked, false) AS evaluated,
        coalesce(policy_result = 'denied', false) OR coalesce(blocked, false)
            OR (outcome = 'abandoned' AND coalesce(policy_challenged, false)) AS stopped,
        outcome = 'denied' AS denied,
        coalesce(policy_result = 'unknown', false) AND blocked IS NULL AS untold,
        policy_id IS NOT NULL OR policy_name IS NOT NULL AS named,
        count(*) AS n
    FROM attempts
    WHERE started >= $from AND started < $to
        AND account_kind = 'human'
        {only}
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), judged AS (
    SELECT counted.*, coalesce(telling.says_passed, false) AS says_passed
    FROM counted
    LEFT JOIN telling ON of_source = at_source
), totals AS (
    SELECT
        bucket, grp,
        sum(CASE WHEN evaluated AND says_passed AND stopped THEN n ELSE 0 END) AS stopped,
        sum(CASE WHEN evaluated AND says_passed THEN n ELSE 0 END) AS evaluated,
        sum(CASE WHEN evaluated AND says_passed AND untold AND NOT stopped THEN n ELSE 0 END)
            AS untold,
        sum(CASE WHEN denied OR stopped THEN n ELSE 0 END) AS denied,
        sum(CASE WHEN (denied OR stopped) AND named AND says_passed THEN n ELSE 0 END)
            AS attributable
    FROM judged
    GROUP BY bucket, grp
)
SELECT
    t.bucket, t.grp, f.figure,
    CASE f.figure
        WHEN 'attributable' THEN t.attributable
        WHEN 'not_attributable' THEN t.denied - t.attributable
        ELSE t.stopped
    END AS k,
    CASE f.figure WHEN '' THEN t.evaluated ELSE t.denied END AS n,
    CASE f.figure WHEN '' THEN t.untold ELSE 0 END AS unknown
FROM totals t
CROSS JOIN (VALUES (''), ('attributable'), ('not_attributable')) AS f(figure)
