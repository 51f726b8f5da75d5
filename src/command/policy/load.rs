//! `rollcall policy load`

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::check;
use crate::cli::Global;
use crate::config::Config;
use crate::control::{Answer, Work, perform};
use crate::{Outcome, output};

/// Checks policies, and stores them if all can be.
pub async fn run(files: &[PathBuf], global: &Global, config: &Config) -> Result<Outcome> {
    let around = check::surroundings(global, config).await?;
    let mut policies = Vec::new();
    let mut outcome = Outcome::Fine;
    for path in files {
        let (policy, checked) = check::read(path, &around)?;
        check::tell(path, &checked)?;
        if !checked.faults.is_empty() {
            outcome = Outcome::Found;
        }
        match policy {
            Some(policy) if checked.can_be_loaded() => policies.push(policy),
            _ => {
                output::note("nothing was loaded: put right what is wrong first");
                return Ok(Outcome::Found);
            }
        }
    }
    for policy in policies {
        let answer = perform(Work::Policy(policy.text), global, config).await?;
        let Answer::Policy(loaded) = answer else { bail!("an unexpected answer: {answer:?}") };
        let (name, version) = (&loaded.policy, loaded.version);
        output::line(&if loaded.already {
            format!(
                "{name} version {version} was loaded before with the same text; nothing changed"
            )
        } else {
            format!(
                "{name} version {version} is loaded: {}, effective {}",
                loaded.phase,
                loaded.effective.format("%Y-%m-%d %H:%M:%S UTC")
            )
        })?;
    }
    Ok(outcome)
}
