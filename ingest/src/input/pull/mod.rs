//! Pull: vendors' logs, asked for again and again.
//!
//! ```text
//! settings    one [[pull]] of the settings, checked
//! vendor      what a vendor's API and one of its logs are: two kinds of rows
//! table       the rows
//! request     a time range, or what a page named as its next, into an address
//! auth        tokens, client credentials, Duo's signatures
//! service_account  statements that a Google service account signs
//! client      one request: paced, bounded, never to another host
//! limits      how long to wait: budgets, Retry-After, backoff
//! page        a body into events, as they stand, and what comes next
//! listing     all objects of a kind, over all pages
//! factors     who has which factor today
//! policies    which policies stand today
//! mark        how far a log is read; kept with the data
//! taken       which events were just taken
//! collector   reads a log from its mark on
//! running     collectors until the process ends
//! clock       the time, and waiting for it
//! error       what can go wrong, and what to do
//! ```
//!
//! A page's events go to the log together with the mark that comes after them: after a
//! crash both are there or neither. What is read twice all the same (an overlap for late
//! arrivals, a page whose answer was lost) is told by its id further on.

mod auth;
mod client;
mod clock;
mod collector;
mod error;
mod factors;
mod limits;
mod listing;
mod mark;
mod page;
mod policies;
mod request;
mod running;
mod service_account;
mod settings;
mod table;
mod taken;
#[cfg(test)]
mod tests;
mod vendor;

pub use collector::{Pages, Reader};
pub use error::{PullError, PullResult};
pub(crate) use factors::{Held, snapshot};
pub use page::Element;
pub(crate) use page::id_of;
pub(crate) use policies::{Policy, Taken, vendor_policies};
pub use running::run;
pub use settings::{Account, KEYS, PullSettings, open};
pub use table::{ENDPOINTS, VENDORS};
pub use vendor::{Endpoint, Kind, Vendor};
