//! `rollcall generate`

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};

use anyhow::{Context, Result};
use chrono::Utc;
use rollcall_simulate::{Company, Feed, Plan};

use crate::cli::GenerateArgs;
use crate::progress::Progress;
use crate::{Outcome, output, usage};

/// Writes one file a feed into `logs`, and beside it the directory, the factors of
/// each day and the labels of the incidents.
pub fn run(args: &GenerateArgs) -> Result<Outcome> {
    let until = args.history.until.unwrap_or_else(Utc::now);
    let plan = Plan { rehearsal: args.rehearsal, ..Plan::new(args.history.seed, until) };
    let company = Company::new(&plan);
    let out = &args.out;
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(usage(format!("{} isn't empty; --out takes a new folder", out.display())));
    }
    let logs = out.join("logs");
    fs::create_dir_all(&logs).with_context(|| format!("can't make {}", logs.display()))?;
    let mut files: BTreeMap<Feed, BufWriter<File>> = BTreeMap::new();
    for feed in Feed::ALL {
        let extension = if feed == Feed::Sshd { "log" } else { "ndjson" };
        let path = logs.join(format!("{}.{extension}", feed.as_str()));
        let file =
            File::create(&path).with_context(|| format!("can't write {}", path.display()))?;
        files.insert(feed, BufWriter::with_capacity(1 << 20, file));
    }
    let progress = Progress::begin("generating");
    let mut records = 0_u64;
    let days: Vec<_> = company.days().collect();
    let skip = args.history.days.map_or(0, |wanted| days.len().saturating_sub(wanted));
    for day in days.into_iter().skip(skip) {
        progress.tell(format!("{day}: {records} records"));
        for record in company.day(day).into_iter().filter(|record| record.time <= until) {
            if let Some(file) = files.get_mut(&record.feed) {
                writeln!(file, "{}", record.line)?;
                records += 1;
            }
        }
    }
    for file in files.values_mut() {
        file.flush()?;
    }
    fs::write(out.join("people.csv"), company.people_csv())?;
    fs::write(out.join("factors.csv"), factors(&company))?;
    fs::write(out.join("incidents.json"), serde_json::to_string_pretty(&company.incidents())?)?;
    if args.rehearsal {
        let alike = serde_json::to_string_pretty(&company.look_alikes())?;
        fs::write(out.join("look_alikes.json"), alike)?;
    }
    progress.end();
    output::line(&format!("{records} records in {}", out.display()))?;
    Ok(Outcome::Fine)
}

/// The factors of every day, in one file.
pub fn factors(company: &Company) -> String {
    let mut all = String::new();
    for day in company.days() {
        let csv = company.factors_csv(day);
        let (header, rows) = csv.split_once('\n').unwrap_or((&csv, ""));
        if all.is_empty() {
            all.push_str(header);
            all.push('\n');
        }
        all.push_str(rows);
    }
    all
}
