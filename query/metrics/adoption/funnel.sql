-- question: How far have those come who were invited?
-- sentence: of those invited
-- counts: person, people
-- unit: share
-- band: bounds
-- shape: counts
-- grain: day, week, month, quarter, total
-- dimensions: people
-- population: human accounts' people who were in the directory at some time in the period and were invited before its end: the same in every bucket, those who left too
-- excludes: people without an invitation (invited_on of the directory); uses longer ago than 26 weeks before the bucket's end
-- columns: bucket, grp, figure (invited; enrolled: a snapshot had a usable factor of theirs, or they used one; used_once: signed in with one; habitual: used one, or were remembered on a device where they had, in 4 of their last 5 active weeks), k (who had come that far on the bucket's last day), n, unknown (no snapshot looked at their accounts; or MFA isn't said)
-- version: 1
WITH ends AS (
    SELECT bucket, last_day FROM buckets
), members AS (
    SELECT DISTINCT {group} AS grp, person, source, login, invited_on
    FROM logins
    WHERE kind = 'human'
        AND invited_on < bucket('day', $to, $time_zone)
        AND (valid_from IS NULL OR valid_from < $to)
        AND (valid_to IS NULL OR valid_to > $from)
        {only}
), persons AS (
    SELECT grp, person, min(invited_on) AS invited_on
    FROM members
    GROUP BY grp, person
), enrolments AS (
    SELECT
        m.grp, m.person,
        min(CASE WHEN f.usable THEN least(f.as_of, coalesce(f.enrolled_on, f.as_of)) END)
            AS enrolled_on,
        min(f.as_of) AS looked_on
    FROM members m
    JOIN factors f ON f.login = m.login
        AND (f.source = m.source OR m.source = '*' OR strpos(m.login, '@') > 0)
    GROUP BY m.grp, m.person
), signed_in AS (
    SELECT
        person,
        bucket('week', started, $time_zone) AS week,
        bucket('day', started, $time_zone) AS day,
        coalesce(device_id, '') AS device,
        bool_or(mfa IN ('performed', 'claim_in_token')) AS used,
        bool_or(mfa = 'remembered') AS remembered,
        bool_or(mfa = 'unknown') AS untold
    FROM attempts
    WHERE started >= $from - INTERVAL '182 days' AND started < $to
        AND outcome = 'success'
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        AND came_from IS NULL
    GROUP BY 1, 2, 3, 4
), first_on_device AS (
    SELECT person, device, min(day) AS first_day
    FROM signed_in
    WHERE used
    GROUP BY person, device
), first_use AS (
    SELECT person, min(first_day) AS first_day
    FROM first_on_device
    GROUP BY person
), days_of AS (
    -- A device that isn't named may be any on which a factor was used.
    SELECT
        s.person, s.week, s.day,
        bool_or(s.used OR (s.remembered
            AND coalesce(CASE WHEN s.device = '' THEN f.first_day ELSE d.first_day END <= s.day, false)))
            AS good,
        bool_or(s.untold) AS untold
    FROM signed_in s
    LEFT JOIN first_on_device d ON d.person = s.person AND d.device = s.device
    LEFT JOIN first_use f ON f.person = s.person
    GROUP BY s.person, s.week, s.day
), weeks_of AS (
    -- From which day on a week is active, good, or has something untold: a bucket may
    -- end within it.
    SELECT
        person, week,
        min(day) AS active_from,
        min(CASE WHEN good THEN day END) AS good_from,
        min(CASE WHEN untold THEN day END) AS untold_from
    FROM days_of
    GROUP BY person, week
), weeks AS (
    SELECT
        e.last_day, w.person,
        coalesce(w.good_from <= e.last_day, false) AS good,
        coalesce(w.untold_from <= e.last_day, false) AS untold,
        row_number() OVER (PARTITION BY e.last_day, w.person ORDER BY w.week DESC) AS ago
    FROM ends e
    JOIN weeks_of w ON w.active_from <= e.last_day AND w.week > e.last_day - INTERVAL '182 days'
), habits AS (
    SELECT
        last_day, person,
        sum(CASE WHEN ago <= 5 AND good THEN 1 ELSE 0 END) AS good,
        sum(CASE WHEN ago <= 5 AND untold AND NOT good THEN 1 ELSE 0 END) AS maybe,
        bool_or(untold) AS untold
    FROM weeks
    GROUP BY last_day, person
), stages AS (
    SELECT
        e.bucket, p.grp,
        p.invited_on <= e.last_day AS invited,
        coalesce(r.enrolled_on <= e.last_day, false) OR coalesce(f.first_day <= e.last_day, false)
            AS enrolled,
        coalesce(r.looked_on <= e.last_day, false) AS looked_at,
        coalesce(f.first_day <= e.last_day, false) AS used,
        coalesce(h.untold, false) AS untold,
        coalesce(h.good, 0) AS good_weeks,
        coalesce(h.maybe, 0) AS maybe_weeks
    FROM ends e
    CROSS JOIN persons p
    LEFT JOIN enrolments r ON r.person = p.person
        AND coalesce(r.grp, '') = coalesce(p.grp, '')
    LEFT JOIN first_use f ON f.person = p.person
    LEFT JOIN habits h ON h.last_day = e.last_day AND h.person = p.person
), named(figure) AS (
    VALUES ('invited'), ('enrolled'), ('used_once'), ('habitual')
), answers AS (
    SELECT
        s.bucket, s.grp, n.figure,
        s.invited AND CASE n.figure
            WHEN 'invited' THEN true
            WHEN 'enrolled' THEN s.enrolled
            WHEN 'used_once' THEN s.used
            ELSE s.good_weeks >= 4
        END AS is_there,
        s.invited AND CASE n.figure
            WHEN 'invited' THEN false
            WHEN 'enrolled' THEN NOT s.looked_at
            WHEN 'used_once' THEN s.untold
            ELSE s.good_weeks + s.maybe_weeks >= 4
        END AS may_be_there
    FROM stages s
    CROSS JOIN named n
)
SELECT
    bucket, grp, figure,
    sum(CASE WHEN is_there THEN 1 ELSE 0 END) AS k,
    count(*) AS n,
    sum(CASE WHEN may_be_there AND NOT is_there THEN 1 ELSE 0 END) AS unknown
FROM answers
GROUP BY bucket, grp, figure
