-- question: Does signing in take the pilot's people longer?
-- sentence: sign-ins
-- counts: sign-in, sign-ins
-- k: the time that sign-ins took from their first to their last step
-- n: the number of sign-ins
-- unit: milliseconds
-- band: interval95
-- shape: compared
-- statistic: by team
-- figures: pilot, control, difference, by_team, difference_in_differences
-- grain: total
-- dimensions: source, platform, service, environment, country, role, factor, network
-- population: successful attempts of people of the directory in which something was asked for, measured from the first to the last step; those of the cohort `pilot` against all others
-- excludes: access out of a session, what can't be timed, idling and times taken on the server (bases are never mixed); for difference_in_differences, teams that didn't sign in on both sides of the period's start
-- columns: bucket (empty), grp, figure (empty), side (pilot, control), team, day (empty: the whole period; else Monday of a week, of the period or of as long a time before it), k (sum of milliseconds), n
-- version: 1
WITH timed AS (
    SELECT
        {group} AS grp,
        CASE WHEN cohort = 'pilot' THEN 'pilot' ELSE 'control' END AS side,
        coalesce(team, '') AS team,
        started >= $from AS in_period,
        CASE WHEN started >= $from
            THEN greatest(bucket('week', started, $time_zone), bucket('day', $from, $time_zone))
            ELSE bucket('week', started, $time_zone) END AS day,
        duration_ms
    FROM attempts
    WHERE started >= $before AND started < $to
        AND outcome = 'success'
        AND account_kind = 'human'
        AND person IS NOT NULL
        AND (prompts > 0 OR factor IS NOT NULL)
        AND duration_basis = 'step_times'
        {only}
)
SELECT
    CAST(NULL AS DATE) AS bucket, grp, '' AS figure, side, team, CAST(NULL AS DATE) AS day,
    sum(duration_ms) AS k, count(*) AS n
FROM timed
WHERE in_period
GROUP BY grp, side, team
UNION ALL
SELECT
    CAST(NULL AS DATE), grp, '', side, team, day, sum(duration_ms), count(*)
FROM timed
GROUP BY grp, side, team, day
