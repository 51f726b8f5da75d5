//! Requests in the shapes that vendors send (Microsoft, "Develop and plan provisioning for a
//! SCIM endpoint in Microsoft Entra ID"; Okta, "Understanding SCIM"), and what becomes of
//! them in the directory.

mod directory;
mod requests;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::journal::Entry;
use super::patch::patched;
use super::resource::{Kind, Resource};
use super::store::Store;

/// A store in a folder of its own.
struct Shelf {
    store: Store,
    folder: tempfile::TempDir,
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("an object: {other}"),
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// Noon of the day on which everything happens where nothing else is said.
const NOON: &str = "2026-03-02T12:00:00Z";

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path().join("scim")).expect("a store");
        Self { store, folder }
    }

    /// The same file, read again.
    fn reopened(self) -> Self {
        let Self { store, folder } = self;
        drop(store);
        let store = Store::open(folder.path().join("scim")).expect("the same store");
        Self { store, folder }
    }

    fn make_at(&mut self, kind: Kind, body: Value, now: &str) -> Result<Resource, Fault> {
        let (number, resource) = self.store.made(kind, object(body), at(now))?;
        self.store.keep(vec![Entry::Kept { number, resource: resource.clone() }]).expect("kept");
        Ok(resource)
    }

    fn make(&mut self, kind: Kind, body: Value) -> Resource {
        self.make_at(kind, body, NOON).expect("a resource")
    }

    fn user(&mut self, name: &str) -> Resource {
        self.make(Kind::User, json!({"userName": name}))
    }

    fn patch(&mut self, kind: Kind, id: &str, operations: Value) -> Result<Resource, Fault> {
        let request = object(json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        }));
        let (number, from) = self.store.find(kind, id)?;
        let body = patched(from.body.clone(), &request)?;
        let resource = self.store.changed(number, from, body, at(NOON))?;
        self.store.keep(vec![Entry::Kept { number, resource: resource.clone() }]).expect("kept");
        Ok(resource)
    }

    fn delete(&mut self, kind: Kind, id: &str) {
        let number = self.store.find(kind, id).expect("a resource").0;
        self.store.keep(vec![Entry::Gone { number }]).expect("kept");
    }
}
