-- Tries, with whose account it is and with what they can have to do with tries
-- elsewhere: the person by whom two sources' tries are compared, and which
-- service a sign-in to an application of an identity provider leads to. The view
-- applications lists the latter.
--
-- Applications are known by the names that Okta's catalogue and Entra's gallery
-- give them, and at Keycloak by the service's own SAML entity id, which AWS and
-- GitHub publish. A label of one's own that begins with none of them leads
-- nowhere: what isn't known proves nothing. Google, Teleport and Vault publish no
-- id that is the same everywhere: there a client that Keycloak's administrator
-- named for them counts, since a client id is an administrator's to give.
-- columns:
-- person  The directory's id of the person; null where it knows none.
-- account_kind  human, service, shared, break_glass or unknown.
-- who  The person, else the login: what two sources' tries are compared by.
-- leads_to  Source whose sign-ins can follow this one; null where none is known.
-- leads_to_resource  The one organisation that it leads to, where the application names it.
-- federated  Whether the service takes an identity provider's word for who it is.
-- arrives  Whether that sign-in succeeded and says nothing of MFA itself: the provider may prove it.
WITH named AS (
    SELECT
        t.*,
        a.person, a.name, a.privileged, a.team, a.manager, a.role, a.cohort, a.time_zone,
        CASE
            WHEN a.kind IS NOT NULL AND a.kind <> 'unknown' THEN a.kind
            WHEN lower(t.user_type) IN ('service', 'serviceprincipal', 'application', 'app', 'bot',
                'system', 'systemprincipal', 'awsservice', 'machine') THEN 'service'
            WHEN NOT t.interactive AND t.credential IN ('app', 'access_key', 'deploy_key')
                THEN 'service'
            ELSE 'unknown'
        END AS account_kind,
        coalesce('person ' || a.person, 'login ' || t.user_name) AS who,
        CASE WHEN t.source IN ('okta', 'entra', 'keycloak')
            OR (t.source = 'google_workspace' AND t.service <> 'Google Workspace')
            THEN lower(t.service) END AS application,
        coalesce(CASE
            WHEN t.source = 'cloudtrail' THEN coalesce(t.interactive, true)
                AND coalesce(t.credential, 'unknown') IN ('session', 'unknown')
                AND t.operation IN ('ConsoleLogin', 'UserAuthentication', 'Authenticate',
                    'Federate', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
            WHEN t.source = 'github' THEN
                t.operation IN ('org.sso_response', 'business.sso_response')
            WHEN t.source IN ('teleport', 'google_workspace') THEN t.protocol IN ('saml', 'oidc')
                AND t.platform = 'idp' AND t.service IN ('Teleport', 'Google Workspace')
            WHEN t.source IN ('okta', 'entra', 'keycloak', 'auth0', 'duo') THEN false
            ELSE t.protocol IN ('saml', 'saml1', 'oidc', 'wsfed')
        END, false) AS federated
    FROM tries t
    LEFT JOIN accounts a
        ON a.source = t.source
        AND a.login = t.user_name
        AND (a.valid_from IS NULL OR t.started >= a.valid_from)
        AND (a.valid_to IS NULL OR t.started < a.valid_to)
)
SELECT
    shard, seq, part, started, ended, source,
    user_name, user_id, user_type, person, name, account_kind, privileged, team, manager, role,
    cohort, time_zone, who, flow_id, session_id,
    platform, service, resource, operation, environment, protocol, credential, interactive,
    outcome, reason, reason_raw, mfa, proof,
    factor, strength, phishing_resistant, prompts, refusals, steps,
    prompt_to_response_ms, duration_ms, duration_basis,
    policy_id, policy_name, policy_mode, policy_result, policy_challenged, blocked,
    ip, country, asn, is_proxy, device_id, device_managed,
    CASE
        -- IAM Identity Center is the provider of the consoles behind it, whether it
        -- asked for a factor, for a password alone, or another provider.
        WHEN source = 'cloudtrail' THEN
            CASE WHEN operation = 'UserAuthentication' THEN 'cloudtrail' END
        WHEN application IS NULL THEN NULL
        WHEN application LIKE 'urn:amazon:webservices%'
            OR application LIKE 'https://%.signin.aws.amazon.com/platform/saml/%'
            OR application LIKE 'https://%.signin.aws/platform/saml/%' THEN 'cloudtrail'
        WHEN application LIKE 'https://github.com/orgs/%'
            OR application LIKE 'https://github.com/enterprises/%' THEN 'github'
        WHEN application = 'google.com' OR application LIKE 'google.com/a/%' THEN 'google_workspace'
        WHEN application = 'teleport' THEN 'teleport'
        WHEN application IN ('vault', 'hashicorp vault') THEN 'vault'
        -- AWS and GitHub ask for ids of their own: another client id is only a word.
        WHEN source = 'keycloak' THEN NULL
        WHEN application IN ('aws', 'aws console')
            OR application LIKE 'aws account federation%'
            OR application LIKE 'aws single-account access%'
            OR application LIKE 'aws iam identity center%'
            OR application LIKE 'aws single sign-on%'
            OR application LIKE 'amazon web services%' THEN 'cloudtrail'
        WHEN application IN ('github', 'github.com', 'github team')
            OR application LIKE 'github enterprise cloud%'
            OR application LIKE 'github enterprise managed user%' THEN 'github'
        WHEN application IN ('google workspace', 'g suite')
            OR application LIKE 'google cloud / g suite connector%' THEN 'google_workspace'
    END AS leads_to,
    CASE
        WHEN application LIKE 'https://github.com/orgs/%' THEN substr(application, 25)
        WHEN application LIKE 'https://github.com/enterprises/%' THEN substr(application, 32)
    END AS leads_to_resource,
    federated,
    federated AND source IN ('cloudtrail', 'github', 'teleport', 'google_workspace', 'vault')
        AND mfa = 'unknown' AND outcome = 'success' AND who IS NOT NULL AND ip IS NOT NULL AS arrives
FROM named
