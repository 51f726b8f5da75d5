//! `rollcall ledger`

use std::fs;

use anyhow::{Context, Result, bail};
use rollcall_lake::{Access, DataDirectory};
use rollcall_ledger::{Checkpoint, Directory, Note, PublicKeys};

use crate::cli::{Global, LedgerCommand};
use crate::config::Config;
use crate::control::{Answer, Work, perform};
use crate::{Outcome, output};

/// Shows the ledger, or changes its key.
pub async fn run(command: LedgerCommand, global: &Global, config: &Config) -> Result<Outcome> {
    match command {
        LedgerCommand::Show => show(global),
        LedgerCommand::ChangeKey => {
            DataDirectory::open(global.data(), Access::Read)?;
            let Answer::Key(key) = perform(Work::ChangeKey, global, config).await? else {
                bail!("an unexpected answer")
            };
            output::line(&key)?;
            output::note("from now on this key signs; give it to whoever verifies the ledger");
            Ok(Outcome::Fine)
        }
    }
}

fn show(global: &Global) -> Result<Outcome> {
    let directory = DataDirectory::open(global.data(), Access::Read)?;
    let Some(bytes) = Directory::new(directory.ledger()).checkpoint()? else {
        output::line("no ledger has been begun")?;
        return Ok(Outcome::Found);
    };
    let checkpoint = Checkpoint::parse(Note::parse(&bytes)?.text())?;
    output::line(&format!("log      {}", output::visible(&checkpoint.origin)))?;
    output::line(&format!("entries  {}", checkpoint.size))?;
    output::line(&format!(
        "root     {}",
        checkpoint.root.iter().map(|b| format!("{b:02x}")).collect::<String>()
    ))?;
    let path = directory.keys().join("log.pub");
    let keys: PublicKeys = fs::read_to_string(&path)
        .with_context(|| format!("can't read {}", path.display()))?
        .parse()?;
    for line in keys.to_string().lines() {
        let (key, from) = line.rsplit_once(' ').unwrap_or((line, "0"));
        output::line(&format!("key      {} (from entry {from} on)", output::visible(key)))?;
    }
    Ok(Outcome::Fine)
}
