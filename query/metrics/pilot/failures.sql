-- question: Do the attempts of the pilot's people fail more often?
-- sentence: of attempts failed
-- counts: attempt, attempts
-- k: attempts that failed, were denied or given up
-- n: attempts that ended
-- unit: share
-- band: interval95
-- shape: compared
-- statistic: by team
-- figures: pilot, control, difference, by_team, difference_in_differences
-- grain: total
-- dimensions: source, platform, service, environment, country, role, network
-- population: interactive attempts of people of the directory that ended in success, failure, denied or abandoned; those of the cohort `pilot` against all others
-- excludes: errors of the service, attempts whose end isn't said, accounts that no person is known for; for difference_in_differences, teams that didn't sign in on both sides of the period's start
-- columns: bucket (empty), grp, figure (empty), side (pilot, control), team, day (empty: the whole period; else Monday of a week, of the period or of as long a time before it), k, n
-- version: 1
WITH tried AS (
    SELECT
        {group} AS grp,
        CASE WHEN cohort = 'pilot' THEN 'pilot' ELSE 'control' END AS side,
        coalesce(team, '') AS team,
        started >= $from AS in_period,
        CASE WHEN started >= $from
            THEN greatest(bucket('week', started, $time_zone), bucket('day', $from, $time_zone))
            ELSE bucket('week', started, $time_zone) END AS day,
        outcome <> 'success' AS failed
    FROM attempts
    WHERE started >= $before AND started < $to
        AND outcome IN ('success', 'failure', 'denied', 'abandoned')
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        AND person IS NOT NULL
        {only}
)
SELECT
    CAST(NULL AS DATE) AS bucket, grp, '' AS figure, side, team, CAST(NULL AS DATE) AS day,
    sum(CASE WHEN failed THEN 1 ELSE 0 END) AS k, count(*) AS n
FROM tried
WHERE in_period
GROUP BY grp, side, team
UNION ALL
SELECT
    CAST(NULL AS DATE), grp, '', side, team, day,
    sum(CASE WHEN failed THEN 1 ELSE 0 END), count(*)
FROM tried
GROUP BY grp, side, team, day
