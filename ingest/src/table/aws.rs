//! AWS' IAM credential report (IAM, "Generate credential reports for your AWS account"): who
//! has MFA, but not which. Several accounts' reports may stand behind each other in one file.
//! CloudTrail's events name a user without the account: what two accounts say differently of
//! one name would hide one of them, and is refused.

use std::collections::HashMap;

use super::factors::Row;
use super::rows::Rows;
use crate::error::Result;

/// The source of these accounts' events.
const SOURCE: &str = "cloudtrail";
/// How the report calls the root user, and how CloudTrail does.
const ROOT: (&str, &str) = ("<root_account>", "root");

/// Whether a file is one.
pub(super) fn is_report(file: &Rows) -> bool {
    ["user", "arn", "mfa_active"].iter().all(|column| file.has(column))
}

/// Its rows, as of the day on which the file was written: the report doesn't say.
pub(super) fn rows(file: &Rows) -> Result<Vec<Row<'_>>> {
    let mut rows = Vec::new();
    let mut known: HashMap<String, (&str, &str)> = HashMap::new();
    for line in file.lines() {
        let user = line.needed("user")?;
        // The header of the next account's report.
        if user == "user" && line.text("arn") == Some("arn") {
            continue;
        }
        let login = if user == ROOT.0 { ROOT.1.to_owned() } else { user.to_lowercase() };
        let has_mfa = line.word("mfa_active", &["true", "false"], "")?;
        let factor = match has_mfa {
            "true" => "unknown",
            "false" => "none",
            _ => return Err(line.wrong("mfa_active is empty; it is needed".to_owned())),
        };
        let account = line.text("arn").and_then(|arn| arn.split(':').nth(4)).unwrap_or("?");
        match known.get(&login) {
            // The same of another account's.
            Some((_, said)) if *said == has_mfa => continue,
            Some((other, said)) => {
                return Err(line.wrong(format!(
                    "mfa_active of {login} is {has_mfa} in account {account} and {said} in \
                     {other}, and CloudTrail's events don't tell the two apart: leave one \
                     account's line out, or have both alike"
                )));
            }
            None => known.insert(login.clone(), (account, has_mfa)),
        };
        rows.push(Row {
            as_of: file.written_on,
            source: SOURCE,
            login,
            factor,
            enrolled_on: None,
            status: "active",
        });
    }
    Ok(rows)
}
