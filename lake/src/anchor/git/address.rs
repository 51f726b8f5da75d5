//! Which repository and branch, and who may push there. Nothing of it can be taken
//! for an option, a command or a helper by git or ssh.

use std::path::{Path, PathBuf};

use url::Url;

use super::GitSettings;
use crate::anchor::error::{AnchorError, AnchorResult};
use crate::secret::Secret;

/// A repository's address, checked.
#[derive(Debug, Clone)]
pub(super) struct Address {
    url: String,
    scheme: String,
    branch: String,
    user: String,
    token: Option<Secret>,
    ssh_key: Option<PathBuf>,
    known_hosts: Option<PathBuf>,
}

impl Address {
    pub(super) fn of(of: &GitSettings) -> AnchorResult<Self> {
        let url = repository_url(&of.url)?;
        check_branch(&of.branch)?;
        let token = Secret::of("token", of.token_env.as_deref(), of.token_file.as_ref())?;
        if token.is_some() && url.scheme() != "https" && !is_loopback(&url) {
            let detail = "a token goes with https only; for ssh set ssh_key".to_owned();
            return Err(AnchorError::Settings(detail));
        }
        if of.user.is_empty()
            || !of.user.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':')
        {
            return Err(AnchorError::Settings(format!("{:?} can't be a user", of.user)));
        }
        for path in [&of.ssh_key, &of.known_hosts].into_iter().flatten() {
            check_path(path)?;
        }
        Ok(Self {
            url: url.to_string(),
            scheme: url.scheme().to_owned(),
            branch: of.branch.clone(),
            user: of.user.clone(),
            token,
            ssh_key: of.ssh_key.clone(),
            known_hosts: of.known_hosts.clone(),
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    pub(super) fn scheme(&self) -> &str {
        &self.scheme
    }

    pub(super) fn branch(&self) -> &str {
        &self.branch
    }

    pub(super) fn reference(&self) -> String {
        format!("refs/heads/{}", self.branch)
    }

    /// User and token, read anew.
    pub(super) fn login(&self) -> AnchorResult<Option<(&str, String)>> {
        let token = self.token.as_ref().map(Secret::read).transpose()?;
        Ok(token.map(|token| (self.user.as_str(), token)))
    }

    /// How git calls ssh: without the user's settings, without questions.
    pub(super) fn ssh(&self) -> String {
        let mut command = "ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes \
            -o IdentitiesOnly=yes -o ConnectTimeout=10 -o ClearAllForwardings=yes"
            .to_owned();
        // Their characters were checked: none means anything to a shell or to ssh.
        if let Some(key) = &self.ssh_key {
            command.push_str(&format!(" -o IdentityFile={}", key.display()));
        }
        if let Some(hosts) = &self.known_hosts {
            command.push_str(&format!(" -o UserKnownHostsFile={}", hosts.display()));
        }
        command
    }
}

fn repository_url(text: &str) -> AnchorResult<Url> {
    let bad = |detail: &str| AnchorError::Settings(format!("{text:?} {detail}"));
    let plain = text.strip_prefix("git+").unwrap_or(text);
    let url = Url::parse(plain)
        .map_err(|_| bad("isn't a URL; write git@host:path as ssh://git@host/path"))?;
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    match url.scheme() {
        "https" | "http" | "ssh" if has_host => {}
        "file" if !has_host => {}
        _ => return Err(bad("should be an https, ssh or file URL")),
    }
    if url.password().is_some() || (!url.username().is_empty() && url.scheme() != "ssh") {
        return Err(AnchorError::Settings(
            "a repository's URL holds no password and, but for ssh, no user; set token_env or token_file"
                .to_owned(),
        ));
    }
    let host = url.host_str().unwrap_or_default();
    if host.starts_with('-') || url.username().starts_with('-') || url.path().contains("/-") {
        return Err(bad("has a part that begins with -"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("has a ? or #"));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http" && matches!(url.host(), Some(url::Host::Ipv4(at)) if at.is_loopback())
}

/// A branch's name, stricter than git's own rules.
fn check_branch(branch: &str) -> AnchorResult<()> {
    let fits = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['-', '.'])
            && !part.ends_with('.')
            && !part.to_ascii_lowercase().ends_with(".lock")
            && !part.contains("..")
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if branch.len() <= 100 && branch.split('/').all(fits) {
        return Ok(());
    }
    Err(AnchorError::Settings(format!(
        "{branch:?} can't be the branch: letters, digits and . - _ / only"
    )))
}

fn check_path(path: &Path) -> AnchorResult<()> {
    let plain = |text: &str| {
        text.starts_with('/')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte))
    };
    if path.to_str().is_some_and(plain) {
        return Ok(());
    }
    Err(AnchorError::Settings(format!(
        "{path:?} should be a path from / of letters, digits and . - _ only"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> GitSettings {
        GitSettings {
            name: "git".to_owned(),
            url: url.to_owned(),
            branch: "main".to_owned(),
            user: "rollcall".to_owned(),
            token_env: None,
            token_file: None,
            ssh_key: None,
            known_hosts: None,
            every_minutes: 1,
        }
    }

    #[test]
    fn nothing_can_be_taken_for_an_option_or_a_helper() {
        for url in [
            "--upload-pack=touch /tmp/x",
            "ext::sh -c touch% /tmp/x",
            "fd::17",
            "/srv/repository",
            "git@host:path",
            "git://host/path",
            "ssh://-oProxyCommand=x/path",
            "ssh://-x@host/path",
            "ssh://host/-x",
            "ssh://user:password@host/path",
            "https://user@host/path",
            "https://host/path?x",
            "file://host/path",
            "git+ext::x",
            "",
        ] {
            assert!(Address::of(&of(url)).is_err(), "{url}");
        }
        for url in
            ["https://host/a.git", "ssh://git@host/a", "git+ssh://git@host/a", "file:///srv/a.git"]
        {
            Address::of(&of(url)).expect(url);
        }
    }

    #[test]
    fn a_branch_is_a_plain_name() {
        for (branch, is_good) in [
            ("main", true),
            ("audit/2026-q3", true),
            ("-x", false),
            ("a..b", false),
            ("a b", false),
            ("a:b", false),
            ("+a", false),
            ("", false),
            ("a//b", false),
            (".a", false),
            ("a.lock", false),
            ("a~1", false),
        ] {
            let of = GitSettings { branch: branch.to_owned(), ..of("https://host/a") };
            assert_eq!(Address::of(&of).is_ok(), is_good, "{branch}");
        }
    }

    #[test]
    fn paths_mean_nothing_to_a_shell_and_tokens_need_https() {
        for path in ["/etc/key; rm -rf x", "key", "/a b", "/$(x)", "/'x'"] {
            let of = GitSettings { ssh_key: Some(path.into()), ..of("ssh://host/a") };
            assert!(Address::of(&of).is_err(), "{path}");
        }
        for (url, is_good) in
            [("https://host/a", true), ("http://host/a", false), ("ssh://host/a", false)]
        {
            let of = GitSettings { token_env: Some("T".to_owned()), ..of(url) };
            assert_eq!(Address::of(&of).is_ok(), is_good, "{url}");
        }
    }
}
