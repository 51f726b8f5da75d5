//! `rollcall generate`

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};

use anyhow::{Context, Result};
use chrono::Utc;
use rollcall_simulate::{Company, Feed, Plan};

use crate::cli::GenerateArgs;
use crate::progress::Progress;
use crate::{Outcome, output};

/// Writes one file a feed, the directory, weekly factor snapshots and the labels
/// of the incidents.
pub fn run(args: &GenerateArgs) -> Result<Outcome> {
    let until = args.until.unwrap_or_else(Utc::now);
    let company = Company::new(&Plan::new(args.seed, until));
    let out = &args.out;
    fs::create_dir_all(out).with_context(|| format!("can't make {}", out.display()))?;
    let mut files: BTreeMap<Feed, BufWriter<File>> = BTreeMap::new();
    for feed in Feed::ALL {
        let extension = if feed == Feed::Sshd { "log" } else { "ndjson" };
        let path = out.join(format!("{}.{extension}", feed.as_str()));
        let file =
            File::create(&path).with_context(|| format!("can't write {}", path.display()))?;
        files.insert(feed, BufWriter::with_capacity(1 << 20, file));
    }
    let progress = Progress::begin("generating");
    let mut records = 0_u64;
    let days: Vec<_> = company.days().collect();
    let skip = args.days.map_or(0, |wanted| days.len().saturating_sub(wanted));
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
    for day in snapshot_days(&company) {
        fs::write(out.join(format!("factors-{day}.csv")), company.factors_csv(day))?;
    }
    fs::write(out.join("incidents.json"), serde_json::to_string_pretty(&company.incidents())?)?;
    progress.end();
    output::line(&format!("{records} records in {}", out.display()))?;
    Ok(Outcome::Fine)
}

/// One day a week, and the last.
pub fn snapshot_days(company: &Company) -> Vec<chrono::NaiveDate> {
    let days: Vec<_> = company.days().collect();
    let Some(last) = days.last().copied() else {
        return Vec::new();
    };
    let mut some: Vec<_> = days.into_iter().step_by(7).collect();
    if some.last() != Some(&last) {
        some.push(last);
    }
    some
}
