-- One try by one account at one service, before the directory is asked who that
-- is and before MFA is looked for elsewhere. The view attempts adds both.
--
-- A source with a flow key: the rows of one (source, account, flow) in the order
-- of their time. A new try begins after more than 10 silent minutes, after a
-- sign-in that failed or was denied, and with the next sign-in after one that
-- succeeded; challenges, answers and policy decisions in between are its steps.
-- It ends as its last judged step did. It is abandoned where a prompt, or a
-- policy's challenge, was never answered: a session that Okta opens after the
-- password is not a sign-in that succeeded. Without a flow key each sign-in is
-- one try.
--
-- Vault's flow is a request: its account may be known only from the response, so
-- that the key alone makes it. Teleport gives a challenge and its answer no id in
-- common: a person's challenges, answers and local sign-ins are one flow, and the
-- next challenge after one that was met begins a new try.
-- columns:
-- outcome  success, failure, denied, abandoned, interrupted, error or unknown.
-- mfa  The strongest that any step says; without what is inherited.
-- factor  Of a success the strongest factor that was accepted; else the strongest asked for.
-- strength  0 password … 5 phishing-resistant.
-- prompts  Requests to the person for a response, beside the password.
-- refusals  Answers that were wrong or refused, passwords too.
-- steps  Events that it is made of.
-- proof  The event that says how MFA was done.
-- prompt_to_response_ms  From the last prompt to its accepted answer.
-- duration_ms  From the first step to the judged one, or as the event itself says.
-- duration_basis  How duration_ms was measured; bases are never mixed.
-- resource  What was reached: at AWS the account or role, at GitHub the organisation.
-- started, ended  Time of the first and of the judged step.
-- shard, seq, part  Position of the first step.
WITH steps AS (
    SELECT
        shard, seq, part, time, source,
        CASE WHEN source = 'vault' THEN '' ELSE coalesce(user_name, user_id, '') END AS account,
        coalesce(flow_id, CASE
            WHEN source = 'teleport' AND user_name IS NOT NULL AND (
                operation IN ('mfa_auth_challenge.create', 'mfa_auth_challenge.validate')
                OR (operation = 'user.login' AND protocol IS NULL)) THEN 'mfa'
        END) AS flow_key,
        user_name, user_id, user_type, flow_id, session_id,
        activity, outcome, reason, reason_raw, operation, interactive,
        platform, service, resource, environment, protocol, credential, mfa, factor,
        phishing_resistant, duration_ms, duration_basis,
        policy_id, policy_name, policy_mode, policy_result, blocked,
        ip, country, asn, is_proxy, device_id, device_managed,
        -- The order of acceptance: a password below everything, a factor that
        -- can't be ranked above it.
        CAST(CASE
            WHEN factor IN ('passkey', 'webauthn', 'hardware_key', 'certificate') THEN 6
            WHEN factor = 'push_number' THEN 5
            WHEN factor IN ('push', 'totp', 'hardware_otp') THEN 4
            WHEN factor IN ('sms', 'voice') THEN 3
            WHEN factor IN ('security_question', 'email', 'recovery_code', 'bypass_code') THEN 2
            WHEN factor IN ('other', 'unknown') THEN 1
            WHEN factor = 'password' THEN 0
        END AS BIGINT) AS factor_rank,
        coalesce(factor, 'unknown') <> 'password' AS beside_password
    FROM events
    WHERE activity IN ('logon', 'challenge', 'verify', 'policy_decision')
), classed AS (
    SELECT
        *,
        activity = 'logon' AS is_logon,
        activity = 'challenge' AND beside_password AS is_prompt,
        activity = 'verify' AND beside_password AS is_answer,
        (activity = 'logon' AND outcome IN ('success', 'failure', 'denied', 'abandoned', 'error'))
            OR (activity = 'verify'
                AND (outcome IN ('failure', 'denied', 'abandoned', 'error')
                     OR (outcome = 'success' AND beside_password)))
            OR (activity = 'policy_decision'
                AND (outcome = 'denied' OR policy_result = 'denied')) AS is_judged,
        activity = 'logon' AND outcome IN ('failure', 'denied', 'abandoned', 'error') AS is_failed,
        outcome = 'success' AND (activity = 'logon' OR (activity = 'verify' AND beside_password))
            AS is_met,
        -- "Keep me signed in?" and the like: asked on the way, opens nothing.
        activity = 'logon' AND outcome = 'interrupted'
            AND coalesce(reason, 'other') <> 'mfa_required' AS is_aside
    FROM steps
), ordered AS (
    -- One order over all flows, by plain numbers: windows over many thousands of
    -- small partitions cost ten times as much.
    SELECT
        *,
        dense_rank() OVER (ORDER BY source, account, flow_key) AS flow,
        -- Whole-second times: what was interrupted came before what was judged.
        row_number() OVER (
            ORDER BY source, account, flow_key, time,
                CASE WHEN outcome = 'interrupted' THEN 0 ELSE 1 END, shard, seq, part
        ) AS n
    FROM classed
    WHERE flow_key IS NOT NULL
), spaced AS (
    SELECT
        *,
        CASE
            WHEN lag(flow) OVER by_n = flow
                AND time <= lag(time) OVER by_n + INTERVAL '10 minutes'
                AND NOT lag(is_failed) OVER by_n
                AND NOT (flow_id IS NULL AND is_prompt AND lag(is_met) OVER by_n) THEN 0
            ELSE 1
        END AS cut
    FROM ordered
    WINDOW by_n AS (ORDER BY n)
), linked AS (
    -- The last cut, and the last sign-in before this step: odd if it succeeded.
    SELECT
        *,
        max(CASE WHEN cut = 1 THEN n END) OVER (
            ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS last_cut,
        max(CASE WHEN is_logon AND NOT is_aside THEN 2 * n + CASE WHEN outcome = 'success' THEN 1 ELSE 0 END END)
            OVER (ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_logon
    FROM spaced
), numbered AS (
    SELECT
        *,
        sum(CASE WHEN cut = 1 THEN 1
            WHEN is_logon AND NOT is_aside AND last_logon % 2 = 1 AND last_logon > 2 * last_cut THEN 1
            ELSE 0 END) OVER (
            ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS try_number
    FROM linked
), tries_of AS (
    SELECT
        try_number,
        min(n) AS first_n,
        max(CASE WHEN n = last_cut THEN 1 ELSE 0 END) AS began_by_cut,
        max(CASE WHEN is_judged THEN n END) AS judged_n,
        max(CASE WHEN is_answer AND outcome = 'success' THEN n END) AS answered_n,
        max(CASE
            WHEN is_prompt THEN n
            WHEN activity = 'policy_decision' AND policy_result = 'challenged' THEN n
            WHEN is_logon AND outcome = 'interrupted' AND NOT is_aside THEN n
        END) AS opened_n,
        max(CASE
            WHEN is_answer THEN n
            WHEN is_logon AND outcome <> 'success' AND is_judged THEN n
            WHEN is_logon AND outcome = 'success'
                AND mfa IN ('performed', 'claim_in_token', 'remembered', 'not_required', 'bypassed')
                THEN n
            WHEN activity = 'policy_decision' AND policy_result IN ('allowed', 'denied') THEN n
        END) AS closed_n,
        max(CASE WHEN policy_result IS NOT NULL OR policy_id IS NOT NULL THEN n END) AS policy_n,
        max(CASE WHEN outcome = 'success' AND activity <> 'challenge'
            THEN factor_rank * 1000000000 + n END) AS accepted,
        max(factor_rank * 1000000000 + n) AS asked
    FROM numbered
    GROUP BY try_number
), marks AS (
    -- A sign-in that goes on to the next one was not given up.
    SELECT
        *,
        coalesce(lead(began_by_cut) OVER (ORDER BY try_number), 1) = 0 AS goes_on
    FROM tries_of
), marked AS (
    SELECT
        s.*, m.first_n, m.judged_n, m.answered_n, m.policy_n, m.accepted, m.asked,
        m.opened_n > coalesce(m.closed_n, 0) AND NOT m.goes_on AS is_open
    FROM numbered s
    JOIN marks m ON s.try_number = m.try_number
), flows AS (
    SELECT
        max(CASE WHEN n = first_n THEN shard END) AS shard,
        max(CASE WHEN n = first_n THEN seq END) AS seq,
        max(CASE WHEN n = first_n THEN part END) AS part,
        min(time) AS started,
        coalesce(max(CASE WHEN n = judged_n THEN time END), max(time)) AS ended,
        max(source) AS source,
        max(user_name) AS user_name,
        max(user_id) AS user_id,
        max(user_type) AS user_type,
        max(flow_id) AS flow_id,
        max(session_id) AS session_id,
        coalesce(max(CASE WHEN is_logon THEN platform END), max(platform)) AS platform,
        coalesce(max(CASE WHEN is_logon THEN service END), max(service)) AS service,
        coalesce(max(CASE WHEN is_logon THEN resource END), max(resource)) AS resource,
        coalesce(max(CASE WHEN is_logon THEN operation END), max(operation)) AS operation,
        max(environment) AS environment,
        max(protocol) AS protocol,
        max(CASE WHEN is_logon THEN credential END) AS credential,
        CASE
            WHEN bool_or(is_open) THEN 'abandoned'
            ELSE coalesce(
                max(CASE WHEN n = judged_n THEN
                    CASE WHEN activity = 'policy_decision' THEN 'denied' ELSE outcome END END),
                max(CASE WHEN outcome = 'interrupted' THEN 'interrupted' END),
                'unknown')
        END AS outcome,
        max(CASE WHEN n = judged_n THEN reason END) AS reason,
        max(CASE WHEN n = judged_n THEN reason_raw END) AS reason_raw,
        bool_or(interactive) AS interactive,
        bool_or(mfa = 'performed' AND outcome = 'success') AS performed,
        bool_or(mfa = 'claim_in_token') AS claimed,
        bool_or(mfa = 'remembered') AS remembered,
        bool_or(mfa = 'bypassed') AS bypassed,
        bool_or(mfa = 'abandoned') AS given_up,
        bool_or(mfa = 'none') AS single,
        bool_or(mfa = 'not_required') AS not_required,
        max(CASE WHEN factor_rank * 1000000000 + n = accepted THEN factor END) AS accepted_factor,
        max(CASE WHEN factor_rank * 1000000000 + n = asked THEN factor END) AS asked_factor,
        bool_or(CASE WHEN outcome = 'success' AND activity <> 'challenge'
            THEN phishing_resistant END) AS phishing_resistant,
        greatest(
            sum(CASE WHEN is_prompt THEN 1 ELSE 0 END),
            sum(CASE WHEN is_answer THEN 1 ELSE 0 END),
            max(CASE WHEN is_logon AND (mfa IN ('performed', 'abandoned')
                OR reason IN ('factor_denied', 'factor_timeout', 'factor_failed'))
                THEN 1 ELSE 0 END)
        ) AS prompts,
        sum(CASE WHEN activity IN ('verify', 'logon') AND outcome IN ('failure', 'denied')
            THEN 1 ELSE 0 END) AS refusals,
        count(*) AS steps,
        max(CASE WHEN n = answered_n THEN epoch_ms(time) END)
            - max(CASE WHEN is_prompt AND n < answered_n THEN epoch_ms(time) END)
            AS prompt_to_response_ms,
        max(duration_ms) AS said_ms,
        max(CASE WHEN duration_ms IS NOT NULL THEN duration_basis END) AS said_basis,
        max(CASE WHEN n = policy_n THEN policy_id END) AS policy_id,
        max(CASE WHEN n = policy_n THEN policy_name END) AS policy_name,
        max(CASE WHEN n = policy_n THEN policy_mode END) AS policy_mode,
        max(CASE WHEN n = policy_n THEN policy_result END) AS policy_result,
        bool_or(policy_result = 'challenged') AS policy_challenged,
        bool_or(blocked) AS blocked,
        coalesce(max(CASE WHEN n = judged_n THEN ip END), max(ip)) AS ip,
        coalesce(max(CASE WHEN n = judged_n THEN country END), max(country)) AS country,
        coalesce(max(CASE WHEN n = judged_n THEN asn END), max(asn)) AS asn,
        bool_or(is_proxy) AS is_proxy,
        max(device_id) AS device_id,
        bool_or(device_managed) AS device_managed,
        max(CASE WHEN mfa IN ('performed', 'claim_in_token', 'remembered', 'bypassed')
            AND outcome = 'success'
            THEN lpad(CAST(n AS VARCHAR), 9, '0') || CAST(shard AS VARCHAR) || '-'
                || CAST(seq AS VARCHAR) || '-' || CAST(part AS VARCHAR) END) AS numbered_proof
    FROM marked
    GROUP BY try_number
    -- A policy that is only looked at again is nobody's try.
    HAVING bool_or(activity <> 'policy_decision' OR is_judged)
), ended_flows AS (
    SELECT *, CASE WHEN outcome = 'success' THEN accepted_factor ELSE asked_factor END AS factor
    FROM flows
), single AS (
    SELECT
        *,
        CASE WHEN mfa IN ('performed', 'abandoned')
            OR reason IN ('factor_denied', 'factor_timeout', 'factor_failed') THEN 1 ELSE 0
        END AS prompts_asked
    FROM steps
    WHERE flow_key IS NULL AND activity = 'logon'
)
SELECT
    shard, seq, part, started, ended, source, user_name, user_id, user_type, flow_id, session_id,
    platform, service, resource, operation, environment, protocol, credential, outcome, reason, reason_raw,
    interactive,
    CASE
        WHEN performed THEN 'performed'
        WHEN claimed THEN 'claim_in_token'
        WHEN remembered THEN 'remembered'
        WHEN bypassed THEN 'bypassed'
        WHEN given_up OR outcome = 'abandoned' THEN 'abandoned'
        WHEN single THEN 'none'
        WHEN not_required THEN 'not_required'
        ELSE 'unknown'
    END AS mfa,
    substr(numbered_proof, 10) AS proof,
    factor,
    CASE
        WHEN factor IN ('passkey', 'webauthn', 'hardware_key', 'certificate') THEN 5
        WHEN factor = 'push_number' THEN 4
        WHEN factor IN ('push', 'totp', 'hardware_otp') THEN 3
        WHEN factor IN ('sms', 'voice') THEN 2
        WHEN factor IN ('security_question', 'email', 'recovery_code', 'bypass_code') THEN 1
        WHEN factor = 'password' THEN 0
    END AS strength,
    CASE
        WHEN factor IN ('passkey', 'webauthn', 'hardware_key', 'certificate') THEN true
        WHEN phishing_resistant IS NOT NULL THEN phishing_resistant
        WHEN factor NOT IN ('other', 'unknown') THEN false
    END AS phishing_resistant,
    CAST(prompts AS BIGINT) AS prompts,
    CAST(refusals AS BIGINT) AS refusals,
    CAST(steps AS BIGINT) AS steps,
    CAST(prompt_to_response_ms AS BIGINT) AS prompt_to_response_ms,
    CASE
        WHEN outcome <> 'success' THEN NULL
        WHEN said_ms IS NOT NULL AND steps = 1 THEN said_ms
        WHEN steps > 1 THEN epoch_ms(ended) - epoch_ms(started)
    END AS duration_ms,
    CASE
        WHEN outcome <> 'success' THEN NULL
        WHEN said_ms IS NOT NULL AND steps = 1 THEN said_basis
        -- Vault's two are the request's arrival and its answer.
        WHEN steps > 1 AND source = 'vault' THEN 'server_time'
        WHEN steps > 1 THEN 'step_times'
    END AS duration_basis,
    policy_id, policy_name, policy_mode, policy_result, policy_challenged, blocked,
    ip, country, asn, is_proxy, device_id, device_managed
FROM ended_flows
UNION ALL
SELECT
    shard, seq, part, time AS started, time AS ended, source, user_name, user_id, user_type, flow_id, session_id,
    platform, service, resource, operation, environment, protocol, credential, outcome, reason, reason_raw,
    interactive,
    mfa,
    CASE WHEN mfa IN ('performed', 'claim_in_token', 'remembered', 'bypassed')
        THEN CAST(shard AS VARCHAR) || '-' || CAST(seq AS VARCHAR) || '-' || CAST(part AS VARCHAR)
    END,
    factor,
    CASE WHEN factor_rank >= 2 THEN factor_rank - 1 WHEN factor_rank = 0 THEN 0 END,
    CASE
        WHEN factor_rank = 6 THEN true
        WHEN phishing_resistant IS NOT NULL THEN phishing_resistant
        WHEN factor_rank <> 1 THEN false
    END,
    CAST(prompts_asked AS BIGINT),
    CAST(CASE WHEN outcome IN ('failure', 'denied') THEN 1 ELSE 0 END AS BIGINT),
    CAST(1 AS BIGINT),
    CAST(NULL AS BIGINT),
    CASE WHEN outcome = 'success' THEN duration_ms END,
    CASE WHEN outcome = 'success' AND duration_ms IS NOT NULL THEN duration_basis END,
    policy_id, policy_name, policy_mode, policy_result,
    policy_result = 'challenged', blocked,
    ip, country, asn, is_proxy, device_id, device_managed
FROM single
