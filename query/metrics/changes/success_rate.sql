-- question: What did policy changes do to the sign-ins that succeed?
-- sentence: of sign-ins succeeded
-- counts: attempt, attempts
-- k: attempts of human accounts that succeeded
-- n: those that ended
-- unit: share
-- band: interval95
-- shape: segmented
-- statistic: newey-west
-- figures: before, after, step, slope
-- grain: total
-- dimensions: none
-- population: attempts of human accounts that ended at the changed policy's source, by day, 28 days before the change and 28 from it on; changes of how people sign in (at an identity provider, GitHub's two-factor requirement, single sign-on and address lists, AWS's password policy) in the period, those of one source, day and policy together
-- excludes: interrupted attempts, the day that isn't over, attempts whose end isn't said; other changes within those days are not taken out
-- columns: bucket (empty), grp (day, source and policy), figure (change: its day; day: a day's counts), day, k (succeeded), n (ended)
-- version: 1
WITH changes AS (
    SELECT
        source AS of_source,
        bucket('day', time, $time_zone) AS changed,
        coalesce(policy_name, policy_id, operation, 'a policy') AS what
    FROM events
    WHERE activity = 'policy_change' AND outcome = 'success' AND time >= $from AND time < $to
        -- Those of how people sign in, as in pages/policy_changes.sql.
        AND (platform = 'idp'
            OR operation LIKE '%able_two_factor_requirement'
            OR operation LIKE '%able_saml'
            OR operation LIKE '%.update_saml_provider_settings'
            OR operation LIKE '%able_ip_allow_list'
            OR operation LIKE 'ip_allow_list%'
            OR operation IN ('UpdateAccountPasswordPolicy', 'DeleteAccountPasswordPolicy'))
    GROUP BY 1, 2, 3
), days AS (
    SELECT
        source,
        bucket('day', started, $time_zone) AS day,
        sum(CASE WHEN outcome = 'success' THEN 1 ELSE 0 END) AS k,
        count(*) AS n
    FROM attempts
    WHERE started >= $from - INTERVAL '29 days' AND started < $to + INTERVAL '29 days'
        AND account_kind = 'human'
        AND outcome IN ('success', 'failure', 'denied', 'abandoned', 'error')
    GROUP BY 1, 2
), labelled AS (
    SELECT of_source, changed, CAST(changed AS VARCHAR) || ' ' || of_source || ': ' || what AS grp
    FROM changes
)
SELECT
    CAST(NULL AS DATE) AS bucket, grp, 'change' AS figure, changed AS day,
    CAST(0 AS BIGINT) AS k, CAST(0 AS BIGINT) AS n
FROM labelled
UNION ALL
SELECT CAST(NULL AS DATE), l.grp, 'day', d.day, d.k, d.n
FROM labelled l
JOIN days d
    ON d.source = l.of_source
    AND d.day >= l.changed - INTERVAL '28 days' AND d.day < l.changed + INTERVAL '28 days'
    AND d.day < bucket('day', $as_of, $time_zone)
