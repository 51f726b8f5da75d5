-- Changes of policies in the period. Those of how people sign in come first, one
-- row each, newest first; charts carry a flag for them. They are: everything that
-- an identity provider calls a policy change (Okta's policies, rules,
-- authenticators and network zones, Entra's conditional access), GitHub's
-- two-factor requirement, single sign-on and IP allow list, and AWS's account
-- password policy, and versions of the organisation's own policies. All others say what may be done, not how one signs in
-- (protected branches, rulesets, environments, workflow permissions, IAM policies,
-- permission sets): one row a source and operation, with how many there were.
-- What begins with all_ is told of all of them, also beyond the limit.
-- parameters: from_us time, to_us time, limit bigint
WITH changes AS (
    SELECT
        time, source, policy_name, operation, coalesce(actor, user_name) AS actor, shard, seq, part,
        platform = 'idp'
            OR source = 'rollcall'
            OR operation LIKE '%able_two_factor_requirement'
            OR operation LIKE '%able_saml'
            OR operation LIKE '%.update_saml_provider_settings'
            OR operation LIKE '%able_ip_allow_list'
            OR operation LIKE 'ip_allow_list%'
            OR operation IN ('UpdateAccountPasswordPolicy', 'DeleteAccountPasswordPolicy')
            AS sign_in
    FROM events
    WHERE activity = 'policy_change' AND time >= $from_us AND time < $to_us
), listed AS (
    SELECT
        time, source, policy_name, operation, actor, CAST(1 AS BIGINT) AS changes,
        true AS sign_in, shard, seq, part
    FROM changes
    WHERE sign_in
    UNION ALL
    SELECT
        max(time), source, NULL, operation,
        CASE WHEN min(actor) = max(actor) THEN min(actor) END,
        count(*), false, max(shard), max(seq), max(part)
    FROM changes
    WHERE sign_in IS NOT TRUE
    GROUP BY source, operation
)
SELECT
    time, source, policy_name, operation, actor, changes, sign_in,
    count(*) OVER () AS all_rows,
    CAST(sum(CASE WHEN sign_in THEN 1 ELSE 0 END) OVER () AS BIGINT) AS all_sign_in,
    CAST(sum(changes) OVER () AS BIGINT) AS all_changes
FROM listed
ORDER BY sign_in DESC, time DESC, shard DESC, seq DESC, part DESC, source, operation
LIMIT $limit
