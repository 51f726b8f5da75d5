use std::io::Write;

use serde_json::json;

use super::super::journal::Entry;
use super::super::people::{Changes, changes, with_changes};
use super::super::resource::Kind;
use super::Shelf;
use crate::table::person::{Login, Person};

/// 2 March 2026.
const TODAY: i32 = 20_514;

fn login(source: &str, name: &str) -> Login {
    Login { source: source.to_owned(), name: name.to_owned(), privileged: false }
}

fn of_file(id: &str, name: &str) -> Person {
    Person {
        id: id.to_owned(),
        kind: "human".to_owned(),
        logins: vec![login("okta", name), login("github", &format!("{id}-dev"))],
        team: Some("red".to_owned()),
        cohort: Some("first".to_owned()),
        ..Person::default()
    }
}

/// What is to change, and the directory once it has.
fn committed(shelf: &mut Shelf, standing: &mut Vec<Person>, today: i32) -> Changes {
    let due = changes(standing, &shelf.store.said(), shelf.store.stood(), today);
    let entries = due.stood.iter().map(|(user, stood)| match stood {
        Some(stood) => Entry::Stands { user: user.clone(), stood: stood.clone() },
        None => Entry::Fell { user: user.clone() },
    });
    let entries = entries.collect();
    shelf.store.keep(entries).expect("kept");
    *standing = with_changes(std::mem::take(standing), due.people.clone());
    let again = changes(standing, &shelf.store.said(), shelf.store.stood(), today);
    assert!(again.people.is_empty() && again.stood.is_empty(), "once is enough: {again:?}");
    due
}

fn find<'a>(people: &'a [Person], id: &str) -> &'a Person {
    people.iter().find(|person| person.id == id).unwrap_or_else(|| panic!("{id} in {people:?}"))
}

#[test]
fn a_user_is_the_person_whose_login_it_has() {
    let mut shelf = Shelf::new();
    let mut standing = vec![of_file("p1", "ada@corp.example"), of_file("p2", "bo@corp.example")];
    let boss =
        shelf.make(Kind::User, json!({"userName": "cy@corp.example", "displayName": "Cy Marsh"}));
    let ada = shelf.make(
        Kind::User,
        json!({
            "userName": "ada@corp.example",
            "name": {"givenName": "Ada", "familyName": "Lovell"},
            "emails": [{"value": "Ada.Lovell@corp.example"}],
            "title": "Engineer",
            "timezone": "Europe/Berlin",
            "roles": [{"value": "privileged"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
                {"department": "Blue", "manager": {"value": boss.id}},
        }),
    );
    let due = committed(&mut shelf, &mut standing, TODAY);
    assert_eq!(due.people.len(), 2, "bo isn't touched: {due:?}");
    let person = find(&standing, "p1");
    assert_eq!(person.name.as_deref(), Some("Ada Lovell"));
    assert_eq!(person.team.as_deref(), Some("Blue"));
    assert_eq!(person.manager.as_deref(), Some("Cy Marsh"));
    assert_eq!(person.role.as_deref(), Some("Engineer"));
    assert_eq!(person.time_zone.as_deref(), Some("Europe/Berlin"));
    assert_eq!(person.cohort.as_deref(), Some("first"), "only the file says it");
    let privileged = |name: &str| Login { privileged: true, ..login("*", name) };
    assert_eq!(
        person.logins,
        [
            login("okta", "ada@corp.example"),
            login("github", "p1-dev"),
            privileged("ada@corp.example"),
            privileged("ada.lovell@corp.example"),
        ]
    );
    // Nobody's login: somebody new, who was there before too as one of the first.
    let new = find(&standing, &boss.id);
    assert_eq!((new.kind.as_str(), new.valid_from), ("human", Some(0)));

    // Another name and address: still the same person; what the provider said before is gone.
    shelf
        .patch(
            Kind::User,
            &ada.id,
            json!([
                {"op": "replace", "path": "userName", "value": "ada.byrne@corp.example"},
                {"op": "remove", "path": "emails"},
                {"op": "remove", "path": "title"},
                {"op": "remove", "path": "roles"},
            ]),
        )
        .expect("ada");
    committed(&mut shelf, &mut standing, TODAY);
    let person = find(&standing, "p1");
    assert_eq!(
        person.logins,
        [
            login("okta", "ada@corp.example"),
            login("github", "p1-dev"),
            login("*", "ada.byrne@corp.example")
        ]
    );
    assert_eq!(person.role, None);
    assert_eq!(standing.len(), 3);
}

#[test]
fn groups_are_teams() {
    let mut shelf = Shelf::new();
    let mut standing = Vec::new();
    let ids: Vec<String> = ["ada", "bo"].map(|name| shelf.user(name).id).to_vec();
    let members = |ids: &[String]| ids.iter().map(|id| json!({"value": id})).collect::<Vec<_>>();
    let zebra = shelf.make(Kind::Group, json!({"displayName": "Zebra", "members": members(&ids)}));
    let alpha =
        shelf.make(Kind::Group, json!({"displayName": "Alpha", "members": members(&ids[..1])}));
    committed(&mut shelf, &mut standing, TODAY);
    assert_eq!(find(&standing, &ids[0]).team.as_deref(), Some("Alpha"), "the first by name");
    assert_eq!(find(&standing, &ids[1]).team.as_deref(), Some("Zebra"));
    shelf.delete(Kind::Group, &alpha.id);
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Yak"}]);
    shelf.patch(Kind::Group, &zebra.id, rename).expect("a group");
    committed(&mut shelf, &mut standing, TODAY);
    assert!(standing.iter().all(|person| person.team.as_deref() == Some("Yak")));
    shelf.delete(Kind::Group, &zebra.id);
    committed(&mut shelf, &mut standing, TODAY);
    assert!(standing.iter().all(|person| person.team.is_none()));
}

#[test]
fn who_is_deactivated_or_deleted_counts_until_the_end_of_the_day() {
    let mut shelf = Shelf::new();
    let mut standing = vec![of_file("p1", "ada")];
    let ada = shelf.user("ada");
    let bo = shelf.user("bo");
    committed(&mut shelf, &mut standing, TODAY);
    let active = |active: bool| json!([{"op": "replace", "value": {"active": active}}]);
    shelf.patch(Kind::User, &ada.id, active(false)).expect("ada");
    committed(&mut shelf, &mut standing, TODAY);
    assert_eq!(find(&standing, "p1").valid_to, Some(TODAY));
    shelf.patch(Kind::User, &ada.id, active(true)).expect("ada");
    committed(&mut shelf, &mut standing, TODAY);
    assert_eq!(find(&standing, "p1").valid_to, None);
    shelf.delete(Kind::User, &ada.id);
    shelf.delete(Kind::User, &bo.id);
    committed(&mut shelf, &mut standing, TODAY + 1);
    assert_eq!(find(&standing, "p1").valid_to, Some(TODAY + 1));
    assert_eq!(find(&standing, &bo.id).valid_to, Some(TODAY + 1));
    // Provisioned again: the same person, and here.
    shelf.user("ada");
    committed(&mut shelf, &mut standing, TODAY + 9);
    assert_eq!(find(&standing, "p1").valid_to, None);
    assert_eq!(standing.len(), 2);
}

#[test]
fn a_file_leaves_those_who_are_provisioned() {
    let mut shelf = Shelf::new();
    shelf.make(Kind::User, json!({"userName": "ada@corp.example", "title": "Engineer"}));
    let cy = shelf.user("cy@corp.example");
    let file = vec![of_file("p1", "ada@corp.example"), of_file("p2", "bo@corp.example")];
    let people = super::super::with_provisioned(file, &shelf.store.said());
    assert_eq!(people.len(), 3);
    assert_eq!(find(&people, "p1").role.as_deref(), Some("Engineer"));
    assert_eq!(find(&people, "p2"), &of_file("p2", "bo@corp.example"));
    assert_eq!(find(&people, &cy.id).logins, [login("*", "cy@corp.example")]);
}

#[test]
fn only_who_comes_in_the_first_day_was_there_before() {
    let mut shelf = Shelf::new();
    let make = |shelf: &mut Shelf, name: &str, now: &str| {
        shelf.make_at(Kind::User, json!({"userName": name}), now).expect("a user").id
    };
    let first = make(&mut shelf, "ada", "2026-03-02T12:00:00Z");
    let same_day = make(&mut shelf, "bo", "2026-03-03T12:00:00Z");
    let later = make(&mut shelf, "cy", "2026-03-03T12:00:01Z");
    let mut standing = Vec::new();
    committed(&mut shelf, &mut standing, TODAY);
    for (id, valid_from) in [(first, Some(0)), (same_day, Some(0)), (later, None)] {
        assert_eq!(find(&standing, &id).valid_from, valid_from);
    }
}

#[test]
fn what_was_answered_is_there_after_a_crash() {
    let mut shelf = Shelf::new();
    let ada = shelf.user("ada");
    let bo = shelf.user("bo");
    shelf.delete(Kind::User, &bo.id);
    let mut standing = Vec::new();
    committed(&mut shelf, &mut standing, TODAY);
    let path = shelf.folder.path().join("scim");
    let whole = std::fs::read(&path).expect("bytes");
    // A torn end: of what was never answered.
    let mut file = std::fs::File::options().append(true).open(&path).expect("the file");
    file.write_all(b"0badc0de {\"kept\":{\"num").expect("written");
    let mut shelf = shelf.reopened();
    assert_eq!(std::fs::read(&path).expect("bytes"), whole, "cut off");
    assert_eq!(shelf.store.find(Kind::User, &ada.id).expect("ada").1, &ada);
    assert!(shelf.store.find(Kind::User, &bo.id).is_err());
    assert_eq!(shelf.store.stood().len(), 1);
    let cy = shelf.user("cy");
    assert!(shelf.reopened().store.find(Kind::User, &cy.id).is_ok());
}

#[test]
fn damage_with_whole_lines_behind_it_is_an_error() {
    let mut shelf = Shelf::new();
    shelf.user("ada");
    shelf.user("bo");
    let path = shelf.folder.path().join("scim");
    let text = std::fs::read_to_string(&path).expect("text");
    std::fs::write(&path, text.replacen("\"ada\"", "\"eve\"", 1)).expect("written");
    let said = super::Store::read(&path).expect_err("damaged").to_string();
    assert!(said.contains("line 2") && said.contains("backup"), "{said}");
    std::fs::write(&path, "something else\n").expect("written");
    assert!(super::Store::read(&path).is_err());
}

#[test]
fn a_file_that_has_grown_is_written_anew_and_says_the_same() {
    let mut shelf = Shelf::new();
    let ada = shelf.user("ada");
    for number in 0..300 {
        let title = json!([{"op": "replace", "path": "title", "value": number.to_string()}]);
        shelf.patch(Kind::User, &ada.id, title).expect("ada");
    }
    let path = shelf.folder.path().join("scim");
    let before = std::fs::metadata(&path).expect("a file").len();
    let shelf = shelf.reopened();
    let after = std::fs::metadata(&path).expect("a file").len();
    assert!(after * 100 < before, "{before} bytes, then {after}");
    let (_, kept) = shelf.store.find(Kind::User, &ada.id).expect("ada");
    assert_eq!((kept.version, kept.body["title"].as_str()), (301, Some("299")));
}

#[test]
fn who_is_forgotten_is_nowhere_in_the_file() {
    let mut shelf = Shelf::new();
    let ada = shelf.make(
        Kind::User,
        json!({"userName": "ada.lovell", "emails": [{"value": "lovelace@home.example"}]}),
    );
    let bo = shelf.user("bo");
    let members = json!([{"value": ada.id}, {"value": bo.id}]);
    let group = shelf.make(Kind::Group, json!({"displayName": "Platform", "members": members}));
    let mut standing = Vec::new();
    committed(&mut shelf, &mut standing, TODAY);
    let gone = shelf.store.forget(|text| text == "lovelace@home.example").expect("written");
    assert_eq!(gone, 1);
    let text = std::fs::read_to_string(shelf.folder.path().join("scim")).expect("text");
    for word in ["lovell", "lovelace", &ada.id] {
        assert!(!text.contains(word), "{word}");
    }
    let shelf = shelf.reopened();
    let (_, group) = shelf.store.find(Kind::Group, &group.id).expect("the group");
    assert_eq!(group.body["members"], json!([{"value": bo.id}]));
    assert_eq!(shelf.store.stood().keys().collect::<Vec<_>>(), [&bo.id]);
}
