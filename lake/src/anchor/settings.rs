//! The settings of anchors: a table each, `kind` tells which.
//!
//! ```toml
//! [[ledger.anchors]]
//! name = "witness"
//! kind = "witness"
//! url = "https://witness.example"        # its submission prefix
//! key = "witness.example/w1+…+B…"        # its verifier key for cosignatures
//!
//! [[ledger.anchors]]
//! name = "repository"
//! kind = "git"
//! url = "https://git.example/audit.git"  # or ssh://git@…, with ssh_key and known_hosts
//! token_env = "AUDIT_TOKEN"              # or token_file
//!
//! [[ledger.anchors]]
//! name = "bucket"
//! kind = "object"
//! url = "s3://audit/rollcall"            # with object lock as the bucket's default
//! env_prefix = "AUDIT_"                  # AUDIT_AWS_ACCESS_KEY_ID and so on
//!
//! [[ledger.anchors]]
//! name = "clock"
//! kind = "time_stamp"
//! url = "https://tsa.example"
//! ca = "/etc/rollcall/tsa-root.pem"
//! every_minutes = 60
//!
//! [[ledger.anchors]]
//! name = "chat"
//! kind = "hook"
//! url = "https://hooks.example/rollcall"
//! token_file = "/run/secrets/hook"
//! ```

use std::path::Path;

use serde::Deserialize;
use url::Url;

use super::error::{AnchorError, AnchorResult};
use super::git::GitSettings;
use super::hook::HookSettings;
use super::object::ObjectSettings;
use super::time_stamp::TimeStampSettings;
use super::witness::WitnessSettings;

/// One anchor.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnchorSettings {
    /// A witness (c2sp.org/tlog-witness).
    Witness(WitnessSettings),
    /// A Git repository.
    Git(GitSettings),
    /// An HTTP hook.
    Hook(HookSettings),
    /// A folder of an object store or another disk.
    Object(ObjectSettings),
    /// A time-stamp authority (RFC 3161).
    TimeStamp(TimeStampSettings),
}

/// Minutes between two checkpoints for one anchor, where its settings don't say.
pub(super) const fn every_minute() -> u32 {
    1
}

impl AnchorSettings {
    /// Its name: of its folder of receipts too.
    pub fn name(&self) -> &str {
        match self {
            Self::Witness(of) => &of.name,
            Self::Git(of) => &of.name,
            Self::Hook(of) => &of.name,
            Self::Object(of) => &of.name,
            Self::TimeStamp(of) => &of.name,
        }
    }

    /// What it is, in words.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Witness(_) => "witness",
            Self::Git(_) => "Git repository",
            Self::Hook(_) => "HTTP hook",
            Self::Object(_) => "object store",
            Self::TimeStamp(_) => "time-stamp authority",
        }
    }

    /// Refuses one that lies beside its ledger: who puts that back puts it back too.
    pub(super) fn refuse_within(&self, ledger: &Path) -> AnchorResult<()> {
        let url = match self {
            Self::Git(of) => &of.url,
            Self::Object(of) => &of.url,
            Self::Witness(_) | Self::Hook(_) | Self::TimeStamp(_) => return Ok(()),
        };
        let data = ledger.parent().unwrap_or(ledger);
        let local = Url::parse(url).ok().filter(|url| url.scheme() == "file");
        let Some(path) = local.and_then(|url| url.to_file_path().ok()) else { return Ok(()) };
        if is_within(&path, data) {
            return Err(AnchorError::Settings(format!(
                "{url} lies in the data directory: whoever puts that back puts it back too; name a place on another disk or host"
            )));
        }
        Ok(())
    }

    /// Minutes between two of its checkpoints.
    pub(super) fn every_minutes(&self) -> u32 {
        let minutes = match self {
            Self::Witness(of) => of.every_minutes,
            Self::Git(of) => of.every_minutes,
            Self::Hook(of) => of.every_minutes,
            Self::Object(of) => of.every_minutes,
            Self::TimeStamp(of) => of.every_minutes,
        };
        minutes.max(1)
    }
}

/// Whether a path leads into a folder, also over links; it needn't exist yet.
fn is_within(path: &Path, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    let there = path.ancestors().find_map(|above| above.canonicalize().ok());
    path.starts_with(&folder) || there.is_some_and(|there| there.starts_with(&folder))
}

/// Checks names: each of its own, and fit for a folder.
pub(super) fn check_names(settings: &[AnchorSettings]) -> AnchorResult<()> {
    let mut names: Vec<&str> = settings.iter().map(AnchorSettings::name).collect();
    for name in &names {
        let mut bytes = name.bytes();
        let starts = bytes.next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        let goes_on = bytes.all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !starts || !goes_on || name.len() > 64 {
            let detail = format!(
                "{name:?} can't be an anchor's name: a letter or digit, then letters, digits, - and _, 64 at most"
            );
            return Err(AnchorError::Settings(detail));
        }
    }
    names.sort_unstable();
    match names.windows(2).find(|pair| pair.first() == pair.last()) {
        Some([name, ..]) => {
            Err(AnchorError::Settings(format!("there are two anchors named {name:?}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct File {
        anchor: Vec<AnchorSettings>,
    }

    fn read(text: &str) -> Result<Vec<AnchorSettings>, String> {
        toml::from_str::<File>(text).map(|file| file.anchor).map_err(|error| error.to_string())
    }

    #[test]
    fn every_kind_is_a_table_with_its_own_keys() {
        let settings = read(
            r#"
            [[anchor]]
            name = "w"
            kind = "witness"
            url = "https://witness.example"
            key = "w+00000000+AA"
            [[anchor]]
            name = "g"
            kind = "git"
            url = "https://git.example/log.git"
            token_env = "TOKEN"
            [[anchor]]
            name = "h"
            kind = "hook"
            url = "https://hook.example"
            token_file = "/run/token"
            [[anchor]]
            name = "o"
            kind = "object"
            url = "s3://bucket/log"
            [[anchor]]
            name = "t"
            kind = "time_stamp"
            url = "http://tsa.example"
            ca = "/etc/tsa.pem"
            "#,
        )
        .expect("settings");
        let names: Vec<&str> = settings.iter().map(AnchorSettings::name).collect();
        assert_eq!(names, ["w", "g", "h", "o", "t"]);
        let minutes: Vec<u32> = settings.iter().map(AnchorSettings::every_minutes).collect();
        assert_eq!(minutes, [1, 1, 1, 1, 60]);
    }

    #[test]
    fn a_key_of_another_kind_is_refused() {
        let of = |rest: &str| read(&format!("[[anchor]]\nname = 'a'\nurl = 'https://x'\n{rest}"));
        of("kind = 'hook'").expect("settings");
        for wrong in ["kind = 'hook'\nkey = 'x'", "kind = 'witness'", "kind = 'fax'", "ca = 'x'"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_lies_beside_the_ledger_is_no_anchor() {
        let scratch = tempfile::tempdir().expect("a directory");
        let data = scratch.path().join("data");
        std::fs::create_dir_all(data.join("ledger")).expect("folders");
        std::os::unix::fs::symlink(&data, scratch.path().join("link")).expect("a link");
        let of = |kind: &str, path: &str| {
            let url = format!("file://{}/{path}", scratch.path().display());
            let settings = read(&format!("[[anchor]]\nname = 'a'\nkind = '{kind}'\nurl = '{url}'"));
            settings.expect("settings")[0].refuse_within(&data.join("ledger"))
        };
        for kind in ["git", "object"] {
            for inside in ["data/held", "data/ledger/anchors/a/x", "link/held"] {
                let refused = of(kind, inside).expect_err(inside).to_string();
                assert!(refused.contains("lies in the data directory"), "{refused}");
            }
            of(kind, "elsewhere/held").expect("another place");
            of(kind, "database").expect("a name that only begins like it");
        }
    }

    #[test]
    fn names_are_folders_and_each_anchors_own() {
        let hook = |name: &str| {
            read(&format!("[[anchor]]\nkind = 'hook'\nurl = 'x'\nname = '{name}'"))
                .expect("settings")
        };
        check_names(&[hook("a-1"), hook("b_2")].concat()).expect("names");
        assert!(check_names(&[hook("a"), hook("a")].concat()).is_err());
        for wrong in ["", "..", "a/b", "-a", "ä", ".git", &"a".repeat(65)] {
            assert!(check_names(&hook(wrong)).is_err(), "{wrong}");
        }
    }
}
