//! GitHub-, Okta- and Auth0-shaped deliveries, accepted as their documentation describes
//! them, and the rows that they become.
//!
//! ```text
//! splunk    streams that are meant for Splunk's HTTP Event Collector
//! hook      webhooks: the handshake, envelopes and formats
//! refusals  what goes wrong, told so that the vendor does the right thing
//! ```

mod hook;
mod refusals;
mod splunk;

use std::io::Write;

use serde_json::{Value, json};

use crate::http::{exchange, request};
use crate::rollcall::Server;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).expect("memory");
    out.finish().expect("memory")
}

/// A request with headers as a vendor sends them; status and body.
fn send(
    server: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> (u16, String) {
    let headers: Vec<(&str, String)> =
        headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    request(&server.address, method, path, &headers, body).expect("an answer")
}

/// The same; the head of the answer.
fn head(server: &Server, method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let headers: Vec<(&str, String)> =
        headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    exchange(&server.address, method, path, &headers, b"").expect("an answer").0
}

/// A LogEvent of Okta's System Log.
fn okta(uuid: &str, kind: &str, second: u32) -> Value {
    json!({
        "version": "0", "severity": "INFO", "displayMessage": "a sentence for people",
        "uuid": uuid, "published": format!("2026-09-21T13:33:{second:02}.250Z"), "eventType": kind,
        "actor": {"id": "00u1ada", "type": "User", "alternateId": "Ada@corp.example",
                  "displayName": "Ada Lovell", "detailEntry": null},
        "client": {"zone": "null", "device": "Computer", "ipAddress": "203.0.113.7", "id": null,
                   "userAgent": {"os": "Mac OS X", "browser": "CHROME", "rawUserAgent": "Mozilla/5.0"},
                   "geographicalContext": {"country": "Netherlands", "city": "Rotterdam"}},
        "outcome": {"result": "SUCCESS", "reason": null},
        "transaction": {"type": "WEB", "id": "tx-1", "detail": {}},
        "legacyEventType": null, "target": null, "device": null,
        "debugContext": {"debugData": {"requestUri": "/idp/idx/identify"}},
        "authenticationContext": {"authenticationStep": 0, "externalSessionId": "102s",
                                  "rootSessionId": "102s"},
        "securityContext": {"asNumber": 64500, "asOrg": "example carrier", "isProxy": false},
    })
}

/// A record of an Auth0 log stream.
fn auth0(id: &str, kind: &str, second: u32) -> Value {
    json!({
        "log_id": id,
        "data": {
            "log_id": id, "date": format!("2026-09-21T13:33:{second:02}.250Z"), "type": kind,
            "tenant_name": "corp", "client_id": "client-1", "client_name": "Payroll",
            "connection": "Username-Password-Authentication", "strategy": "auth0",
            "strategy_type": "database", "ip": "203.0.113.7", "user_agent": "Mozilla/5.0",
            "user_id": "auth0|65f0ada", "user_name": "Ada@corp.example", "isMobile": false,
            "details": {}, "hostname": "login.corp.example",
        },
    })
}

/// An entry of GitHub's audit log.
fn github(id: &str, action: &str) -> Value {
    json!({
        "@timestamp": 1_790_000_000_123_i64, "created_at": 1_790_000_000_123_i64,
        "_document_id": id, "action": action, "actor": "Octo-Ada", "actor_id": 4711,
        "actor_ip": "203.0.113.7", "actor_location": {"country_code": "NL"},
        "business": "corp", "business_id": 1, "org": "corp-dev", "org_id": 42,
        "repo": "corp-dev/payments", "operation_type": "access",
        "programmatic_access_type": "OAuth access token", "hashed_token": "aGFzaA==",
        "user_agent": "git/2.51.0", "transport_protocol_name": "http",
    })
}
