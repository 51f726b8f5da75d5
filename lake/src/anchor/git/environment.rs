//! All that git is told but for its arguments: nothing of the user's or the system's
//! settings; no hooks, no helpers, no questions, no other protocol than the address's.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use super::address::Address;

/// git's own settings, whatever else is set.
const SETTINGS: [(&str, &str); 9] = [
    ("core.hooksPath", "/dev/null"),
    ("core.fsync", "committed"),
    ("credential.helper", ""),
    ("http.followRedirects", "false"),
    ("http.proxy", ""),
    ("protocol.version", "2"),
    ("transfer.fsckObjects", "true"),
    ("gc.autoDetach", "false"),
    ("init.defaultBranch", "main"),
];

/// Variables that don't depend on anything.
const FIXED: [(&str, &str); 13] = [
    ("LC_ALL", "C"),
    ("TZ", "UTC"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_SYSTEM", "/dev/null"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_AUTHOR_NAME", "rollcall"),
    ("GIT_AUTHOR_EMAIL", "rollcall@localhost"),
    ("GIT_COMMITTER_NAME", "rollcall"),
    ("GIT_COMMITTER_EMAIL", "rollcall@localhost"),
    ("GIT_SSH_VARIANT", "ssh"),
];

/// All variables of a command in a bare clone; `more` are settings of this command.
pub(super) fn environment(
    address: &Address,
    clone: &Path,
    more: &[(&'static str, String)],
) -> Vec<(String, OsString)> {
    let mut variables: Vec<(String, OsString)> =
        FIXED.iter().map(|(name, value)| ((*name).to_owned(), value.into())).collect();
    let mut set = |name: &str, value: OsString| variables.push((name.to_owned(), value));
    if let Some(path) = env::var_os("PATH") {
        set("PATH", path);
    }
    set("GIT_ALLOW_PROTOCOL", address.scheme().into());
    set("GIT_SSH_COMMAND", address.ssh().into());
    set("GIT_DIR", clone.into());
    set("HOME", clone.into());
    set("GIT_INDEX_FILE", clone.join("anchor.index").into());
    let settings = SETTINGS.iter().map(|(key, value)| (*key, *value));
    let settings = settings.chain(more.iter().map(|(key, value)| (*key, value.as_str())));
    let mut count = 0;
    for (key, value) in settings {
        set(&format!("GIT_CONFIG_KEY_{count}"), key.into());
        set(&format!("GIT_CONFIG_VALUE_{count}"), value.into());
        count += 1;
    }
    set("GIT_CONFIG_COUNT", count.to_string().into());
    variables
}
