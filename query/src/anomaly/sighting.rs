//! One event, as far as counting needs it.

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Somebody got in.
    Success,
    /// A sign-in failed.
    Failure,
    /// A policy denied something.
    Denial,
    /// An account was locked.
    Lockout,
    /// A person was asked for a response.
    Prompt,
    /// Anything else: it says that the source is alive.
    Other,
}

/// One event. Caller's choice what a service is (an application, a host), so long as
/// it stays with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting<'a> {
    /// When it happened, in microseconds since 1970 UTC.
    pub at_us: i64,
    /// Which source told it.
    pub source: &'a str,
    /// Which of its services it was at, where it says so.
    pub service: Option<&'a str>,
    /// What it was.
    pub what: What,
    /// A hash of the user name; `None` where there is none.
    pub user: Option<u64>,
    /// A hash of the client's network (an IPv4 /24 or IPv6 /48), where there is an
    /// address.
    pub network: Option<u64>,
}
