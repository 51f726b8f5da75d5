//! A large company's events of eight months, with its directory and factors, in a data
//! directory: what the dashboard is measured on.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rollcall_simulate::{Company, Feed, Plan};

use crate::rollcall;

/// The moment until which there is history.
pub const UNTIL: &str = "2026-08-20T12:00:00Z";
/// Records that a person makes in that time, roughly, machines included.
const A_PERSON: u64 = 5_200;

/// The data directory; made where it isn't there yet.
pub fn data(folder: &Path, events: u64) -> PathBuf {
    let data = folder.join("company");
    if data.exists() {
        return data;
    }
    let until: DateTime<Utc> = UNTIL.parse().expect("a time");
    let people = usize::try_from(events / A_PERSON).expect("people").max(20);
    let company = Company::new(&Plan { people, ..Plan::new(7, until) });
    let files = folder.join("company-files");
    std::fs::create_dir_all(&files).expect("a folder");
    let days: Vec<NaiveDate> = company.days().collect();
    let factors = files.join("factors.csv");
    let csv: String = days
        .iter()
        .enumerate()
        .map(|(number, day)| {
            let csv = company.factors_csv(*day);
            // One head for all.
            if number == 0 { csv } else { csv.split_once('\n').expect("a head").1.to_owned() }
        })
        .collect();
    std::fs::write(&factors, csv).expect("written");
    let directory = files.join("people.csv");
    std::fs::write(&directory, company.people_csv()).expect("written");
    let mut weeks: BTreeMap<_, Vec<NaiveDate>> = BTreeMap::new();
    for day in days {
        weeks.entry((day.iso_week().year(), day.iso_week().week())).or_default().push(day);
    }
    for week in weeks.values() {
        import(&data, &write(&company, week, until, &files));
    }
    run(&data, &["people", "import"], &[directory]);
    run(&data, &["factors", "import"], &[factors]);
    data
}

/// One file a feed.
fn write(
    company: &Company,
    days: &[NaiveDate],
    until: DateTime<Utc>,
    folder: &Path,
) -> Vec<PathBuf> {
    let mut files: BTreeMap<Feed, (PathBuf, BufWriter<File>)> = BTreeMap::new();
    for day in days {
        for record in company.day(*day).into_iter().filter(|record| record.time <= until) {
            let (_, file) = files.entry(record.feed).or_insert_with(|| {
                let ending = if record.feed == Feed::Sshd { "log" } else { "ndjson" };
                let path = folder.join(format!("{}-{}.{ending}", record.feed.as_str(), days[0]));
                let file = File::create(&path).expect("a file");
                (path, BufWriter::new(file))
            });
            writeln!(file, "{}", record.line).expect("written");
        }
    }
    let close = |(path, mut file): (PathBuf, BufWriter<File>)| {
        file.flush().expect("written");
        path
    };
    files.into_values().map(close).collect()
}

fn import(data: &Path, files: &[PathBuf]) {
    run(data, &["ingest"], files);
    for file in files {
        std::fs::remove_file(file).expect("removed");
    }
}

fn run(data: &Path, command: &[&str], files: &[PathBuf]) {
    let status =
        Command::new(rollcall()).args(command).args(files).arg("--data").arg(data).status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?} failed");
}
