//! An HTTP hook: the checkpoint's bytes in a POST, a bearer token, 2xx counts.

use std::path::PathBuf;

use serde::Deserialize;
use tokio::runtime::Handle;

use super::error::{AnchorError, AnchorResult};
use super::http::Http;
use super::receipt::Proof;
use super::settings::every_minute;
use super::{Anchor, Submission};
use crate::secret::Secret;

/// A hook's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HookSettings {
    /// Its name.
    pub name: String,
    /// Where to post to: https, or http on this machine if there is a token.
    pub url: String,
    /// The variable that holds the bearer token.
    #[serde(default)]
    pub token_env: Option<String>,
    /// The file that holds the bearer token.
    #[serde(default)]
    pub token_file: Option<PathBuf>,
    /// Minutes between two checkpoints.
    #[serde(default = "every_minute")]
    pub every_minutes: u32,
}

/// The hook.
#[derive(Debug)]
pub(super) struct Hook {
    http: Http,
    token: Option<Secret>,
}

impl Hook {
    pub(super) fn open(of: &HookSettings, handle: Handle) -> AnchorResult<Self> {
        let http = Http::new(&of.url, "", handle)?;
        let token = Secret::of("token", of.token_env.as_deref(), of.token_file.as_ref())?;
        if token.is_some() && !http.keeps_secrets() {
            let detail = format!("{} would carry the token in the clear; use https", http.place());
            return Err(AnchorError::Settings(detail));
        }
        Ok(Self { http, token })
    }
}

impl Anchor for Hook {
    fn push(&self, submission: &Submission<'_>) -> AnchorResult<Proof> {
        let token = self.token.as_ref().map(Secret::read).transpose()?;
        let body = submission.note.as_bytes().to_vec();
        let answer = self.http.post("text/plain; charset=utf-8", token.as_deref(), body)?;
        let place = self.http.place().to_owned();
        match answer.status {
            200..=299 => Ok(Proof::Hook { url: place, status: answer.status }),
            500..=599 | 408 | 429 => {
                Err(AnchorError::Unreachable { place, detail: answer.words() })
            }
            401 | 403 => Err(AnchorError::Refused {
                place,
                detail: format!("{}; check the token", answer.words()),
            }),
            _ => Err(AnchorError::Refused {
                place,
                detail: format!("{}; check the URL (redirects aren't followed)", answer.words()),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anchor::tests::{Log, Server, runtime};

    fn settings(url: String) -> HookSettings {
        let name = "hook".to_owned();
        HookSettings { name, url, token_env: None, token_file: None, every_minutes: 1 }
    }

    #[test]
    fn a_hook_gets_the_checkpoint_byte_for_byte_and_the_token() {
        let (runtime, mut log) = (runtime(), Log::new());
        log.grow(3);
        let server = Server::start(|_| (204, "text/plain", Vec::new()));
        let file = log.directory().path().join("token");
        std::fs::write(&file, "s3cret\n").expect("a file");
        let of = HookSettings { token_file: Some(file), ..settings(server.url()) };
        let hook = Hook::open(&of, runtime.handle().clone()).expect("a hook");
        let note = log.checkpoint();
        let proof = log.submit(&hook, 0).expect("taken");
        assert_eq!(proof, Proof::Hook { url: of.url, status: 204 });
        let [request] = &server.requests()[..] else { panic!("one request") };
        assert_eq!(request.body, note);
        assert_eq!(request.header("authorization"), Some("Bearer s3cret"));
    }

    #[test]
    fn what_is_not_2xx_gives_no_receipt() {
        let (runtime, mut log) = (runtime(), Log::new());
        log.grow(3);
        for (status, says) in [(401, "token"), (302, "redirects"), (500, "later"), (404, "URL")] {
            let server = Server::start(move |_| (status, "text/plain", b"no\n\x1b[2J".to_vec()));
            let hook = Hook::open(&settings(server.url()), runtime.handle().clone());
            let refused = log.submit(&hook.expect("a hook"), 0).expect_err("refused").to_string();
            assert!(refused.contains(&status.to_string()) && refused.contains(says), "{refused}");
            assert!(!refused.contains('\x1b'), "an answer is data");
        }
    }

    #[test]
    fn a_token_never_goes_in_the_clear_over_a_network() {
        let runtime = runtime();
        let of = HookSettings {
            token_env: Some("TOKEN".to_owned()),
            ..settings("http://hook.example/".to_owned())
        };
        assert!(Hook::open(&of, runtime.handle().clone()).is_err());
        let of = HookSettings { token_file: Some("/x".into()), ..of };
        assert!(Hook::open(&of, runtime.handle().clone()).is_err());
    }
}
