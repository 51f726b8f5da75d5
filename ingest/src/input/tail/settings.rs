//! One `[[tail.files]]` of the settings, checked.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::input::error::{InputError, check_name};
use crate::input::length;
use crate::source::Sources;

/// Longest path, bytes: it may become the collector's name.
const LONGEST_PATH: usize = 512;

/// Where a file begins to be read that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Beginning {
    /// At its first line.
    #[default]
    Start,
    /// Behind what it holds.
    End,
}

/// Files to follow.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSettings {
    /// A file's path, or a pattern with `*`, `?` and `[…]`; `**` is any folders.
    pub path: String,
    /// The source of all lines; without it each is recognised by its content.
    #[serde(default)]
    pub source: String,
    /// What stands in the column `collector`; the path where it isn't set.
    #[serde(default)]
    pub collector: Option<String>,
    /// Where files begin to be read that are there on the first start of all.
    #[serde(default)]
    pub from: Beginning,
    /// Longest line, bytes.
    #[serde(default)]
    pub max_line_bytes: Option<usize>,
}

/// Files to follow, checked.
#[derive(Debug)]
pub struct Tail {
    pub(super) rules: Rules,
}

/// What is followed, and how patiently.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) pattern: String,
    pub(super) source: String,
    pub(super) collector: String,
    pub(super) from: Beginning,
    /// Longest line, bytes.
    pub(super) most: usize,
    /// Time between two looks for new files.
    pub(super) scan: Duration,
    /// Silence after which the last line of a file that was rotated away counts as ended.
    pub(super) quiet: Duration,
    /// Silence after which such a file isn't followed any more.
    pub(super) keep: Duration,
}

impl Rules {
    /// Whether it may be more than one file.
    pub(super) fn is_pattern(&self) -> bool {
        self.pattern.contains(['*', '?', '['])
    }
}

/// Checks the settings.
///
/// # Errors
/// What is wrong with them.
pub fn open(settings: &[FileSettings], sources: &Sources) -> Result<Vec<Tail>, InputError> {
    let mut names = HashSet::new();
    settings
        .iter()
        .map(|one| {
            let wrong = |detail: String| InputError::Settings {
                table: "tail.files",
                name: one.path.clone(),
                detail,
            };
            let rules = one.rules(sources).map_err(wrong)?;
            if !names.insert(rules.collector.clone()) {
                // Their marks would be one.
                return Err(wrong(format!("there are two collectors {:?}", rules.collector)));
            }
            Ok(Tail { rules })
        })
        .collect()
}

impl FileSettings {
    fn rules(&self, sources: &Sources) -> Result<Rules, String> {
        if !Path::new(&self.path).is_absolute() || self.path.len() > LONGEST_PATH {
            return Err(format!(
                "path is a whole path, such as /var/log/auth.log, of {LONGEST_PATH} bytes at most"
            ));
        }
        glob::Pattern::new(&self.path).map_err(|error| format!("path: {error}"))?;
        if let Some(name) = &self.collector {
            check_name(name)?;
        }
        if !self.source.is_empty() {
            sources.named_of_others(&self.source)?;
        }
        let most = length::longest("max_line_bytes", self.max_line_bytes, length::USUAL)?;
        Ok(Rules {
            pattern: self.path.clone(),
            source: self.source.clone(),
            collector: self.collector.clone().unwrap_or_else(|| self.path.clone()),
            from: self.from,
            most,
            scan: Duration::from_secs(1),
            quiet: Duration::from_secs(10),
            keep: Duration::from_secs(300),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_one_that_others_may_send() {
        let opened = |source: &str| {
            let text = format!("path = \"/var/log/x.log\"\nsource = \"{source}\"");
            let settings: FileSettings = toml::from_str(&text).expect("settings");
            open(&[settings], &Sources::default()).map(|files| files.len())
        };
        assert_eq!(opened("sshd").map_err(|error| error.to_string()), Ok(1));
        let refused = opened("rollcall").expect_err("its own").to_string();
        assert!(refused.contains("nobody's to send"), "{refused}");
    }
}
