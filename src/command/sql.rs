//! `rollcall sql`

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use rollcall_lake::Lake;
use rollcall_query::{Catalog, End, Limits, Reached};
use rustyline::error::ReadlineError;

use crate::cli::{Format, Global, SqlArgs};
use crate::config::Config;
use crate::{Outcome, lake, output};

/// Answers one query, or asks for them at a prompt.
pub async fn run(args: SqlArgs, global: &Global, config: &Config) -> Result<Outcome> {
    let lake = lake::to_read(global).await?;
    let catalog = Catalog::new(Arc::clone(&lake), lake::query_settings(config)?)?;
    if beside_a_server(&lake) {
        output::note("a server is running on this data; what it hasn't sealed yet isn't seen here");
    }
    match args.query {
        Some(query) => answer(&catalog, &query, args.format, config).await,
        None => prompt(&catalog, &lake, args.format, config).await,
    }
}

/// Whether another process writes to the directory.
fn beside_a_server(lake: &Lake) -> bool {
    std::os::unix::net::UnixStream::connect(lake.directory().socket()).is_ok()
}

const fn limits(config: &Config) -> Limits {
    Limits {
        rows: config.sql.rows,
        bytes: config.sql.mib << 20,
        time: Duration::from_secs(config.sql.seconds),
        memory_bytes: config.sql.memory_mib << 20,
    }
}

async fn answer(
    catalog: &Catalog,
    query: &str,
    format: Format,
    config: &Config,
) -> Result<Outcome> {
    let typed = catalog.session().typed(query, &limits(config)).await?;
    let schema = Arc::clone(&typed.schema);
    let (batches, end) = typed.collect().await?;
    output::write(&schema, &batches, format)?;
    match end.and_then(|end| end.reached.map(|reached| (end, reached))) {
        Some((end, reached)) => {
            output::note(&cut_off(&end, reached));
            Ok(Outcome::Found)
        }
        None => Ok(Outcome::Fine),
    }
}

fn cut_off(end: &End, reached: Reached) -> String {
    let (limit, key) = match reached {
        Reached::Rows => ("rows", "sql.rows"),
        Reached::Bytes => ("bytes", "sql.mib"),
        Reached::Time => ("time", "sql.seconds"),
        Reached::Memory => ("memory", "sql.memory_mib"),
    };
    format!(
        "the result is cut off after {} rows: the limit of {limit} was reached ({key} sets it)",
        end.rows
    )
}

async fn prompt(
    catalog: &Catalog,
    lake: &Lake,
    format: Format,
    config: &Config,
) -> Result<Outcome> {
    let mut editor = rustyline::DefaultEditor::new()?;
    let history = history_file();
    if let Some(file) = &history {
        // The first time there is none.
        let _ = editor.load_history(file);
    }
    if std::io::stdin().is_terminal() {
        output::note(
            "tables: events, events_all, attempts, accounts, people, factors, set_aside, quarantine, …  \\q ends",
        );
    }
    let mut query = String::new();
    loop {
        let sign = if query.is_empty() { "rollcall> " } else { "     ...> " };
        let line = match editor.readline(sign) {
            Ok(line) => line,
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => break,
            Err(error) => return Err(error.into()),
        };
        if query.is_empty() && matches!(line.trim(), "\\q" | "quit" | "exit") {
            break;
        }
        query.push_str(&line);
        query.push('\n');
        if query.trim().is_empty() {
            query.clear();
        }
        if !query.trim_end().ends_with(';') {
            continue;
        }
        let whole = query.trim().trim_end_matches(';').to_owned();
        query.clear();
        let _ = editor.add_history_entry(format!("{whole};"));
        lake.refresh().await?;
        if let Err(error) = answer(catalog, &whole, format, config).await {
            output::note(&format!("{error:#}"));
        }
    }
    if let Some(file) = &history {
        let _ = editor.save_history(file);
    }
    Ok(Outcome::Fine)
}

fn history_file() -> Option<std::path::PathBuf> {
    let home = std::env::var_os("HOME")?;
    Some(std::path::PathBuf::from(home).join(".rollcall_history"))
}
