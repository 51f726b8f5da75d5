//! What the directory of people knows of someone.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::AsArray;

use crate::blocking::blocking;
use crate::error::Result;
use crate::lake::Lake;
use crate::read::read_rows;
use crate::segment::Segment;
use crate::table::Table;

/// A row of the directory: id, login, name.
type Entry = (String, String, Option<String>);

impl Lake {
    /// What the directory of people knows of someone, in any of its imports: ids, logins,
    /// names. A name that somebody else has too is left out.
    ///
    /// # Errors
    /// If a file can't be read.
    pub async fn texts_about(&self, person: &str) -> Result<Vec<String>> {
        let person = person.to_lowercase();
        let segments = self.snapshot().table(Table::People).segments;
        blocking(move || Ok(about(&person, &directory(&segments)?))).await
    }
}

fn about(person: &str, directory: &[Entry]) -> Vec<String> {
    let is_named =
        |(id, login, _): &&Entry| [id, login].iter().any(|t| t.to_lowercase() == *person);
    let ids: HashSet<&String> = directory.iter().filter(is_named).map(|(id, ..)| id).collect();
    let (own, others): (Vec<_>, Vec<_>) = directory.iter().partition(|(id, ..)| ids.contains(id));
    let of_others: HashSet<_> = others.iter().filter_map(|(.., name)| name.as_ref()).collect();
    let names = own.iter().filter_map(|(.., name)| name.as_ref());
    let names = names.filter(|name| !of_others.contains(name));
    let accounts = own.iter().flat_map(|(id, login, _)| [id, login]);
    accounts.chain(names).cloned().collect()
}

fn directory(segments: &[Arc<Segment>]) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for segment in segments {
        for batch in read_rows(segment, &["id", "login", "name"], None)? {
            let column = |name| batch.column_by_name(name).map(|c| c.as_string_view());
            let (Some(ids), Some(logins), Some(names)) =
                (column("id"), column("login"), column("name"))
            else {
                continue;
            };
            for ((id, login), name) in ids.iter().zip(logins).zip(names) {
                if let (Some(id), Some(login)) = (id, login) {
                    entries.push((id.to_owned(), login.to_owned(), name.map(str::to_owned)));
                }
            }
        }
    }
    Ok(entries)
}
