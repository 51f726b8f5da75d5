//! `rollcall sql`

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use arrow::array::RecordBatch;
use rollcall_lake::{Access, DataDirectory, Lake};
use rollcall_query::{Catalog, Limits, Reached, Settings};
use rustyline::error::ReadlineError;
use tokio::sync::OnceCell;

use crate::cli::{self, Format, Global, SqlArgs};
use crate::config::Config;
use crate::control::Answered;
use crate::{Outcome, control, lake, output, unseen};

/// Answers one query, or asks for them at a prompt.
pub async fn run(args: SqlArgs, global: &Global, config: &Config) -> Result<Outcome> {
    let asker = Asker::new(global, config)?;
    match args.query {
        Some(query) => asker.answer(&query, args.format).await,
        None if std::io::stdin().is_terminal() => prompt(&asker, args.format).await,
        None => piped(&asker, args.format).await,
    }
}

/// The answer to one query of rollcall's own.
pub(super) async fn ask(query: &str, global: &Global, config: &Config) -> Result<Answered> {
    Asker::new(global, config)?.ask(query).await
}

const fn limits(config: &Config) -> Limits {
    Limits {
        rows: config.sql.rows,
        bytes: config.sql.mib << 20,
        time: Duration::from_secs(config.sql.seconds),
        memory_bytes: config.sql.memory_mib << 20,
    }
}

/// Asks the running server, which also sees what isn't sealed yet; where there
/// is none, reads the files.
struct Asker {
    directory: DataDirectory,
    settings: Settings,
    /// The files; not opened while a server answers.
    opened: OnceCell<(Arc<Lake>, Catalog)>,
    limits: Limits,
}

impl Asker {
    async fn open(&self) -> Result<(Arc<Lake>, Catalog)> {
        let lake = Arc::new(Lake::open(self.directory.path(), Access::Read).await?);
        unseen::tell_unsealed(&lake).await;
        let catalog = Catalog::new(Arc::clone(&lake), self.settings.clone())?;
        Ok((lake, catalog))
    }

    fn new(global: &Global, config: &Config) -> Result<Self> {
        Ok(Self {
            directory: DataDirectory::open(global.data(), Access::Read)?,
            settings: lake::query_settings(config)?,
            opened: OnceCell::new(),
            limits: limits(config),
        })
    }

    /// Asks the server where one answers; else the files. Says so where rows may be missing.
    async fn ask(&self, query: &str) -> Result<Answered> {
        if let Some(answered) = control::ask(&self.directory.socket(), query, &self.limits).await? {
            return Ok(answered);
        }
        let (lake, catalog) = self.opened.get_or_try_init(|| self.open()).await?;
        lake.refresh().await?;
        if let Err(error) = catalog.look_for_geoip() {
            output::note(&format!("{error}; the one from before stays in use"));
        }
        let answered = control::answer(catalog, query, &self.limits).await?;
        if self.directory.is_held() {
            output::note(unseen::ONLY_SEALED);
        }
        Ok(answered)
    }

    async fn answer(&self, query: &str, format: Format) -> Result<Outcome> {
        let answered = self.ask(query).await?;
        let rows = answered.batches.iter().map(RecordBatch::num_rows).sum();
        output::write(&answered.schema, &answered.batches, format)?;
        match answered.reached {
            Some(reached) => {
                output::note(&cut_off(rows, reached));
                Ok(Outcome::Found)
            }
            None => Ok(Outcome::Fine),
        }
    }
}

fn cut_off(rows: usize, reached: Reached) -> String {
    let (limit, key) = match reached {
        Reached::Rows => ("rows", "sql.rows"),
        Reached::Bytes => ("bytes", "sql.mib"),
        Reached::Time => ("time", "sql.seconds"),
        Reached::Memory => ("memory", "sql.memory_mib"),
    };
    format!(
        "the result is cut off after {rows} rows: the limit of {limit} was reached ({key} sets it)"
    )
}

/// Queries from a file or a pipe, each up to a line that ends with `;` or the end,
/// answered as they come. The first that fails ends it.
async fn piped(asker: &Asker, format: Format) -> Result<Outcome> {
    let mut outcome = Outcome::Fine;
    let mut query = String::new();
    for line in std::io::stdin().lines().chain([Ok(";".to_owned())]) {
        query.push_str(&line?);
        query.push('\n');
        if let Some(whole) = query.trim().strip_suffix(';') {
            if !whole.trim().is_empty() && asker.answer(whole, format).await? == Outcome::Found {
                outcome = Outcome::Found;
            }
            query.clear();
        }
    }
    Ok(outcome)
}

async fn prompt(asker: &Asker, format: Format) -> Result<Outcome> {
    let mut editor = rustyline::DefaultEditor::new()?;
    let history = history_file();
    if let Some(file) = &history {
        // The first time there is none.
        let _ = editor.load_history(file);
    }
    output::note(
        "tables: events, events_all, attempts, accounts, people, factors, set_aside, quarantine, …  a query ends with ;  \\h shows the functions  \\q ends",
    );
    let mut query = String::new();
    loop {
        let sign = if query.is_empty() { "rollcall> " } else { "     ...> " };
        let line = match editor.readline(sign) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) if !query.is_empty() => {
                query.clear();
                continue;
            }
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => break,
            Err(error) => return Err(error.into()),
        };
        if query.is_empty() && matches!(line.trim(), "\\q" | "quit" | "exit") {
            break;
        }
        if query.is_empty() && line.trim() == "\\h" {
            output::note(&cli::functions_help());
            continue;
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
        if let Err(error) = asker.answer(&whole, format).await {
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
