//! Paths: what a request was for.

use rollcall_schemas::{Activity, Credential, Factor};

use super::record::Request;

/// The path within its mount, and the mount's type. Old entries name neither:
/// then an auth method's mount is taken to be two words, any other's one, and
/// the mount is called after its type, as `vault auth enable` does by default.
pub(super) struct Place<'a> {
    /// The auth method's or engine's type: `userpass`, `kv`.
    pub(super) mount_type: &'a str,
    /// What follows the mount.
    pub(super) rest: &'a str,
    /// Whether it is an auth method's.
    is_auth: bool,
    path: &'a str,
}

impl<'a> Place<'a> {
    pub(super) fn of(request: &'a Request<'_>) -> Self {
        let path = request.path.or_empty();
        let is_auth = path.starts_with("auth/");
        let words = if is_auth { 2 } else { 1 };
        let guessed = path.split_inclusive('/').take(words).map(str::len).sum();
        let (mount, rest) = request
            .mount_point
            .get()
            .and_then(|mount| Some((mount, path.strip_prefix(mount)?)))
            .or_else(|| path.split_at_checked(guessed))
            .unwrap_or((path, ""));
        let called = mount.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        Self { mount_type: request.mount_type.get().unwrap_or(called), rest, is_auth, path }
    }

    /// Whether someone signs in here.
    pub(super) fn is_sign_in(&self) -> bool {
        let first = self.first();
        self.is_auth
            && self.mount_type != "token"
            && (first == "login" || matches!(self.rest, "oidc/callback" | "callback" | "token"))
    }

    /// The first word behind the mount.
    fn first(&self) -> &'a str {
        self.rest.split('/').next().unwrap_or_default()
    }

    /// The account that the path of a sign-in names: `login/ada`.
    pub(super) fn account(&self) -> Option<&'a str> {
        self.rest.strip_prefix("login/").filter(|name| !name.is_empty())
    }

    /// Whether an operation is on another's account than the token's.
    pub(super) fn is_about_another(&self, activity: Activity) -> bool {
        match activity {
            Activity::AccountChange | Activity::FactorReset | Activity::Recovery => true,
            Activity::Enroll => self.rest.ends_with("/admin-generate"),
            _ => false,
        }
    }

    /// The account that a path names which changes it: `users/ada`, `…/unlock/ada`.
    /// Most name an id, or it is in `data`.
    pub(super) fn changed(&self) -> Option<&'a str> {
        let (_, unlocked) = self.path.split_once("/unlock/").unzip();
        let named = ["users/", "user/"].iter().find_map(|family| self.rest.strip_prefix(family));
        let name = unlocked.or(named)?.split('/').next()?;
        Some(name).filter(|name| !name.is_empty())
    }

    /// The activity of an operation here.
    pub(super) fn activity(&self, operation: &str) -> Activity {
        let is_write = matches!(operation, "create" | "update" | "patch" | "delete");
        if self.is_sign_in() {
            Activity::Logon
        } else if self.is_auth {
            self.of_auth(is_write)
        } else if let Some(rest) = self.path.strip_prefix("sys/") {
            of_system(rest, is_write)
        } else if let Some(rest) = self.path.strip_prefix("identity/") {
            of_identity(rest, is_write)
        } else if self.hands_out_credentials() {
            Activity::TokenIssue
        } else {
            Activity::Access
        }
    }

    fn of_auth(&self, is_write: bool) -> Activity {
        match (self.mount_type, self.first()) {
            ("token", "create" | "create-orphan") => Activity::TokenIssue,
            ("token", "revoke-self") => Activity::Logoff,
            ("token", "revoke" | "revoke-accessor" | "revoke-orphan") => Activity::AccountChange,
            ("token", _) => Activity::Access,
            ("oidc" | "jwt", _) if self.rest == "oidc/auth_url" => Activity::Challenge,
            _ if self.rest.ends_with("/secret-id") && is_write => Activity::TokenIssue,
            (_, "config") if is_write => Activity::PolicyChange,
            _ if is_write => Activity::AccountChange,
            _ => Activity::Access,
        }
    }

    /// Engines that make credentials when they are read or written.
    fn hands_out_credentials(&self) -> bool {
        match self.mount_type {
            "pki" => matches!(self.first(), "issue" | "sign" | "sign-verbatim"),
            "ssh" => matches!(self.first(), "sign" | "issue" | "creds"),
            "kv" | "generic" | "cubbyhole" | "transit" => false,
            _ => matches!(self.first(), "creds" | "sts" | "static-creds" | "token" | "key"),
        }
    }

    /// What was shown to sign in.
    pub(super) fn credential(&self) -> Option<Credential> {
        Some(match self.mount_type {
            "userpass" | "ldap" | "okta" | "radius" => Credential::Password,
            "approle" | "aws" | "azure" | "gcp" | "kubernetes" | "alicloud" | "oci" | "cf" => {
                Credential::App
            }
            "cert" => Credential::Certificate,
            "github" => Credential::AccessToken,
            _ => return None,
        })
    }

    /// Whether a person signs in here; `None` where programs do too.
    pub(super) fn is_interactive(&self) -> Option<bool> {
        match self.mount_type {
            "saml" => Some(true),
            _ if self.rest == "oidc/callback" => Some(true),
            "approle" | "aws" | "azure" | "gcp" | "kubernetes" | "alicloud" | "oci" | "cf" => {
                Some(false)
            }
            _ => None,
        }
    }

    /// The factor of a method that a path names: `identity/mfa/method/totp/…`.
    pub(super) fn factor(&self) -> Option<Factor> {
        let method = self.path.strip_prefix("identity/mfa/method/")?;
        Some(match method.split('/').next().unwrap_or_default() {
            "totp" => Factor::Totp,
            "duo" | "okta" | "pingid" => Factor::Push,
            _ => Factor::Other,
        })
    }
}

/// `sys/…`
fn of_system(rest: &str, is_write: bool) -> Activity {
    let first = rest.split('/').next().unwrap_or_default();
    match first {
        "mfa" if rest == "mfa/validate" => Activity::Verify,
        "policy" | "policies" | "mfa" if is_write => Activity::PolicyChange,
        "generate-root" if is_write => Activity::Elevate,
        "locked-users" if is_write => Activity::Recovery,
        "auth" | "audit" | "config" | "mounts" | "remount" | "namespaces" | "plugins"
        | "quotas" | "rekey" | "rotate" | "seal" | "unseal" | "step-down"
            if is_write =>
        {
            Activity::Admin
        }
        _ => Activity::Access,
    }
}

/// `identity/…`
fn of_identity(rest: &str, is_write: bool) -> Activity {
    let is = |end: &str| rest.starts_with("mfa/method/") && rest.ends_with(end);
    if is("/generate") || is("/admin-generate") {
        Activity::Enroll
    } else if is("/admin-destroy") {
        Activity::FactorReset
    } else if !is_write {
        Activity::Access
    } else if rest.starts_with("mfa/") {
        Activity::PolicyChange
    } else if ["entity", "group", "alias", "persona", "lookup"]
        .iter()
        .any(|family| rest.starts_with(family))
    {
        if rest.starts_with("lookup") { Activity::Access } else { Activity::AccountChange }
    } else {
        Activity::Admin
    }
}
