-- What was reached or asked for: sign-ins (attempts), and operations by whoever was
-- signed in already. Policies judge these. Failed passwords, errors and what was
-- interrupted reach nothing and aren't here; what was refused or given up is, with its
-- outcome. Of an operation on somebody else's account, who acted is who is meant.
-- columns:
-- kind  sign_in or operation.
-- time, ended  When it began; when it was judged. Of an operation both are its time.
-- login  The login of whoever acted, lower-cased.
-- person  The directory's id of the person; null where it knows none.
-- account_kind  human, service, shared, break_glass or unknown.
-- who  The person, else source and login: whose verifications are looked for.
-- mfa  Of a sign-in as in attempts; of an operation what its event says.
WITH operations AS (
    SELECT
        *,
        lower(coalesce(actor, user_name)) AS login
    FROM events
    WHERE (activity IN ('access', 'token_issue', 'elevate', 'admin', 'policy_change',
            'account_change', 'enroll', 'unenroll', 'factor_reset', 'recovery')
            OR (activity = 'policy_decision' AND platform <> 'idp'))
        AND outcome IN ('success', 'unknown', 'denied', 'abandoned')
        AND source <> 'rollcall'
), of_persons AS (
    SELECT
        o.*,
        a.person, a.name, a.privileged, a.team, a.manager, a.role, a.cohort, a.time_zone,
        CASE
            WHEN a.kind IS NOT NULL AND a.kind <> 'unknown' THEN a.kind
            WHEN lower(o.user_type) IN ('service', 'serviceprincipal', 'application', 'app', 'bot',
                'system', 'systemprincipal', 'awsservice', 'machine') THEN 'service'
            WHEN NOT o.interactive AND o.credential IN ('app', 'access_key', 'deploy_key')
                THEN 'service'
            ELSE 'unknown'
        END AS account_kind
    FROM operations o
    LEFT JOIN accounts a
        ON a.source = o.source
        AND a.login = o.login
        AND (a.valid_from IS NULL OR o.time >= a.valid_from)
        AND (a.valid_to IS NULL OR o.time < a.valid_to)
)
SELECT
    'sign_in' AS kind,
    shard, seq, part, started AS time, ended, source,
    user_name AS login,
    coalesce('person ' || person, 'login ' || source || ' ' || user_name) AS who,
    user_name, user_id, user_type, CAST(NULL AS VARCHAR) AS actor,
    person, name, account_kind, privileged, team, manager, role, cohort, time_zone,
    'logon' AS activity, outcome, reason, operation, interactive,
    platform, service, CAST(NULL AS VARCHAR) AS resource, environment,
    CAST(NULL AS VARCHAR) AS pipeline, CAST(NULL AS VARCHAR) AS ticket,
    protocol, credential, mfa, mfa_proof, factor, strength, phishing_resistant,
    prompts, prompt_to_response_ms,
    policy_id, policy_name, policy_mode, policy_result, policy_challenged, blocked,
    ip, country, asn, is_proxy, device_id, device_managed, session_id
FROM attempts
WHERE outcome IN ('success', 'unknown', 'denied', 'abandoned')
UNION ALL
SELECT
    'operation' AS kind,
    shard, seq, part, time, time AS ended, source,
    login,
    coalesce('person ' || person, 'login ' || source || ' ' || login) AS who,
    user_name, user_id, user_type, actor,
    person, name, account_kind, privileged, team, manager, role, cohort, time_zone,
    activity, outcome, reason, operation, interactive,
    platform, service, resource, environment, pipeline, ticket,
    protocol, credential, mfa,
    CASE WHEN mfa IN ('performed', 'claim_in_token', 'remembered') THEN
        CAST(shard AS VARCHAR) || '-' || CAST(seq AS VARCHAR) || '-' || CAST(part AS VARCHAR) END,
    factor,
    CASE
        WHEN factor IN ('passkey', 'webauthn', 'hardware_key', 'certificate') THEN 5
        WHEN factor = 'push_number' THEN 4
        WHEN factor IN ('push', 'totp', 'hardware_otp') THEN 3
        WHEN factor IN ('sms', 'voice') THEN 2
        WHEN factor IN ('security_question', 'email', 'recovery_code', 'bypass_code') THEN 1
        WHEN factor = 'password' THEN 0
    END,
    phishing_resistant,
    CAST(0 AS BIGINT), CAST(NULL AS BIGINT),
    policy_id, policy_name, policy_mode, policy_result, policy_result = 'challenged', blocked,
    ip, country, asn, is_proxy, device_id, device_managed, session_id
FROM of_persons
