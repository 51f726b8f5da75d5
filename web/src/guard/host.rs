//! The name that a request asks for. A page of someone else's whose name
//! suddenly resolves to our address (DNS rebinding) comes with its own name.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header, uri::Authority};

use crate::server::WebState;
use crate::settings::WebSettings;

/// Names that always mean this machine.
const LOCAL: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
/// Probes and scrapers come by address; what they get are counts.
const OPEN: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Refuses requests for names that aren't ours.
pub(crate) async fn check(State(state): State<WebState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if OPEN.contains(&path) || asked(&request).is_some_and(|name| ours(&state.settings, &name)) {
        return next.run(request).await;
    }
    (
        StatusCode::MISDIRECTED_REQUEST,
        "rollcall doesn't answer to this name. Its name is set by server.public_url in the configuration.\n",
    )
        .into_response()
}

fn asked(request: &Request) -> Option<String> {
    let mut names = request.headers().get_all(header::HOST).iter();
    let name = names.next()?.to_str().ok()?;
    if names.next().is_some() {
        return None;
    }
    let authority: Authority = name.parse().ok()?;
    if authority.as_str().contains('@') {
        return None;
    }
    Some(authority.host().to_ascii_lowercase())
}

fn ours(settings: &WebSettings, name: &str) -> bool {
    LOCAL.contains(&name)
        || settings.base_url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(name))
        || settings.hosts.iter().any(|host| host.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(host: &str) -> bool {
        let settings = WebSettings {
            hosts: vec!["audit.corp.example".to_owned()],
            ..WebSettings::new("https://rollcall.example".parse().unwrap())
        };
        let request =
            Request::builder().header("host", host).body(axum::body::Body::empty()).unwrap();
        asked(&request).is_some_and(|name| ours(&settings, &name))
    }

    #[test]
    fn our_names_pass_with_and_without_port() {
        for host in [
            "localhost:8480",
            "LOCALHOST",
            "127.0.0.1:1",
            "[::1]:8480",
            "rollcall.example",
            "Audit.Corp.Example:443",
        ] {
            assert!(passes(host), "{host}");
        }
    }

    #[test]
    fn other_names_do_not() {
        for host in [
            "evil.example",
            "localhost.evil.example",
            "evil.example#localhost",
            "localhost@evil.example",
            "",
            "127.0.0.1.evil.example",
            "10.0.0.1",
        ] {
            assert!(!passes(host), "{host}");
        }
    }
}
