//! Pages, panels, charts, exports: what people see, and who may see it. The
//! only crate that knows HTML.
//!
//! Layout, in the order of a request:
//!
//! ```text
//! server     the router: which address is answered by what
//! guard      host, headers, cookies, forms: what stands before a page
//! state      state.db: accounts, links, sessions, collectors' tokens
//! address    the query string: period, zone, grain, split, filters
//! ask        the questions that pages ask, and the query crate behind them
//! page       one file a page
//! panel      question, finding, chart, table, SQL, export, footer
//! chart      geometry of the charts
//! export     CSV, JSON, XLSX
//! text       words and numbers as people read them
//! assets     style, script, icon
//! status     what the process tells of itself
//! evidence   what the process tells of the ledger
//! feedback   where people's answers go
//! ```
//!
//! Markup is in `templates/`, style and script in `assets/`, SQL of `state.db`
//! in `sql/`.

mod address;
mod ask;
mod assets;
mod chart;
mod clock;
mod error;
mod evidence;
mod export;
mod feedback;
mod guard;
mod markup;
mod operation;
mod page;
mod panel;
mod server;
mod settings;
mod state;
mod status;
mod text;

#[cfg(test)]
mod testing;

pub use ask::{Answers, Cell, Definition, Failure, FailureKind, Library, Rows, Value};
pub use clock::{Clock, SystemClock};
pub use evidence::{Anchor, Evidence, LastVerification, NoProof, SignOnce};
pub use feedback::{Asked, Feedback, NoFeedback};
pub use page::feedback::feedback_path;
pub use page::sign_in::sign_in_path;
pub use server::{WebState, router};
pub use settings::WebSettings;
pub use state::{
    Account, Collector, LinkState, Role, SESSION_ABSOLUTE, SESSION_IDLE, Secret, SignedInAs,
    StateDb, StateError, TokenError, TokenInfo,
};
pub use status::{CollectorNow, Counter, CounterKind, Measure, Reading, Status};
