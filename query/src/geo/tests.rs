//! Databases with invented places in the networks for documentation (RFC 5737,
//! RFC 3849, ASNs of RFC 5398).

use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use rollcall_lake::Snapshot;

use super::write::{Data, asn, city, database};
use super::{Databases, GeoSettings};
use crate::catalog::world::Derived;
use crate::{Catalog, QueryError, Session, Settings, fixture};

/// 1 and 8 March 2026, noon.
const BUILT: u64 = 1_772_366_400;
const BUILT_LATER: u64 = BUILT + 7 * 86_400;

fn places(city_name: &'static str) -> Vec<u8> {
    let networks = [
        ("192.0.2.0/25", city("DE", "Hessen", city_name, (50.110_9, 8.682_1))),
        ("198.51.100.0/24", city("FR", "Bretagne", "Rennes", (48.117_3, -1.677_8))),
        ("2001:db8:1::/48", city("NL", "Utrecht", "Utrecht", (52.090_7, 5.121_4))),
    ];
    let built = if city_name == "Offenbach" { BUILT_LATER } else { BUILT };
    database("Test-City", built, &networks)
}

fn networks() -> Vec<u8> {
    let networks = [("192.0.2.0/24", asn(64_496, "Example Broadband"))];
    database("Test-ASN", BUILT, &networks)
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        let files = Self(tempfile::tempdir().expect("a directory"));
        files.put("city.mmdb", &places("Frankfurt"));
        files.put("asn.mmdb", &networks());
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Written beside it and moved there, as updaters do it.
    fn put(&self, name: &str, bytes: &[u8]) {
        let new = self.path("new");
        std::fs::write(&new, bytes).expect("a file");
        std::fs::rename(new, self.path(name)).expect("moved");
    }

    fn settings(&self) -> GeoSettings {
        GeoSettings { places: Some(self.path("city.mmdb")), networks: Some(self.path("asn.mmdb")) }
    }

    fn catalog(&self) -> Catalog {
        let settings = Settings { geoip: self.settings(), ..Settings::default() };
        Catalog::detached(settings).expect("a catalog")
    }
}

fn lines(batches: &[RecordBatch]) -> Vec<String> {
    let options = FormatOptions::new().with_null("-");
    let mut lines = Vec::new();
    for batch in batches {
        let format = |column| ArrayFormatter::try_new(column, &options).expect("a format");
        let columns: Vec<_> = batch.columns().iter().map(|c| format(c.as_ref())).collect();
        for row in 0..batch.num_rows() {
            let cells: Vec<_> = columns.iter().map(|c| c.value(row).to_string()).collect();
            lines.push(cells.join(" "));
        }
    }
    lines
}

async fn asked(session: &Session, sql: &str) -> Vec<String> {
    lines(&session.run("test", sql, Vec::new(), Derived::Kept).await.expect(sql))
}

#[test]
fn an_address_is_found_in_its_network_only() {
    let files = Files::new();
    let databases = Databases::open(&files.settings()).expect("databases");
    databases.verify().expect("whole");
    let found = |address: &str| databases.find(address).expect("an answer");
    let frankfurt = found("192.0.2.17");
    assert_eq!(frankfurt.country.as_deref(), Some("DE"));
    assert_eq!(frankfurt.region.as_deref(), Some("Hessen"));
    assert_eq!(frankfurt.city.as_deref(), Some("Frankfurt"));
    assert_eq!((frankfurt.lat_e6, frankfurt.lon_e6), (Some(50_110_900), Some(8_682_100)));
    assert_eq!(frankfurt.asn, Some(64_496));
    assert_eq!(frankfurt.as_org.as_deref(), Some("Example Broadband"));
    // The other half of the /24 has a network and no place.
    let unplaced = found("192.0.2.200");
    assert_eq!((unplaced.country, unplaced.asn), (None, Some(64_496)));
    // West of Greenwich; and no network, since the ASN database has IPv4 alone.
    assert_eq!(found("198.51.100.1").lon_e6, Some(-1_677_800));
    assert_eq!(found("2001:db8:1::9").city.as_deref(), Some("Utrecht"));
    assert_eq!(found("2001:db8:2::9"), super::Place::default());
    // IPv4 within IPv6 is IPv4.
    assert_eq!(found("::ffff:192.0.2.17"), frankfurt);
    for no_address in ["", "localhost", "192.0.2", "192.0.2.17/32", "-"] {
        assert_eq!(found(no_address), super::Place::default(), "{no_address}");
    }
}

#[test]
fn what_is_no_database_of_the_kind_is_told_with_its_path() {
    let files = Files::new();
    let whole = places("Frankfurt");
    files.put("half.mmdb", &whole[..whole.len() / 2]);
    files.put("text.mmdb", b"this is no database");
    let refused = |settings: GeoSettings| {
        let settings = Settings { geoip: settings, ..Settings::default() };
        Catalog::detached(settings).expect_err("refused").to_string()
    };
    let with_places =
        |path: &Path| refused(GeoSettings { places: Some(path.to_owned()), networks: None });
    for (name, said) in [
        ("half.mmdb", "or a part of one"),
        ("text.mmdb", "is no MaxMind database"),
        ("absent.mmdb", "can't be read"),
        ("asn.mmdb", "is of the type \"Test-ASN\"; geoip.places takes a City or Country"),
    ] {
        let told = with_places(&files.path(name));
        assert!(told.contains(said) && told.contains(name), "{name}: {told}");
    }
    let networks = Some(files.path("city.mmdb"));
    let told = refused(GeoSettings { places: None, networks });
    assert!(told.contains("geoip.networks takes an ASN database"), "{told}");
}

#[test]
fn damage_within_a_file_is_found_when_it_is_verified() {
    let files = Files::new();
    let mut damaged = places("Frankfurt");
    let at = damaged.windows(9).position(|bytes| bytes == b"Frankfurt").expect("the name");
    // The byte before says "text of 9 bytes"; this says "pointer to beyond the end".
    damaged[at - 1] = 0x3f;
    damaged[at..at + 4].fill(0xff);
    files.put("city.mmdb", &damaged);
    let told = files.catalog().verify_geoip().expect_err("damaged").to_string();
    assert!(told.contains("city.mmdb is damaged") && told.contains("fetch it again"), "{told}");
}

const EVENTS: &str = "
    event 2026-03-02T08:00:00Z sshd ada logon success ip=192.0.2.17
    event 2026-03-02T09:00:00Z okta bo logon success ip=192.0.2.18 country=AT
    event 2026-03-02T10:00:00Z okta cy logon success ip=192.0.2.19 asn=64511 as_org=Example_Mobile
    event 2026-03-02T11:00:00Z sshd di logon success ip=203.0.113.5
    event 2026-03-02T12:00:00Z sshd ed logon success";

const PLACES: &str = "SELECT user_name, country, region, city, lat_e6, place_basis, place_built, asn, as_org, as_basis, as_built FROM event_places ORDER BY seq";

fn snapshot(sealed: usize) -> std::sync::Arc<Snapshot> {
    let world = fixture::world(EVENTS);
    let snapshot = world.snapshot(sealed);
    // Files must outlive the test.
    std::mem::forget(world);
    snapshot
}

#[tokio::test]
async fn a_vendors_own_place_stands_and_is_never_mixed() {
    let files = Files::new();
    let catalog = files.catalog();
    for sealed in [0, 2, usize::MAX] {
        let session = catalog.session_on(snapshot(sealed));
        let expected = [
            "ada DE Hessen Frankfurt 50110900 database 2026-03-01 64496 Example Broadband database 2026-03-01",
            "bo AT - - - vendor - 64496 Example Broadband database 2026-03-01",
            "cy DE Hessen Frankfurt 50110900 database 2026-03-01 64511 Example Mobile vendor -",
            "di - - - - - - - - - -",
            "ed - - - - - - - - - -",
        ];
        assert_eq!(asked(&session, PLACES).await, expected, "{sealed} sealed");
        let typed = session.typed(PLACES, &crate::Limits::default()).await.expect("allowed");
        assert_eq!(lines(&typed.collect().await.expect("rows").0), expected);
    }
}

#[tokio::test]
async fn the_list_of_events_says_who_tells_a_place_and_who_a_network() {
    let files = Files::new();
    let session = files.catalog().session_on(snapshot(0));
    let us = |text: &str| datafusion::scalar::ScalarValue::Int64(Some(fixture::micros(text)));
    let given = [
        ("from_us", us("2026-03-02T00:00:00Z")),
        ("to_us", us("2026-03-02T11:30:00Z")),
        ("limit", datafusion::scalar::ScalarValue::Int64(Some(9))),
    ];
    let found = lines(&session.page("events_list", &given).await.expect("a page"));
    // Newest first: position, city, network, who tells either.
    let expected = [
        "1 3 0 - - - -",
        "1 2 0 Frankfurt Example Mobile database vendor",
        "1 1 0 - Example Broadband vendor database",
        "1 0 0 Frankfurt Example Broadband database database",
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (line, end) in found.iter().zip(expected) {
        assert!(line.ends_with(end), "{line}\n{end}");
    }
}

#[tokio::test]
async fn a_changed_file_is_taken_and_a_broken_one_is_not() {
    let files = Files::new();
    let catalog = files.catalog();
    let shared = snapshot(0);
    let list = async |session: &Session| {
        let us = |text: &str| datafusion::scalar::ScalarValue::Int64(Some(fixture::micros(text)));
        let given = [
            ("from_us", us("2026-03-02T00:00:00Z")),
            ("to_us", us("2026-03-02T08:30:00Z")),
            ("limit", datafusion::scalar::ScalarValue::Int64(Some(9))),
        ];
        lines(&session.page("events_list", &given).await.expect("a page")).concat()
    };
    let before = catalog.session_on(std::sync::Arc::clone(&shared));
    assert!(list(&before).await.contains(" Frankfurt "));
    assert!(!catalog.look_for_geoip().expect("fine"), "nothing changed");
    files.put("city.mmdb", &places("Offenbach"));
    assert!(catalog.look_for_geoip().expect("fine"), "it changed");
    let after = catalog.session_on(std::sync::Arc::clone(&shared));
    // What was kept for the same snapshot isn't given again.
    assert!(list(&after).await.contains(" Offenbach "));
    assert!(
        asked(&after, PLACES).await.concat().contains("Offenbach 50110900 database 2026-03-08")
    );
    // One that is open goes on with what it began with.
    assert!(list(&before).await.contains(" Frankfurt "));
    files.put("city.mmdb", b"half of a download");
    let told = catalog.look_for_geoip().expect_err("broken");
    assert!(matches!(told, QueryError::GeoIp { .. }), "{told}");
    assert!(!catalog.look_for_geoip().expect("told once"), "nothing new");
    let state = catalog.geoip();
    assert!(state.problem.is_some_and(|problem| problem.contains("city.mmdb")));
    assert_eq!(state.databases[0].built, "2026-03-08".parse().ok());
    assert!(list(&after).await.contains(" Offenbach "));
    files.put("city.mmdb", &places("Frankfurt"));
    assert!(catalog.look_for_geoip().expect("mended"));
    assert_eq!(catalog.geoip().problem, None);
}

#[test]
fn a_value_of_the_writer_is_what_the_format_says() {
    // Control byte of a map with one pair; of a text of 2, its bytes; of an unsigned
    // 32-bit number of 2 bytes, its bytes.
    let bytes = database("x-ASN", 0, &[("192.0.2.0/24", Data::Map(vec![("en", Data::U32(258))]))]);
    let data = [0xe1, 0x42, b'e', b'n', 0xc2, 1, 2];
    assert!(bytes.windows(data.len()).any(|window| window == data));
}
