//! SCIM 2.0 (RFC 7643, RFC 7644): an identity provider writes the directory by itself, as far
//! as Okta and Entra need it. What it writes is durable before it is answered; within seconds
//! it is a change of the table `people`, with its time.
//!
//! ```text
//! fault      what is wrong with a request, in SCIM's words
//! name       attributes and schemas by name
//! path       paths and filters of attributes
//! resource   a user or a group, as the provider wrote it
//! patch      a PATCH's operations, in the forms that vendors send
//! list       which resources of all, a page of them, which attributes
//! document   what the service says of itself
//! journal    the file that keeps them
//! store      users and groups, and what the table has of them
//! people     users and groups as people of the directory
//! directory  all of it, and the changes of the table
//! ```

mod directory;
mod document;
mod fault;
mod journal;
mod list;
mod name;
mod patch;
mod path;
mod people;
mod resource;
mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::Utc;
use rollcall_lake::DataDirectory;

use crate::error::Result;
use crate::table::person::Person;

pub(crate) use directory::Change;
pub use directory::Scim;
pub(crate) use document::document;
pub(crate) use fault::Fault;
pub(crate) use list::Query;
pub(crate) use resource::{Kind, Resource};

/// The scope of a token that may provision people; such a token sends no events.
pub const SCOPE: &str = "scim";

/// What users and groups say of people, by the user's id.
pub(crate) type Provisioned = Vec<people::Said>;

/// What SCIM has provisioned, read beside whoever writes it. Blocks.
///
/// # Errors
/// If the file can't be read or is damaged.
pub(crate) fn provisioned(directory: &DataDirectory) -> Result<Provisioned> {
    let store = store::Store::read(&directory.scim())?;
    Ok(store.said())
}

/// The people of a file with those that are provisioned: what SCIM says of someone goes
/// before what the file says, and whom only SCIM knows is added.
pub(crate) fn with_provisioned(people: Vec<Person>, provisioned: &Provisioned) -> Vec<Person> {
    let today = store::day(Utc::now());
    let changes = people::changes(&people, provisioned, &BTreeMap::new(), today);
    people::with_changes(people, changes.people)
}

/// Takes whoever is meant out of the file, where no server has it open. Returns how many
/// users went. Blocks.
///
/// # Errors
/// If the file can't be read or written.
pub fn forget(directory: &DataDirectory, is_meant: impl Fn(&str) -> bool) -> Result<usize> {
    let path = directory.scim();
    if !path.exists() {
        return Ok(0);
    }
    store::Store::open(path)?.forget(is_meant)
}
