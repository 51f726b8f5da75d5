//! What a vendor's API is, and what one of its logs is: the columns of two tables.

use std::time::Duration;

use serde::Deserialize;

/// Whose API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Okta.
    Okta,
    /// GitHub.
    #[serde(rename = "github")]
    GitHub,
    /// Microsoft Entra, over Microsoft Graph.
    Entra,
    /// Duo's Admin API.
    Duo,
    /// Auth0's Management API.
    Auth0,
    /// GitLab.
    #[serde(rename = "gitlab")]
    GitLab,
    /// Keycloak's admin API.
    Keycloak,
    /// Google Workspace's Directory API.
    GoogleWorkspace,
}

/// How requests are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// A token behind a word: `Authorization: SSWS …`.
    Token(&'static str),
    /// A token that an application gets for its id and secret (RFC 6749, section 4.4).
    ClientCredentials {
        /// Where tokens are given; `None` where the API's own host does.
        login: Option<&'static str>,
        /// The path there.
        path: &'static str,
        /// What the token is for: the parameter and its value.
        purpose: (&'static str, &'static str),
    },
    /// A token that a service account gets for a statement signed with its key, in the name
    /// of an administrator (RFC 7523; Google, "Using OAuth 2.0 for Server to Server
    /// Applications"). The secret is the key file.
    ServiceAccount {
        /// Where tokens are given.
        login: &'static str,
        /// The path there.
        path: &'static str,
        /// What the token is for.
        scope: &'static str,
    },
    /// HTTP Basic with an HMAC-SHA512 of the request (Duo's signature of 2024, with a hash
    /// of the body and of the `x-duo-` headers).
    Duo,
}

/// A vendor's API.
#[derive(Debug)]
pub struct Vendor {
    /// Whose.
    pub kind: Kind,
    /// The source that its events and accounts are of.
    pub source: &'static str,
    /// Its address, where all customers have the same.
    pub url: Option<&'static str>,
    /// How requests are signed.
    pub auth: Auth,
    /// Headers of each request.
    pub headers: &'static [(&'static str, &'static str)],
    /// Whether it is asked for an organisation: in the settings, `organisation`.
    pub has_organisation: bool,
    /// Least time between two requests, all logs together: half of what the vendor allows
    /// by its documentation, so that others can use the API too.
    pub spacing: Duration,
    /// The limit that its documentation states.
    pub limit: &'static str,
    /// The logs that are read where the settings name none.
    pub usual: &'static [&'static str],
}

/// How a log is asked for a range of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// `since` and `until`, ISO 8601. Without `until` Okta goes by when an event was stored.
    SinceUntil,
    /// OData's `$filter` over a property, and what else it must say.
    Filter {
        /// The property that holds the time.
        time: &'static str,
        /// A further condition.
        also: Option<&'static str>,
    },
    /// GitHub's `phrase=created:…`.
    Phrase,
    /// `mintime` and `maxtime`, ms; both must be there.
    MinMax,
    /// `mintime`, s; its end can't be asked for.
    Min,
    /// A search for the first event; its id leads on.
    Search,
}

/// How a page tells what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// `Link: <…>; rel="next"` (RFC 8288).
    Link {
        /// Whether there is always a next page, empty where nothing is new: then it is
        /// the mark, and nothing is read twice.
        is_endless: bool,
    },
    /// `@odata.nextLink`.
    NextLink,
    /// `response.metadata.next_offset`, sent back as `next_offset`.
    Offset,
    /// The oldest so many events come; the last one's time leads on.
    LastTime {
        /// How many.
        most: usize,
    },
    /// The last event's id leads on, for ever.
    Checkpoint,
}

impl Paging {
    /// Whether there is always a next page.
    pub(super) const fn is_endless(self) -> bool {
        matches!(self, Self::Link { is_endless: true } | Self::Checkpoint)
    }
}

/// One log of a vendor.
#[derive(Debug)]
pub struct Endpoint {
    /// Whose.
    pub kind: Kind,
    /// Its name in the settings.
    pub what: &'static str,
    /// The source that reads its events.
    pub source: &'static str,
    /// The path, with `{organisation}` where that belongs.
    pub path: &'static str,
    /// Parameters that are always the same: page size, order.
    pub query: &'static [(&'static str, &'static str)],
    /// How a range of time is asked for.
    pub range: Range,
    /// How a page tells what comes next.
    pub paging: Paging,
    /// Where in the body the events are; the body itself where empty.
    pub list: &'static [&'static str],
    /// The keys under which an event's id may be; none where events have none.
    pub id: &'static [&'static str],
    /// The keys under which its time may be.
    pub time: &'static [&'static str],
    /// Whether the newest come first.
    pub is_descending: bool,
    /// How long after its time an event may appear: so much is read again each time. What
    /// comes later still is found by reconciling.
    pub overlap: Duration,
    /// The longest range that is asked for at once, of what lies back.
    pub slice: Option<Duration>,
    /// How far back one may look, days, by the vendor's documentation.
    pub look_back_days: u32,
    /// Seconds between two readings, where the settings don't say.
    pub every: u64,
    /// What the credentials must be allowed.
    pub needs: &'static str,
    /// The vendor's documentation.
    pub documentation: &'static str,
}
