//! What stands between the network and a page.
//!
//! ```text
//! host      the name that a request asks for: against DNS rebinding
//! headers   what every answer says to the browser
//! cookie    the few cookies: their names and attributes
//! visitor   who asks: session, theme, switches
//! form      POSTs: same origin, CSRF token
//! ```

pub(crate) mod cookie;
pub(crate) mod form;
pub(crate) mod headers;
pub(crate) mod host;
pub(crate) mod visitor;
