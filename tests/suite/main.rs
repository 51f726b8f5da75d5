//! One integration-test target: it drives the real binary.
//!
//! ```text
//! rollcall     the binary in a directory of its own; a server with a client
//! import       files: every line accounted for, twice as once, interrupted
//! usage        wrong words, and a demo that is started twice
//! http         requests: what is taken, what is refused, and how it is told
//! hec          Splunk's HTTP Event Collector
//! deliveries   what GitHub, Okta and Auth0 send, as they document it
//! feedback     answers to one question, by link and by token
//! connections  clients that are slow, and clients that are many
//! kafka        a real Apache Kafka, and workers that share its topics
//! keycloak     a real identity provider: what people do there is what is counted
//! survive      faults: kill -9, failing operations, power cuts, flipped bits
//! interrupted  a crash between a seal's two commits
//! inputs       syslog from a real rsyslog, and files that are followed
//! pull         a vendor asked for its log, by a process that is killed
//! cloudtrail   digests that AWS signed against what was imported
//! replay       quarantined records read again
//! scim         people whom an identity provider provisions
//! mapping      sources that a mapping file describes
//! snapshot     one instant: totals before, during and after a seal
//! federation   what an identity provider proves of sign-ins elsewhere
//! late         provider events and directories that come after the fact
//! open         other engines read the tables
//! oracle       metrics against plain Python over the generated company
//! policies     policies as code: checked, loaded, replayed; marked times
//! evidence     the ledger: tampering named, events proved, people erased
//! hostile      bad input: nothing lost, nothing panics
//! alerts       alerts from the event to the webhook
//! detect       detectors on the generated company
//! geoip        databases of places: shown, followed, never stored
//! health       what came in, what didn't, and who says so
//! anomaly      a campaign of password guessing, whole and thinned, over benign sign-ins
//! browser      pages in a real browser
//! views        the views in DuckDB
//! ocsf         the view in OCSF's form against the schema of OCSF
//! traps        a test for each trap that other tools fell into
//! tidy         house rules that a machine can hold
//! ```

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that can't go on says so and ends"
)]

#[path = "../faults/mod.rs"]
#[expect(dead_code, reason = "`make torture` needs the rest")]
mod faults;
#[path = "../support/anomaly/mod.rs"]
#[expect(dead_code, reason = "`make bench` tells more")]
mod guessing;
#[path = "../../query/src/geo/write.rs"]
mod mmdb;
mod rollcall;

mod alerts;
mod anomaly;
mod browser;
mod cloudtrail;
mod connections;
mod deliveries;
mod detect;
mod evidence;
mod federation;
mod feedback;
mod geoip;
mod health;
mod hec;
mod hostile;
mod http;
mod import;
mod inputs;
mod interrupted;
mod kafka;
mod keycloak;
mod late;
mod mapping;
mod ocsf;
mod open;
mod oracle;
mod policies;
mod pull;
mod replay;
mod scim;
mod snapshot;
mod survive;
mod tidy;
mod traps;
mod usage;
mod views;
