//! A secret from a variable or a file, read each time: it may be replaced. It is never
//! part of the settings, and so of nothing that shows them.

use std::env;
use std::fs;
use std::path::PathBuf;

/// Why there is no secret; never the secret itself.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SecretError(String);

/// Where a secret is.
#[derive(Debug, Clone)]
pub enum Secret {
    /// In a variable of the environment.
    Variable(String),
    /// In a file.
    File(PathBuf),
}

impl Secret {
    /// The one that is set, if any: by the keys `KEY_env` and `KEY_file` of some settings.
    ///
    /// # Errors
    /// If both are, or what should be a variable's name is none: somebody may have put
    /// the secret there, so it isn't shown.
    pub fn of(
        key: &str,
        env: Option<&str>,
        file: Option<&PathBuf>,
    ) -> Result<Option<Self>, SecretError> {
        match (env, file) {
            (None, None) => Ok(None),
            (Some(name), None) if is_name(name) => Ok(Some(Self::Variable(name.to_owned()))),
            (Some(_), None) => Err(SecretError(format!(
                "{key}_env takes the name of a variable that holds the secret, not the secret"
            ))),
            (None, Some(path)) => Ok(Some(Self::File(path.clone()))),
            (Some(_), Some(_)) => {
                Err(SecretError(format!("set {key}_env or {key}_file, not both")))
            }
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// If there is none, or it isn't one line of printable ASCII.
    pub fn read(&self) -> Result<String, SecretError> {
        let (text, place) = self.text()?;
        let secret = text.trim();
        if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SecretError(format!(
                "{place} should hold one line of printable ASCII without spaces"
            )));
        }
        Ok(secret.to_owned())
    }

    /// Reads one that is a document: a key with what belongs to it.
    ///
    /// # Errors
    /// If there is none.
    pub fn read_document(&self) -> Result<String, SecretError> {
        let (text, place) = self.text()?;
        if text.trim().is_empty() {
            return Err(SecretError(format!("{place} is empty")));
        }
        Ok(text)
    }

    /// What is there, and where that is.
    fn text(&self) -> Result<(String, String), SecretError> {
        Ok(match self {
            Self::Variable(name) => {
                let unset = || SecretError(format!("the variable {name} isn't set"));
                (env::var(name).map_err(|_| unset())?, name.clone())
            }
            Self::File(path) => {
                let place = path.display().to_string();
                let unread = |error| SecretError(format!("can't read {place}: {error}"));
                (fs::read_to_string(path).map_err(unread)?, place)
            }
        })
    }
}

/// Whether it can be a variable's name.
fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let starts = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    starts && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_variables_name_is_not_shown() {
        let refused = Secret::of("token", Some("00abc-secret"), None).expect_err("refused");
        assert!(!refused.to_string().contains("00abc"), "{refused}");
        assert!(refused.to_string().contains("token_env"), "{refused}");
    }

    #[test]
    fn a_file_is_read_anew_and_must_hold_one_line() {
        let scratch = tempfile::tempdir().expect("a directory");
        let path = scratch.path().join("token");
        let secret = Secret::of("token", None, Some(&path)).expect("settings").expect("a secret");
        assert!(secret.read().expect_err("no file").to_string().contains("can't read"));
        fs::write(&path, "abc\n").expect("a file");
        assert_eq!(secret.read().expect("a secret"), "abc");
        fs::write(&path, "two words").expect("a file");
        let refused = secret.read().expect_err("two words").to_string();
        assert!(refused.contains("one line") && !refused.contains("two words"), "{refused}");
        let both = Secret::of("token", Some("A"), Some(&path)).expect_err("both").to_string();
        assert!(both.contains("not both"), "{both}");
    }

    #[test]
    fn a_document_may_have_lines_and_must_have_something() {
        let scratch = tempfile::tempdir().expect("a directory");
        let path = scratch.path().join("key.json");
        let secret = Secret::File(path.clone());
        fs::write(&path, "{\n  \"a\": 1\n}\n").expect("a file");
        assert_eq!(secret.read_document().expect("a document"), "{\n  \"a\": 1\n}\n");
        fs::write(&path, " \n").expect("a file");
        assert!(secret.read_document().expect_err("nothing").to_string().contains("is empty"));
    }
}
