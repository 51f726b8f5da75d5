use serde_json::{Value, json};

use super::super::list::Query;
use super::super::resource::Kind;
use super::{Shelf, object};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

#[test]
fn entra_makes_a_user_and_changes_it_in_its_own_way() {
    let mut shelf = Shelf::new();
    let made = shelf.make(
        Kind::User,
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
            "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
            "userName": "Ada.Lovell@corp.example",
            "active": true,
            "emails": [{"primary": true, "type": "work", "value": "ada.lovell@corp.example"}],
            "meta": {"resourceType": "User"},
            "name": {"formatted": "Ada Lovell", "familyName": "Lovell", "givenName": "Ada"},
            "roles": [],
        }),
    );
    assert!(!made.body.contains_key("meta") && !made.body.contains_key("roles"), "{made:?}");
    let changed = shelf.patch(
        Kind::User,
        &made.id,
        json!([
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ada@corp.example"},
            {"op": "Add", "path": "emails[type eq \"home\"].value", "value": "ada@home.example"},
            {"op": "Replace", "path": "name.familyName", "value": "Byrne"},
            {"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Platform"},
            {"op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": "boss-id"},
            {"op": "Replace", "path": "active", "value": "False"},
        ]),
    );
    let changed = changed.expect("a user");
    assert_eq!(
        changed.body["emails"],
        json!([
            {"primary": true, "type": "work", "value": "ada@corp.example"},
            {"type": "home", "value": "ada@home.example"},
        ])
    );
    assert_eq!(changed.body["name"]["familyName"], "Byrne");
    assert_eq!(
        changed.body[ENTERPRISE],
        json!({"department": "Platform", "manager": {"value": "boss-id"}})
    );
    assert_eq!(changed.body["active"], json!(false));
    assert_eq!(changed.version, 2);
    // Paths as keys, without a path of the operation.
    let again = shelf.patch(
        Kind::User,
        &made.id,
        json!([{"op": "replace", "value": {
            "active": "True",
            "displayName": "Ada B.",
            "name.givenName": "Adah",
            "emails[type eq \"work\"].value": "adah@corp.example",
            (format!("{ENTERPRISE}:department")): "Security",
        }}]),
    );
    let again = again.expect("a user");
    assert_eq!(again.body["active"], json!(true));
    assert_eq!(again.body["displayName"], "Ada B.");
    assert_eq!(again.body["name"]["givenName"], "Adah");
    assert_eq!(again.body["emails"][0]["value"], "adah@corp.example");
    assert_eq!(again.body[ENTERPRISE]["department"], "Security");
    let less = shelf.patch(
        Kind::User,
        &made.id,
        json!([
            {"op": "Remove", "path": "emails[type eq \"home\"].value"},
            {"op": "Remove", "path": format!("{ENTERPRISE}:department")},
            {"op": "Remove", "path": format!("{ENTERPRISE}:manager")},
            {"op": "Remove", "path": "displayName"},
        ]),
    );
    let less = less.expect("a user");
    assert_eq!(less.body["emails"].as_array().map(Vec::len), Some(1));
    assert!(!less.body.contains_key(ENTERPRISE) && !less.body.contains_key("displayName"));
}

#[test]
fn okta_replaces_a_user_whole_and_deactivates_by_patch() {
    let mut shelf = Shelf::new();
    let made = shelf.make(
        Kind::User,
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": "bo.hart@corp.example",
            "name": {"givenName": "Bo", "familyName": "Hart"},
            "emails": [{"primary": true, "value": "bo.hart@corp.example", "type": "work"}],
            "displayName": "Bo Hart",
            "locale": "en-GB",
            "externalId": "00u1exampleBo",
            "groups": [],
            "password": "not kept",
            "active": true,
        }),
    );
    assert!(!made.body.contains_key("password") && !made.body.contains_key("groups"));
    let off =
        shelf.patch(Kind::User, &made.id, json!([{"op": "replace", "value": {"active": false}}]));
    let off = off.expect("a user");
    assert_eq!(off.body["active"], json!(false));
    assert_eq!(off.inactive_on, Some(20_514), "2 March 2026");
    let shown = Value::Object(off.shown("https://rollcall.example/"));
    assert_eq!(shown["meta"]["resourceType"], "User");
    assert_eq!(shown["meta"]["version"], "W/\"2\"");
    assert_eq!(
        shown["meta"]["location"],
        format!("https://rollcall.example/scim/v2/Users/{}", made.id)
    );
    let (number, from) = shelf.store.find(Kind::User, &made.id).expect("a user");
    // What comes back holds what only the server sets, and is no change by that.
    let same = shelf.store.changed(number, from, object(shown), super::at(super::NOON));
    assert_eq!(same.expect("the same").version, 2);
}

#[test]
fn groups_take_members_in_every_form() {
    let mut shelf = Shelf::new();
    let ids: Vec<String> = ["ada", "bo", "cy"].map(|name| shelf.user(name).id).to_vec();
    let member = |at: usize| json!({"value": ids[at], "display": "x", "$ref": "http://h/Users/1"});
    let group = shelf
        .make(Kind::Group, json!({"displayName": "Platform", "members": [member(0), member(0)]}));
    let members = |group: &super::Resource| -> Vec<String> {
        let list = group.body.get("members").and_then(Value::as_array);
        let values = list.into_iter().flatten();
        values.map(|one| one["value"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(members(&group), [ids[0].clone()]);
    let mut patch = |operations| shelf.patch(Kind::Group, &group.id, operations).expect("a group");
    let all = patch(json!([{"op": "Add", "path": "members", "value": [member(1), member(2)]}]));
    assert_eq!(members(&all), ids);
    // Okta; Entra of old; Entra of today.
    let two = patch(json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", ids[1])}]));
    assert_eq!(members(&two), [ids[0].clone(), ids[2].clone()]);
    let one = patch(json!([{"op": "Remove", "path": "members", "value": [{"value": ids[0]}]}]));
    assert_eq!(members(&one), [ids[2].clone()]);
    let named =
        patch(json!([{"op": "replace", "value": {"id": "ignored", "displayName": "Infra"}}]));
    assert_eq!(named.body["displayName"], "Infra");
    assert_eq!(named.id, group.id);
    let others = patch(json!([{"op": "replace", "path": "members", "value": [member(0)]}]));
    assert_eq!(members(&others), [ids[0].clone()]);
    assert_eq!(members(&patch(json!([{"op": "remove", "path": "members"}]))), [""; 0]);
}

#[test]
fn what_is_wrong_is_said_in_scims_words() {
    let mut shelf = Shelf::new();
    let ada = shelf.user("ada@corp.example");
    let made = |shelf: &mut Shelf, body| shelf.make_at(Kind::User, body, super::NOON);
    let twice = made(&mut shelf, json!({"userName": "ADA@corp.example"})).expect_err("taken");
    assert_eq!((twice.status, twice.kind), (409, Some("uniqueness")));
    assert_eq!(twice.body()["status"], "409");
    assert_eq!(twice.body()["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
    for body in [
        json!({}),
        json!({"userName": " "}),
        json!({"userName": "a*"}),
        json!({"userName": "b", "active": "perhaps"}),
    ] {
        let wrong = made(&mut shelf, body.clone()).expect_err("no user");
        assert_eq!((wrong.status, wrong.kind), (400, Some("invalidValue")), "{body}");
    }
    for (operations, kind) in [
        (json!([{"op": "move", "path": "title", "value": "x"}]), "invalidSyntax"),
        (json!([{"op": "add", "path": "emails[type eq", "value": "x"}]), "invalidPath"),
        (
            json!([{"op": "add", "path": "emails[type is \"work\"].value", "value": "x"}]),
            "invalidFilter",
        ),
        (json!([{"op": "remove"}]), "noTarget"),
        (json!([{"op": "add", "value": "x"}]), "invalidValue"),
        (json!([{"op": "remove", "path": "userName"}]), "invalidValue"),
        (json!("x"), "invalidSyntax"),
    ] {
        let wrong = shelf.patch(Kind::User, &ada.id, operations.clone()).expect_err("refused");
        assert_eq!((wrong.status, wrong.kind), (400, Some(kind)), "{operations}");
    }
    assert_eq!(shelf.patch(Kind::Group, &ada.id, json!([])).expect_err("a user").status, 404);
    // Nothing of it stuck.
    assert_eq!(shelf.store.find(Kind::User, &ada.id).expect("ada").1.version, 1);
}

#[test]
fn lists_are_filtered_paged_and_cut_to_attributes() {
    let mut shelf = Shelf::new();
    for number in 1..=5 {
        let body = json!({
            "userName": format!("user{number}@corp.example"),
            "externalId": format!("ext-{number}"),
            "emails": [{"type": "work", "value": format!("u{number}@corp.example")}],
            "title": if number > 3 { "engineer" } else { "analyst" },
        });
        shelf.make(Kind::User, body);
    }
    shelf.make(Kind::Group, json!({"displayName": "Platform", "members": [{"value": "x"}]}));
    let ask = |kind, pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let query = Query::of(pairs).expect("a query");
        query.page(shelf.store.all(kind), "https://rollcall.example/")
    };
    let names = |page: &Value| -> Vec<String> {
        let list = page["Resources"].as_array().expect("a list").iter();
        list.map(|one| one["userName"].as_str().unwrap_or("-").to_owned()).collect()
    };
    for (filter, found) in [
        ("userName eq \"USER2@corp.example\"", 1),
        ("userName eq \"nobody\"", 0),
        ("externalId eq \"ext-3\"", 1),
        ("emails[type eq \"work\"].value eq \"u4@corp.example\"", 1),
        ("emails.value eq \"u4@corp.example\"", 1),
        ("title eq \"engineer\" and active eq true", 2),
        ("title ne \"engineer\"", 3),
        ("userName sw \"user\" and title pr", 5),
        ("displayName pr", 0),
    ] {
        let page = ask(Kind::User, &[("filter", filter)]);
        assert_eq!(page["totalResults"], found, "{filter}");
        assert_eq!(names(&page).len(), found, "{filter}");
    }
    let page = ask(Kind::User, &[("startIndex", "2"), ("count", "2")]);
    assert_eq!(names(&page), ["user2@corp.example", "user3@corp.example"]);
    assert_eq!(
        (&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]),
        (&json!(5), &json!(2), &json!(2))
    );
    assert_eq!(ask(Kind::User, &[("count", "0")])["totalResults"], 5);
    assert!(names(&ask(Kind::User, &[("startIndex", "9")])).is_empty());
    let group = ask(
        Kind::Group,
        &[("excludedAttributes", "members"), ("filter", "displayName eq \"platform\"")],
    );
    assert_eq!(group["totalResults"], 1);
    assert!(group["Resources"][0].get("members").is_none());
    let user = ask(Kind::User, &[("attributes", "userName,name.givenName"), ("count", "1")]);
    let user = user["Resources"][0].as_object().expect("a user");
    let keys: Vec<&str> = user.keys().map(String::as_str).collect();
    assert_eq!(keys.len(), 3, "{keys:?}");
    for filter in ["userName", "userName eq ada", "userName eq \"a\" or userName eq \"b\"", ""] {
        let pairs = [("filter".to_owned(), filter.to_owned())];
        let wrong = Query::of(pairs).expect_err("no filter");
        assert_eq!(wrong.kind, Some("invalidFilter"), "{filter}");
    }
}
