//! The vendors and their logs. Facts are those of each row's documentation.

use std::time::Duration;

use super::vendor::{Auth, Endpoint, Kind, Paging, Range, Vendor};

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// Every vendor that can be asked.
pub static VENDORS: &[Vendor] = &[
    Vendor {
        kind: Kind::Okta,
        source: "okta",
        url: None,
        auth: Auth::Token("SSWS"),
        headers: &[("accept", "application/json")],
        has_organisation: false,
        spacing: Duration::from_secs(1),
        limit: "/api/v1/logs: 120 requests a minute for the organisation, and by default half of it for a token",
        usual: &["system"],
    },
    Vendor {
        kind: Kind::GitHub,
        source: "github",
        url: Some("https://api.github.com"),
        auth: Auth::Token("Bearer"),
        headers: &[
            ("accept", "application/vnd.github+json"),
            ("x-github-api-version", "2022-11-28"),
        ],
        has_organisation: true,
        spacing: Duration::from_secs(4),
        limit: "audit log: 1,750 requests an hour for a user and address",
        usual: &["organisation"],
    },
    Vendor {
        kind: Kind::Entra,
        source: "entra",
        url: Some("https://graph.microsoft.com"),
        auth: Auth::ClientCredentials {
            login: Some("https://login.microsoftonline.com"),
            path: "/{organisation}/oauth2/v2.0/token",
            purpose: ("scope", "{url}/.default"),
        },
        headers: &[("accept", "application/json"), ("prefer", "include-unknown-enum-members")],
        has_organisation: true,
        spacing: Duration::from_secs(4),
        limit: "identity and access reports: 5 requests in 10 seconds for an application and tenant",
        usual: &["sign_ins", "non_interactive", "service_principal", "directory"],
    },
    Vendor {
        kind: Kind::Duo,
        source: "duo",
        url: None,
        auth: Auth::Duo,
        headers: &[("accept", "application/json")],
        has_organisation: false,
        spacing: Duration::from_secs(2),
        limit: "logs: no more than once a minute is recommended",
        usual: &["authentication"],
    },
    Vendor {
        kind: Kind::Auth0,
        source: "auth0",
        url: None,
        auth: Auth::ClientCredentials {
            login: None,
            path: "/oauth/token",
            purpose: ("audience", "{url}/api/v2/"),
        },
        headers: &[("accept", "application/json")],
        has_organisation: false,
        spacing: Duration::from_secs(1),
        limit: "Management API: from 2 requests a second, by subscription",
        usual: &["tenant"],
    },
    // Of these only accounts are asked for.
    Vendor {
        kind: Kind::GitLab,
        source: "gitlab",
        url: None,
        auth: Auth::Token("Bearer"),
        headers: &[("accept", "application/json")],
        has_organisation: false,
        spacing: Duration::from_secs(1),
        limit: "users: 300 requests in 10 minutes on gitlab.com, by configuration elsewhere",
        usual: &[],
    },
    Vendor {
        kind: Kind::Keycloak,
        source: "keycloak",
        url: None,
        auth: Auth::ClientCredentials {
            login: None,
            path: "/realms/{organisation}/protocol/openid-connect/token",
            purpose: ("scope", "openid"),
        },
        headers: &[("accept", "application/json")],
        has_organisation: true,
        spacing: Duration::from_millis(50),
        limit: "none; what the server bears",
        usual: &[],
    },
    Vendor {
        kind: Kind::GoogleWorkspace,
        source: "google_workspace",
        url: Some("https://admin.googleapis.com"),
        auth: Auth::ServiceAccount {
            login: "https://oauth2.googleapis.com",
            path: "/token",
            scope: "https://www.googleapis.com/auth/admin.directory.user.readonly",
        },
        headers: &[("accept", "application/json")],
        has_organisation: false,
        spacing: Duration::from_secs(1),
        limit: "Directory API: 2,400 requests a minute for a user and project",
        usual: &[],
    },
];

const GITHUB: Endpoint = Endpoint {
    kind: Kind::GitHub,
    what: "organisation",
    source: "github",
    path: "/orgs/{organisation}/audit-log",
    query: &[("include", "all"), ("order", "asc"), ("per_page", "100")],
    range: Range::Phrase,
    paging: Paging::Link { is_endless: false },
    list: &[],
    id: &["_document_id"],
    time: &["@timestamp", "created_at"],
    is_descending: false,
    overlap: minutes(10),
    slice: None,
    look_back_days: 180,
    every: 60,
    needs: "GitHub Enterprise Cloud; an owner's token with read:audit_log",
    documentation: "https://docs.github.com/enterprise-cloud@latest/rest/orgs/orgs#get-the-audit-log-for-an-organization",
};

const SIGN_INS: Endpoint = Endpoint {
    kind: Kind::Entra,
    what: "sign_ins",
    source: "entra",
    // v1.0 has neither the steps of a sign-in nor its kinds.
    path: "/beta/auditLogs/signIns",
    query: &[("$top", "500")],
    range: sign_ins("signInEventTypes/any(t: t eq 'interactiveUser')"),
    paging: Paging::NextLink,
    list: &["value"],
    id: &["id"],
    time: &["createdDateTime"],
    is_descending: true,
    overlap: minutes(30),
    slice: Some(minutes(6 * 60)),
    look_back_days: 30,
    every: 300,
    needs: "Entra ID P1; the application permissions AuditLog.Read.All and Directory.Read.All",
    documentation: "https://learn.microsoft.com/graph/api/signin-list?view=graph-rest-beta",
};

const fn sign_ins(also: &'static str) -> Range {
    Range::Filter { time: "createdDateTime", also: Some(also) }
}

const DUO: Endpoint = Endpoint {
    kind: Kind::Duo,
    what: "authentication",
    source: "duo",
    path: "/admin/v2/logs/authentication",
    query: &[("limit", "1000"), ("sort", "ts:asc")],
    range: Range::MinMax,
    paging: Paging::Offset,
    list: &["response", "authlogs"],
    id: &["txid"],
    time: &["isotimestamp", "timestamp"],
    is_descending: false,
    overlap: minutes(10),
    slice: None,
    look_back_days: 180,
    every: 60,
    needs: "an Admin API application with \"Grant read log\"",
    documentation: "https://duo.com/docs/adminapi#authentication-logs",
};

/// Every log that can be read.
pub static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        kind: Kind::Okta,
        what: "system",
        source: "okta",
        path: "/api/v1/logs",
        query: &[("limit", "1000"), ("sortOrder", "ASCENDING")],
        range: Range::SinceUntil,
        paging: Paging::Link { is_endless: true },
        list: &[],
        id: &["uuid"],
        time: &["published"],
        is_descending: false,
        overlap: minutes(10),
        slice: None,
        look_back_days: 90,
        every: 60,
        needs: "an API token of an administrator who may read the System Log (report administrator)",
        documentation: "https://developer.okta.com/docs/api/openapi/okta-management/management/tag/SystemLog/",
    },
    GITHUB,
    Endpoint {
        what: "enterprise",
        path: "/enterprises/{organisation}/audit-log",
        needs: "GitHub Enterprise Cloud; an enterprise administrator's classic token with read:audit_log",
        documentation: "https://docs.github.com/enterprise-cloud@latest/rest/enterprise-admin/audit-log",
        ..GITHUB
    },
    SIGN_INS,
    Endpoint {
        what: "non_interactive",
        range: sign_ins("signInEventTypes/any(t: t eq 'nonInteractiveUser')"),
        ..SIGN_INS
    },
    Endpoint {
        what: "service_principal",
        range: sign_ins("signInEventTypes/any(t: t eq 'servicePrincipal')"),
        ..SIGN_INS
    },
    Endpoint {
        what: "managed_identity",
        range: sign_ins("signInEventTypes/any(t: t eq 'managedIdentity')"),
        ..SIGN_INS
    },
    Endpoint {
        what: "directory",
        path: "/v1.0/auditLogs/directoryAudits",
        range: Range::Filter { time: "activityDateTime", also: None },
        time: &["activityDateTime"],
        needs: "the application permission AuditLog.Read.All",
        documentation: "https://learn.microsoft.com/graph/api/directoryaudit-list",
        ..SIGN_INS
    },
    DUO,
    Endpoint {
        what: "activity",
        path: "/admin/v2/logs/activity",
        list: &["response", "items"],
        id: &["activity_id"],
        time: &["ts"],
        documentation: "https://duo.com/docs/adminapi#activity-logs",
        ..DUO
    },
    Endpoint {
        what: "administrator",
        path: "/admin/v1/logs/administrator",
        query: &[],
        range: Range::Min,
        paging: Paging::LastTime { most: 1000 },
        list: &["response"],
        id: &[],
        time: &["timestamp", "isotimestamp"],
        documentation: "https://duo.com/docs/adminapi#administrator-logs",
        ..DUO
    },
    Endpoint {
        kind: Kind::Auth0,
        what: "tenant",
        source: "auth0",
        path: "/api/v2/logs",
        query: &[],
        range: Range::Search,
        paging: Paging::Checkpoint,
        list: &[],
        id: &["log_id", "_id"],
        time: &["date"],
        is_descending: false,
        overlap: minutes(10),
        slice: None,
        look_back_days: 30,
        every: 60,
        needs: "a machine-to-machine application with read:logs (and read:logs_users) of the Management API; how far back depends on the subscription",
        documentation: "https://auth0.com/docs/deploy-monitor/logs/retrieve-log-events-using-mgmt-api",
    },
];

/// A vendor's row.
pub(super) fn vendor(kind: Kind) -> Option<&'static Vendor> {
    VENDORS.iter().find(|vendor| vendor.kind == kind)
}

/// The logs of a vendor.
pub(super) fn logs(kind: Kind) -> impl Iterator<Item = &'static Endpoint> {
    ENDPOINTS.iter().filter(move |endpoint| endpoint.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn every_row_names_what_there_is() {
        for endpoint in ENDPOINTS {
            assert!(Sources::default().find(endpoint.source).is_some(), "{}", endpoint.what);
            assert!(vendor(endpoint.kind).is_some(), "{}", endpoint.what);
            assert!(!endpoint.time.is_empty(), "{}", endpoint.what);
        }
        for vendor in VENDORS {
            let known: Vec<&str> = logs(vendor.kind).map(|log| log.what).collect();
            assert!(vendor.usual.iter().all(|what| known.contains(what)), "{:?}", vendor.kind);
            let named = logs(vendor.kind).any(|log| log.path.contains("{organisation}"));
            assert!(!named || vendor.has_organisation, "{:?}", vendor.kind);
            assert!(Sources::default().find(vendor.source).is_some(), "{:?}", vendor.kind);
            assert!(logs(vendor.kind).all(|log| log.source == vendor.source), "{:?}", vendor.kind);
        }
    }
}
