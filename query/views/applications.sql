-- Applications of the identity providers that people signed in to, and where they
-- lead. Only a sign-in to an application that leads to a service can stand behind
-- one at that service; where leads_to is null, access through it stays unknown.
-- columns:
-- source  The identity provider.
-- application  Its application, as it names it.
-- leads_to  Source whose sign-ins can follow; null where none is known.
-- leads_to_resource  The one organisation that it leads to, where the application names it.
-- tries  Tries to sign in to it.
-- people  Persons, or logins without one, who tried.
-- first_seen, last_seen  Start of the first and the last of them.
SELECT
    source,
    service AS application,
    max(leads_to) AS leads_to,
    max(leads_to_resource) AS leads_to_resource,
    count(*) AS tries,
    count(DISTINCT who) AS people,
    min(started) AS first_seen,
    max(started) AS last_seen
FROM tries_of_people
WHERE service IS NOT NULL
    AND (source IN ('okta', 'entra', 'keycloak', 'google_workspace') OR leads_to IS NOT NULL)
GROUP BY source, service
