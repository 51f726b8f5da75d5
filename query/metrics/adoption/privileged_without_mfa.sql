-- question: Which privileged accounts sign in without a second factor?
-- sentence: of privileged sign-ins had no second factor
-- counts: sign-in, sign-ins
-- unit: share
-- band: bounds
-- shape: counts
-- grain: day, week, month, quarter, total
-- dimensions: people
-- population: successful interactive attempts of privileged human accounts, as the directory marks them; for accounts, those accounts that signed in
-- excludes: access that came from another sign-in (it counts once, with that), accounts that the directory doesn't mark as privileged
-- columns: bucket, grp, figure (sign_ins: that had none, none was required, or a bypass; accounts: that did so at least once), k, n, unknown (MFA isn't said)
-- version: 1
WITH counted AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        source,
        user_name,
        sum(CASE WHEN mfa IN ('none', 'not_required', 'bypassed') THEN 1 ELSE 0 END) AS without,
        sum(CASE WHEN mfa = 'unknown' THEN 1 ELSE 0 END) AS untold,
        count(*) AS n
    FROM attempts
    WHERE started >= $from AND started < $to
        AND outcome = 'success'
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        AND privileged
        AND came_from IS NULL
        {only}
    GROUP BY 1, 2, 3, 4
)
SELECT
    bucket, grp, 'sign_ins' AS figure,
    sum(without) AS k, sum(n) AS n, sum(untold) AS unknown
FROM counted
GROUP BY bucket, grp
UNION ALL
SELECT
    bucket, grp, 'accounts',
    sum(CASE WHEN without > 0 THEN 1 ELSE 0 END),
    count(*),
    sum(CASE WHEN without = 0 AND untold > 0 THEN 1 ELSE 0 END)
FROM counted
GROUP BY bucket, grp
