-- question: Do the people of the pilot use a second factor more than the others?
-- sentence: of people used a second factor
-- counts: person, people
-- k: people who used a second factor at least once
-- n: people who signed in
-- unit: share
-- band: interval95
-- shape: compared
-- statistic: newcombe
-- figures: pilot, control, difference, by_team, difference_in_differences
-- grain: total
-- dimensions: source, platform, service, environment, country, role, network
-- population: people of the directory who signed in interactively at an identity provider or at a service's own login in the period; those of the cohort `pilot` against all others
-- excludes: access inherited from elsewhere, accounts that no person is known for, service and shared accounts; for difference_in_differences, teams that didn't sign in on both sides of the period's start
-- columns: bucket (empty), grp, figure (empty), side (pilot, control), team, day (empty: the whole period; else Monday of a week, of the period or of as long a time before it), k, n
-- version: 1
WITH tried AS (
    SELECT
        {group} AS grp,
        CASE WHEN cohort = 'pilot' THEN 'pilot' ELSE 'control' END AS side,
        coalesce(team, '') AS team,
        person,
        started >= $from AS in_period,
        CASE WHEN started >= $from
            THEN greatest(bucket('week', started, $time_zone), bucket('day', $from, $time_zone))
            ELSE bucket('week', started, $time_zone) END AS day,
        mfa IN ('performed', 'claim_in_token') AS used
    FROM attempts
    WHERE started >= $before AND started < $to
        AND outcome = 'success'
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        AND person IS NOT NULL
        AND mfa <> 'inherited'
        {only}
), people AS (
    SELECT grp, side, team, person, bool_or(used) AS used
    FROM tried
    WHERE in_period
    GROUP BY grp, side, team, person
), weeks AS (
    SELECT grp, side, team, day, person, bool_or(used) AS used
    FROM tried
    GROUP BY grp, side, team, day, person
)
SELECT
    CAST(NULL AS DATE) AS bucket, grp, '' AS figure, side, team, CAST(NULL AS DATE) AS day,
    sum(CASE WHEN used THEN 1 ELSE 0 END) AS k, count(*) AS n
FROM people
GROUP BY grp, side, team
UNION ALL
SELECT
    CAST(NULL AS DATE), grp, '', side, team, day,
    sum(CASE WHEN used THEN 1 ELSE 0 END), count(*)
FROM weeks
GROUP BY grp, side, team, day
