//! A token from a variable or a file, read each time: it may be replaced.

use std::env;
use std::fs;
use std::path::PathBuf;

use super::error::{AnchorError, AnchorResult};
use crate::error::LakeError;

/// Where a token is.
#[derive(Debug, Clone)]
pub(super) enum Secret {
    Variable(String),
    File(PathBuf),
}

impl Secret {
    /// The one that is set, if any.
    pub(super) fn of(env: Option<&str>, file: Option<&PathBuf>) -> AnchorResult<Option<Self>> {
        match (env, file) {
            (None, None) => Ok(None),
            (Some(name), None) => Ok(Some(Self::Variable(name.to_owned()))),
            (None, Some(path)) => Ok(Some(Self::File(path.clone()))),
            (Some(_), Some(_)) => {
                Err(AnchorError::Settings("set token_env or token_file, not both".to_owned()))
            }
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// If there is none, or it isn't one line.
    pub(super) fn read(&self) -> AnchorResult<String> {
        let (text, place) = match self {
            Self::Variable(name) => {
                let unset = || AnchorError::Settings(format!("the variable {name} isn't set"));
                (env::var(name).map_err(|_| unset())?, name.clone())
            }
            Self::File(path) => {
                let text = fs::read_to_string(path).map_err(LakeError::file("can't read", path))?;
                (text, path.display().to_string())
            }
        };
        let token = text.trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let detail = format!("{place} should hold one line of printable ASCII without spaces");
            return Err(AnchorError::Settings(detail));
        }
        Ok(token.to_owned())
    }
}
