-- Sign-ins at a service that takes an identity provider's word, and what the
-- provider's own events say of them. The service says nothing of MFA: it is
-- inherited by timing where the same person, from the same address and at most 60
-- seconds before, signed in to an application of the provider that leads to this
-- service, and that sign-in had MFA, itself or by its session. Where there are
-- several such sign-ins and one is not known to have had MFA, it can't be told
-- which one it was, and nothing is proven. Which event arrived first makes no
-- difference.
--
-- A sign-in at IAM Identity Center is both: it leads to the consoles, and may take
-- another provider's word itself, never that of Identity Center. Where all the
-- other providers' sign-ins that fit it had MFA, they stand for it; else it is one
-- that isn't known to have had MFA.
--
-- No id stands in both logs. AWS writes the id of the SAML assertion and GitHub
-- the name in it; Okta, Entra and Keycloak write neither with the sign-in. What
-- each vendor documents is in docs/federation.md.
-- columns:
-- finding  proven, without_mfa (a sign-in at the provider isn't known to have had MFA), not_found (no sign-in at a provider fits).
-- provider  Source of the provider's sign-in; the latest where several fit.
-- application  The application of the provider that was signed in to.
-- sign_on  The provider's sign-in to it, as shard-seq-part.
-- mfa_proof  The event that proves the provider's MFA, as shard-seq-part.
-- fitting  Sign-ins at providers that fit.
-- apart_ms  From the provider's sign-in to this one; below 0 where this source tells whole seconds.
WITH known AS (
    SELECT
        *,
        epoch_ms(ended) AS ended_ms
    FROM tries_in_sessions
), windows_of(number) AS (
    VALUES (0), (1)
), arrivals AS (
    SELECT
        shard, seq, part, source, user_name, person, who, service, resource, started, ended, ip,
        ended_ms,
        coalesce(leads_to = source, false) AS passes_on,
        ended_ms - 60000 AS from_ms,
        -- Sources that give whole seconds: the provider's answer may lie within
        -- the same second, written later.
        ended_ms + CASE WHEN ended_ms % 1000 = 0 THEN 999 ELSE 0 END AS to_ms
    FROM known
    WHERE arrives AND is_open
), in_windows AS (
    -- By the two minutes in which the first and the last fitting moment lie, so
    -- that they meet by equal keys.
    SELECT
        a.*,
        w.number AS window_number,
        CASE WHEN w.number = 0 THEN from_ms - from_ms % 120000 ELSE to_ms - to_ms % 120000 END
            AS window_ms
    FROM arrivals a
    CROSS JOIN windows_of w
    WHERE w.number = 0 OR from_ms - from_ms % 120000 <> to_ms - to_ms % 120000
), sign_ons AS (
    SELECT
        leads_to, leads_to_resource,
        who AS s_who,
        ip AS s_ip,
        ended_ms AS s_ms,
        ended_ms - ended_ms % 120000 AS s_window_ms,
        source AS provider,
        service AS application,
        shard AS s_shard, seq AS s_seq, part AS s_part,
        CASE WHEN proven THEN proof ELSE session_proof END AS s_proof
    FROM known
    WHERE leads_to IS NOT NULL AND outcome = 'success' AND who IS NOT NULL AND ip IS NOT NULL
), stood_for AS (
    SELECT shard AS p_shard, seq AS p_seq, part AS p_part
    FROM in_windows
    JOIN sign_ons
        ON leads_to = source AND s_who = who AND s_ip = ip AND s_window_ms = window_ms
        AND s_ms >= from_ms AND s_ms <= to_ms
    WHERE passes_on AND provider <> source
    GROUP BY shard, seq, part
    HAVING count(*) = count(s_proof)
), candidates AS (
    SELECT s.*
    FROM sign_ons s
    LEFT JOIN stood_for ON p_shard = s_shard AND p_seq = s_seq AND p_part = s_part
    WHERE p_shard IS NULL
), met AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY shard, seq, part
            ORDER BY CASE WHEN s_ms IS NULL THEN 1 ELSE 0 END, s_ms DESC, s_shard, s_seq, s_part
        ) AS choice,
        count(s_ms) OVER (PARTITION BY shard, seq, part) AS fitting,
        count(s_proof) OVER (PARTITION BY shard, seq, part) AS fitting_with_mfa
    FROM in_windows
    LEFT JOIN candidates
        ON leads_to = source AND s_who = who AND s_ip = ip AND s_window_ms = window_ms
        AND s_ms >= from_ms AND s_ms <= to_ms
        AND NOT (passes_on AND provider = source)
        AND (leads_to_resource IS NULL OR leads_to_resource = lower(resource))
)
SELECT
    shard, seq, part, source, user_name, person, service, resource, started, ended, ip,
    CASE
        WHEN fitting = 0 THEN 'not_found'
        WHEN fitting = fitting_with_mfa THEN 'proven'
        ELSE 'without_mfa'
    END AS finding,
    provider,
    application,
    CAST(s_shard AS VARCHAR) || '-' || CAST(s_seq AS VARCHAR) || '-' || CAST(s_part AS VARCHAR)
        AS sign_on,
    CASE WHEN fitting = fitting_with_mfa THEN s_proof END AS mfa_proof,
    fitting,
    ended_ms - s_ms AS apart_ms
FROM met
WHERE choice = 1
