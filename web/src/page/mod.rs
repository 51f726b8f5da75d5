//! One file a page.
//!
//! ```text
//! frame       what surrounds every page: navigation, switches, assets
//! bar         the bar of period and filters
//! dashboard   the pages that are lists of panels, as data
//! figure      the six figures of the overview
//! browse      what pages share that list records: facets, filters, where they begin
//! events      the faceted table; event: one of them
//! quarantine  records that couldn't be read
//! evidence    the ledger, who vouches for it, proofs to take along
//! metric      definition and formats of a metric; listing: of a list
//! sign_in     how people come in and go out
//! feedback    one question, for whoever holds a link
//! preference  light or dark, shortcuts
//! probe       for monitoring systems
//! message     errors
//! ```

pub(crate) mod bar;
mod browse;
pub(crate) mod dashboard;
pub(crate) mod event;
pub(crate) mod events;
pub(crate) mod evidence;
pub(crate) mod feedback;
pub(crate) mod figure;
pub(crate) mod frame;
pub(crate) mod listing;
pub(crate) mod message;
pub(crate) mod metric;
pub(crate) mod preference;
pub(crate) mod probe;
pub(crate) mod quarantine;
pub(crate) mod sign_in;

#[cfg(test)]
mod tests;
