-- question: How much of getting into services goes through single sign-on?
-- sentence: of accesses came through single sign-on
-- counts: access, accesses
-- unit: share
-- band: bounds
-- shape: counts
-- grain: day, week, month, quarter, total
-- dimensions: attempts
-- population: successful interactive accesses of human accounts to services: applications as the identity provider tells of them, and sign-ins that services tell of
-- excludes: sign-ins to the identity provider itself; a sign-in at a service that the provider tells of too (it counts once, where the provider tells it); service and shared accounts
-- columns: bucket, grp, figure (empty: through single sign-on; saml, oidc, other_protocol: the shares of each protocol in all accesses), k, n, unknown (the service doesn't say how; its protocol isn't named)
-- version: 1
WITH told AS (
    SELECT
        bucket($grain, started, $time_zone) AS bucket,
        {group} AS grp,
        CASE
            WHEN source IN ('okta', 'entra', 'keycloak', 'auth0') THEN 'yes'
            WHEN source = 'google_workspace' AND service <> 'Google Workspace' THEN 'yes'
            WHEN federated THEN 'yes'
            WHEN credential IN ('password', 'ssh_key', 'access_key', 'access_token', 'deploy_key')
                OR mfa IN ('performed', 'none') THEN 'no'
            ELSE 'unknown'
        END AS through,
        CASE
            WHEN protocol IN ('saml', 'saml1') THEN 'saml'
            WHEN protocol IN ('oidc', 'oauth2') THEN 'oidc'
            WHEN protocol IS NOT NULL THEN 'other_protocol'
        END AS protocol_kind
    FROM attempts
    WHERE started >= $from AND started < $to
        AND outcome = 'success'
        AND coalesce(interactive, true)
        AND account_kind = 'human'
        AND service IS NOT NULL
        AND NOT (federated AND came_from IS NOT NULL)
        AND source <> 'duo'
        -- The provider's own pages are no service that is reached through it.
        AND NOT (source = 'okta'
            AND lower(service) IN ('okta', 'okta dashboard', 'okta admin console', 'okta browser plugin'))
        AND NOT (source = 'keycloak'
            AND service IN ('Keycloak', 'account', 'account-console', 'security-admin-console'))
        AND NOT (source = 'google_workspace' AND service = 'Google Workspace' AND NOT federated)
        AND NOT (source = 'cloudtrail' AND platform = 'idp')
        {only}
), counted AS (
    SELECT bucket, grp, through, protocol_kind, count(*) AS n
    FROM told
    GROUP BY bucket, grp, through, protocol_kind
), named(figure) AS (
    VALUES (''), ('saml'), ('oidc'), ('other_protocol')
)
SELECT
    c.bucket, c.grp, f.figure,
    sum(CASE WHEN c.through = 'yes' AND (f.figure = '' OR c.protocol_kind = f.figure)
        THEN c.n ELSE 0 END) AS k,
    sum(c.n) AS n,
    sum(CASE
        WHEN c.through = 'unknown' THEN c.n
        WHEN c.through = 'yes' AND f.figure <> '' AND c.protocol_kind IS NULL THEN c.n
        ELSE 0
    END) AS unknown
FROM counted c
CROSS JOIN named f
GROUP BY c.bucket, c.grp, f.figure
