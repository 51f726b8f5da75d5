-- question: Who has a usable second factor?
-- sentence: have a usable second factor
-- counts: person, people
-- k accounts: accounts with a usable second factor
-- n accounts: accounts in the directory on the bucket's last day
-- k people: people all of whose accounts have a usable second factor
-- n people: people in the directory on the bucket's last day
-- unit: share
-- band: bounds
-- shape: counts
-- statistic: census
-- grain: day, week, month, quarter, total
-- dimensions: people
-- population: human accounts of the directory's people on the bucket's last day: those that it names, and others that a snapshot or a sign-in of the last 90 days showed and that are theirs; for people, the persons behind them, who count when all their accounts do that can sign in by themselves
-- excludes: service, shared and break-glass accounts; accounts that no snapshot of 48 hours looked at and that in 90 days were only reached through an identity provider count with the account there. An account that no snapshot has looked at in 48 hours and that has used no factor since counts as unknown, never as no
-- columns: bucket, grp, figure (accounts; people; privileged: of the privileged accounts; two_factors: people who have two usable factors or more at one account), k (with a usable factor), n, unknown
-- version: 2
WITH ends AS (
    SELECT bucket, last_day FROM buckets
), here AS (
    SELECT DISTINCT
        e.last_day, l.person, l.source AS named_source, l.login, l.privileged,
        l.team, l.role, l.cohort
    FROM ends e
    JOIN logins l
        ON l.kind = 'human'
        AND (l.valid_from IS NULL
            OR l.valid_from < CAST(e.last_day AS TIMESTAMP) + INTERVAL '1 day')
        AND (l.valid_to IS NULL
            OR l.valid_to >= CAST(e.last_day AS TIMESTAMP) + INTERVAL '1 day')
), snapshots AS (
    SELECT e.last_day, f.source, max(f.as_of) AS as_of
    FROM ends e
    JOIN (SELECT DISTINCT source, as_of FROM factors) f
        ON f.as_of <= e.last_day AND f.as_of > e.last_day - INTERVAL '2 days'
    GROUP BY e.last_day, f.source
), looked_at AS (
    SELECT
        s.last_day, f.source, f.login,
        bool_or(f.usable) AS usable,
        sum(CASE WHEN f.usable THEN 1 ELSE 0 END) AS factors
    FROM snapshots s
    JOIN factors f ON f.source = s.source AND f.as_of = s.as_of
    GROUP BY s.last_day, f.source, f.login
), days_of AS (
    SELECT
        source, user_name AS login,
        bucket('day', started, $time_zone) AS day,
        bool_or(mfa = 'performed') AS used,
        bool_or(federated) AS through_provider,
        bool_or(NOT federated) AS by_itself
    FROM attempts
    WHERE started >= $from - INTERVAL '90 days' AND started < $to
        AND outcome = 'success' AND user_name IS NOT NULL AND coalesce(interactive, true)
    GROUP BY 1, 2, 3
), marks AS (
    -- Each account's days and the buckets' last days in one order: the last day so far
    -- is then found by passing once, and not by looking at 90 days for each bucket.
    SELECT
        source, login, day, 0 AS is_end,
        CASE WHEN used THEN day END AS used_on,
        CASE WHEN through_provider THEN day END AS through_on,
        CASE WHEN by_itself THEN day END AS itself_on
    FROM days_of
    UNION ALL
    SELECT a.source, a.login, e.last_day, 1, NULL, NULL, NULL
    FROM (SELECT DISTINCT source, login FROM days_of) a
    CROSS JOIN ends e
), so_far AS (
    SELECT
        source, login, day, is_end,
        max(used_on) OVER account AS used_on,
        max(through_on) OVER account AS through_on,
        max(itself_on) OVER account AS itself_on
    FROM marks
    WINDOW account AS (
        PARTITION BY source, login ORDER BY day, is_end
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
), recent AS (
    SELECT
        day AS last_day, source, login,
        coalesce(used_on > day - INTERVAL '2 days', false) AS used,
        coalesce(through_on > day - INTERVAL '90 days', false) AS through_provider,
        coalesce(itself_on > day - INTERVAL '90 days', false) AS by_itself
    FROM so_far
    WHERE is_end = 1
), seen AS (
    SELECT
        last_day, source, login, used,
        through_provider AND NOT by_itself AS only_through_provider
    FROM recent
    WHERE through_provider OR by_itself
), known AS (
    SELECT
        coalesce(s.last_day, l.last_day) AS last_day,
        coalesce(s.source, l.source) AS source,
        coalesce(s.login, l.login) AS login,
        l.usable, l.factors, s.used, s.only_through_provider
    FROM seen s
    FULL JOIN looked_at l
        ON l.last_day = s.last_day AND l.source = s.source AND l.login = s.login
), matched AS (
    SELECT
        h.last_day, h.person, h.named_source, k.source, h.login, h.privileged,
        h.team, h.role, h.cohort,
        k.usable, k.factors, k.used, k.only_through_provider,
        row_number() OVER (
            PARTITION BY h.last_day, k.source, h.login
            ORDER BY
                CASE WHEN h.named_source = k.source THEN 1 WHEN h.named_source = '*' THEN 2 ELSE 3 END,
                h.named_source, h.person
        ) AS choice
    FROM known k
    JOIN here h ON h.last_day = k.last_day AND h.login = k.login
    WHERE h.named_source = k.source OR h.named_source = '*' OR strpos(h.login, '@') > 0
), found AS (
    SELECT DISTINCT last_day, person, named_source, login
    FROM matched
    WHERE choice = 1 AND (named_source = '*' OR named_source = source)
), accounts_of AS (
    SELECT
        last_day, person, source, privileged, team, role, cohort,
        factors, usable IS NOT NULL AS is_looked_at,
        CASE
            WHEN usable OR used THEN 'yes'
            WHEN usable IS NOT NULL THEN 'no'
            WHEN only_through_provider THEN 'with_provider'
            ELSE 'unknown'
        END AS answer
    FROM matched
    WHERE choice = 1
    UNION ALL
    SELECT
        h.last_day, h.person, h.named_source, h.privileged, h.team, h.role, h.cohort,
        NULL, false, 'unknown'
    FROM here h
    LEFT JOIN found f ON f.last_day = h.last_day AND f.person = h.person
        AND f.named_source = h.named_source AND f.login = h.login
    WHERE f.person IS NULL
), grouped AS (
    SELECT
        last_day, {group} AS grp, person, privileged, factors, is_looked_at, answer
    FROM accounts_of
    WHERE true {only}
), counted AS (
    SELECT
        last_day, grp, person,
        sum(CASE WHEN answer = 'yes' THEN 1 ELSE 0 END) AS yes,
        sum(CASE WHEN answer = 'unknown' THEN 1 ELSE 0 END) AS untold,
        sum(CASE WHEN answer <> 'with_provider' THEN 1 ELSE 0 END) AS own,
        sum(CASE WHEN answer = 'yes' AND privileged THEN 1 ELSE 0 END) AS privileged_yes,
        sum(CASE WHEN answer = 'unknown' AND privileged THEN 1 ELSE 0 END) AS privileged_untold,
        sum(CASE WHEN answer <> 'with_provider' AND privileged THEN 1 ELSE 0 END) AS privileged_own,
        coalesce(max(factors), 0) AS most_factors,
        bool_or(NOT is_looked_at AND answer <> 'with_provider')
            OR bool_and(answer = 'with_provider') AS some_unseen
    FROM grouped
    GROUP BY last_day, grp, person
), named(figure) AS (
    VALUES ('accounts'), ('people'), ('privileged'), ('two_factors')
), figures AS (
    SELECT
        c.last_day, c.grp, f.figure,
        sum(CASE f.figure
            WHEN 'accounts' THEN yes
            WHEN 'people' THEN CASE WHEN own > 0 AND yes = own THEN 1 ELSE 0 END
            WHEN 'privileged' THEN privileged_yes
            ELSE CASE WHEN most_factors >= 2 THEN 1 ELSE 0 END
        END) AS k,
        sum(CASE f.figure
            WHEN 'accounts' THEN own
            WHEN 'privileged' THEN privileged_own
            ELSE 1
        END) AS n,
        sum(CASE f.figure
            WHEN 'accounts' THEN untold
            WHEN 'people' THEN
                CASE WHEN own = 0 OR (untold > 0 AND yes + untold = own) THEN 1 ELSE 0 END
            WHEN 'privileged' THEN privileged_untold
            ELSE CASE WHEN most_factors < 2 AND some_unseen THEN 1 ELSE 0 END
        END) AS unknown
    FROM counted c
    CROSS JOIN named f
    GROUP BY c.last_day, c.grp, f.figure
)
SELECT e.bucket, f.grp, f.figure, f.k, f.n, f.unknown
FROM figures f
JOIN ends e ON e.last_day = f.last_day
