//! The pages Data health and Quarantine, and places beside addresses.

use super::*;

fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn ints(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn times(values: &[&str]) -> ArrayRef {
    let micros = |text: &&str| text.parse::<DateTime<Utc>>().unwrap().timestamp_micros();
    let values: Vec<i64> = values.iter().map(micros).collect();
    Arc::new(TimestampMicrosecondArray::from(values).with_timezone("UTC"))
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// A panel of a page, by its id.
fn panel(page: &str, id: &str) -> String {
    let (_, rest) = page.split_once(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("{id}"));
    rest.split_once("</section>").unwrap().0.to_owned()
}

fn rhythm(site: &Site) {
    site.shelf.page(
        "collectors_health",
        batch(vec![
            ("source", texts(&["okta", "github"])),
            ("collector", texts(&["okta/logs", "<hook>"])),
            ("rhythm", texts(&["quieter_than_usual", "talking"])),
            ("silent_s", ints(&[10_800, 40])),
            ("usual_s", ints(&[240, 600])),
            ("weeks_heard", ints(&[8, 0])),
            ("weeks", ints(&[8, 2])),
            ("last_received", times(&["2026-03-29T09:00:00Z", "2026-03-29T11:59:20Z"])),
            ("lag_p50_s", ints(&[3, 1])),
            ("lag_p99_s", ints(&[90, 2])),
            ("timed", ints(&[12_345, 7])),
            ("all_rows", ints(&[2, 2])),
            ("all_quieter", ints(&[1, 1])),
            ("all_learning", ints(&[0, 0])),
        ]),
    );
}

#[tokio::test]
async fn a_silent_collector_is_told_with_its_rhythm() {
    let site = Site::new("http://localhost:8480");
    rhythm(&site);
    let shown = panel(&site.page("/data-health").await, "collectors_health");
    for part in [
        "1 of 2 collectors is quieter than usual. okta by okta/logs: silent for 3 h, usually one \
         event every 4 min at this hour; something came in this stretch of the week in 8 of the \
         last 8 weeks.",
        "<td>quieter than usual</td>",
        "<td class=\"n\">1 min 30 s</td>",
        "<td class=\"n\">12,345</td>",
        "href=\"/events?source=okta\">okta/logs</a>",
        "&#60;hook&#62;",
        "<dt>Period</dt>",
        "select 1",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let csv = text(site.get("/q/collectors_health.csv", &site.session()).await).await;
    assert!(csv.contains("quieter_than_usual") && !csv.contains("all_quieter"), "{csv}");
}

#[tokio::test]
async fn what_the_process_tells_of_itself_is_shown_as_such() {
    let site = Site::new("http://localhost:8480");
    let page = site.page("/data-health").await;
    let collectors = panel(&page, "collectors");
    for part in [
        "1 collector: 1 failing. okta/logs: &#60;429&#62; &#38; wait",
        "<td class=\"n\">4,321</td>",
        "29\u{a0}Mar\u{a0}2026,\u{a0}12:05",
        "<dt>Told by</dt><dd>the process itself: there is no SQL behind it</dd>",
    ] {
        assert!(collectors.contains(part), "{part}\n{collectors}");
    }
    assert!(!collectors.contains("<summary>SQL</summary>"));
    let machine = panel(&page, "machine");
    assert!(
        machine.contains("Nothing is out of order.") && machine.contains("3.0 GiB of 10.0 GiB")
    );
    let troubled = Site::with("http://localhost:8480", Health(Some("no space")));
    let machine = panel(&troubled.page("/data-health").await, "machine");
    assert!(machine.contains("<li>Look at this: no space </li>"), "{machine}");
    assert!(machine.contains("1 thing is out of order."), "{machine}");
}

#[tokio::test]
async fn rejects_lead_to_their_records() {
    let site = Site::new("http://localhost:8480");
    site.shelf.page(
        "rejects_by_reason",
        batch(vec![
            ("source", texts(&["okta"])),
            ("reason", texts(&["no JSON & more"])),
            ("records", ints(&[1_200])),
            ("all_rows", ints(&[3])),
            ("all_records", ints(&[2_000])),
        ]),
    );
    let shown = panel(&site.page("/data-health").await, "rejects_by_reason");
    assert!(shown.contains("2,000 records of the period couldn&#39;t be read, for 3 reasons; most often no JSON &#38; more (1,200)."), "{shown}");
    assert!(
        shown.contains("href=\"/quarantine?source=okta&#38;reason=no+JSON+%26+more\""),
        "{shown}"
    );
}

fn quarantine(site: &Site, rows: usize) {
    let raw: Vec<&[u8]> = vec![b"<script>alert(1)</script>\n\xff\x1b[0m"; rows];
    let seqs: Vec<i64> = (0..rows).rev().map(|seq| i64::try_from(seq).unwrap()).collect();
    site.shelf.page(
        "quarantine_page",
        batch(vec![
            ("received", times(&vec!["2026-03-29T09:00:00Z"; rows])),
            ("source_hint", texts(&vec!["okta"; rows])),
            ("collector", texts(&vec!["laptop"; rows])),
            ("reason", texts(&vec!["no <JSON>"; rows])),
            ("redactions", ints(&vec![2; rows])),
            ("raw", Arc::new(arrow::array::BinaryArray::from(raw)) as ArrayRef),
            ("shard", ints(&vec![3; rows])),
            ("seq", ints(&seqs)),
            ("part", ints(&vec![0; rows])),
        ]),
    );
    site.shelf.page(
        "quarantine_facets",
        batch(vec![
            ("facet", texts(&["source", "source", "reason"])),
            ("value", texts(&["okta", "github", "no <JSON>"])),
            ("n", ints(&[70, 5, 70])),
        ]),
    );
}

#[tokio::test]
async fn quarantine_shows_records_with_reason_position_and_beginning() {
    let site = Site::new("http://localhost:8480");
    quarantine(&site, 51);
    let page = site.page("/quarantine?source=okta").await;
    for part in [
        "75 records are held back",
        "<code>3-50-0</code>",
        "no &#60;JSON&#62;<small>2 secrets cut out</small>",
        "&#60;script&#62;alert(1)&#60;/script&#62;␊\u{fffd}␛[0m",
        "sent as okta, by laptop",
        "source: okta <span",
        // Off again, and on to a reason of the source.
        "<a href=\"/quarantine\" aria-current=\"true\">okta</a>",
        "href=\"/quarantine?source=okta&#38;reason=no+%3CJSON%3E\"",
        // The 51st row is the next page's.
        "href=\"/quarantine?source=okta&#38;before=1774774800000000.3.1.0\">Older</a>",
        "<summary>SQL</summary>",
        // What is taken along isn't filtered, and says so.
        "<li>All of quarantine:</li><li><a href=\"/q/quarantine_list.csv\">CSV</a></li>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("<script>alert") && !page.contains("<code>3-0-0</code>"));
    quarantine(&site, 1);
    let page = site.page("/quarantine?before=1774774800000000.3.1.0").await;
    assert!(!page.contains(">Older</a>") && page.contains("href=\"/quarantine\">Newest</a>"));
    quarantine(&site, 0);
    let page = site.page("/quarantine?reason=another").await;
    assert!(page.contains("The filters leave nothing</b> (reason: another)"), "{page}");
    for query in ["team=red", "before=1.2.3", "outcome=success"] {
        let answer = site.get(&format!("/quarantine?{query}"), &site.session()).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{query}");
    }
}

#[tokio::test]
async fn records_that_cannot_be_counted_are_not_none() {
    let site = Site::new("http://localhost:8480");
    // The shelf has no counts: asking for them fails.
    let rows =
        vec![("received", times(&["2026-03-29T09:00:00Z"])), ("reason", texts(&["no JSON"]))];
    site.shelf.page("quarantine_page", batch(rows));
    let page = site.page("/quarantine").await;
    assert!(
        page.contains("How many records are held back because they couldn't be read can't be told")
    );
    assert!(!page.contains("0 records") && page.contains("<td>no JSON"), "{page}");
}

#[tokio::test]
async fn an_address_is_shown_with_its_place_and_who_tells_it() {
    let site = Site::new("http://localhost:8480");
    site.shelf.page(
        "events_list",
        batch(vec![
            ("time", times(&["2026-03-29T09:00:00Z"; 5])),
            ("ip", texts(&["192.0.2.1"; 5])),
            ("country", texts(&["DE", "FR", "IT", "ES", ""])),
            ("city", texts(&["Frankfurt", "", "Rome", "", ""])),
            (
                "as_org",
                texts(&["Example <Carrier>", "", "Example Cloud", "Example Net", "Lone Net"]),
            ),
            ("place_basis", texts(&["database", "vendor", "database", "vendor", ""])),
            ("as_basis", texts(&["database", "", "vendor", "database", "database"])),
            ("shard", ints(&[1; 5])),
            ("seq", ints(&[5, 4, 3, 2, 1])),
            ("part", ints(&[0; 5])),
        ]),
    );
    let page = site.page("/events").await;
    assert!(
        page.contains("<small>DE, Frankfurt, Example &#60;Carrier&#62;, by GeoIP</small>"),
        "{page}"
    );
    for part in [
        "FR",
        // The place by the database, the network by the source, and the other way round.
        "IT, Rome, by GeoIP; Example Cloud",
        "ES; Example Net, by GeoIP",
        "Lone Net, by GeoIP",
    ] {
        assert!(page.contains(&format!("<small>{part}</small>")), "{part}\n{page}");
    }
}
