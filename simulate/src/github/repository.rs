//! The organisation's repositories, and how git reaches them.

use super::event::More;

/// Repositories, and whether their default branch is protected.
pub(super) const REPOSITORIES: [(&str, bool); 12] = [
    ("corp-example/payments", true),
    ("corp-example/platform", true),
    ("corp-example/infrastructure", true),
    ("corp-example/search", true),
    ("corp-example/mobile-app", true),
    ("corp-example/web", true),
    ("corp-example/warehouse", true),
    ("corp-example/marketplace", true),
    ("corp-example/runbooks", false),
    ("corp-example/docs", false),
    ("corp-example/sandbox", false),
    ("corp-example/tools", false),
];

/// What git calls itself.
pub(super) const GIT: &str = "git/2.51.0";

/// The fields of a git operation: over HTTPS with a token, or over ssh.
pub(super) fn transport<'a>(repo: &'a str, token: Option<&'a str>, id: u64) -> More<'a> {
    let https = token.is_some();
    More {
        repo: Some(repo),
        repository: Some(repo),
        repository_public: Some(false),
        transport_protocol: Some(if https { 1 } else { 2 }),
        transport_protocol_name: Some(if https { "http" } else { "ssh" }),
        programmatic_access_type: https.then_some("Personal access token (classic)"),
        hashed_token: token,
        token_id: https.then_some(id / 3),
        ..More::default()
    }
}
