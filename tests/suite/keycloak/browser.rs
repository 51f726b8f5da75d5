//! A person's browser: it keeps cookies, follows redirects and fills in forms.

use std::collections::BTreeMap;

use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

/// Someone's browser.
pub struct Browser {
    address: String,
    cookies: BTreeMap<String, String>,
}

/// What it shows after its redirects.
pub struct Page {
    body: String,
    /// Where Keycloak sent it: back to a client.
    left_to: Option<Url>,
}

impl Browser {
    /// One that knows nothing of Keycloak yet.
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), cookies: BTreeMap::new() }
    }

    /// Opens the page to sign in to a client of the realm; `more` goes behind the address.
    pub fn enter(&mut self, client: &str, more: &str) -> Page {
        let back: String = byte_serialize(back(client).as_bytes()).collect();
        let path = format!(
            "/realms/corp/protocol/openid-connect/auth?client_id={client}&response_type=code\
             &scope=openid&redirect_uri={back}&state=x{more}"
        );
        self.open(&path)
    }

    /// Opens a page.
    pub fn open(&mut self, path: &str) -> Page {
        self.follow("GET", path, "")
    }

    /// Sends the form of a page.
    #[track_caller]
    pub fn submit(&mut self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let action = page.action().unwrap_or_else(|| panic!("no form: {}", page.body));
        self.follow("POST", &action, &form(fields))
    }

    fn follow(&mut self, method: &str, path: &str, body: &str) -> Page {
        let (mut head, mut body) = self.exchange(method, path, body);
        // No flow has more steps than that.
        for _ in 0..10 {
            let Some(to) = header(&head, "location").next().map(str::to_owned) else {
                return Page { body, left_to: None };
            };
            if !to.starts_with(&self.address) {
                return Page { body, left_to: Some(Url::parse(&to).expect("an address")) };
            }
            (head, body) = self.exchange("GET", &to, "");
        }
        panic!("redirects without end: {head}");
    }

    fn exchange(&mut self, method: &str, path: &str, body: &str) -> (String, String) {
        let path = path.strip_prefix(&self.address).unwrap_or(path);
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let mut headers = Vec::new();
        if !self.cookies.is_empty() {
            headers.push(("cookie", cookies.collect::<Vec<_>>().join("; ")));
        }
        if !body.is_empty() {
            headers.push(("content-type", "application/x-www-form-urlencoded".to_owned()));
        }
        let (head, body) =
            crate::http::exchange(&self.address, method, path, &headers, body.as_bytes())
                .expect("an answer");
        for cookie in header(&head, "set-cookie") {
            let (name, value) = cookie.split_once('=').expect("a cookie");
            let value = value.split(';').next().unwrap_or_default();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        (head, body)
    }
}

impl Page {
    /// The code that a client gets for a sign-in that worked.
    #[track_caller]
    pub fn code(&self) -> String {
        let to = self.left_to.as_ref().unwrap_or_else(|| panic!("not signed in: {}", self.body));
        let code = to.query_pairs().find(|(name, _)| name == "code");
        code.unwrap_or_else(|| panic!("no code: {to}")).1.into_owned()
    }

    /// Whether a field of this name is asked for.
    pub fn asks_for(&self, field: &str) -> bool {
        self.body.contains(&format!("name=\"{field}\""))
    }

    /// Whether it says this.
    pub fn says(&self, text: &str) -> bool {
        self.body.contains(text)
    }

    /// What a hidden field holds.
    #[track_caller]
    pub fn hidden(&self, field: &str) -> String {
        let found = self.body.split_once(&format!("name=\"{field}\"")).and_then(|(_, rest)| {
            let (_, value) = rest.split_once('>')?.0.split_once("value=\"")?;
            Some(value.split_once('"')?.0.to_owned())
        });
        found.unwrap_or_else(|| panic!("no {field}: {}", self.body))
    }

    fn action(&self) -> Option<String> {
        let (_, form) = self.body.split_once("<form")?;
        let (_, action) = form.split_once('>')?.0.split_once("action=\"")?;
        Some(action.split_once('"')?.0.replace("&amp;", "&"))
    }
}

/// Where a client wants people back.
pub fn back(client: &str) -> String {
    format!("https://{client}.example.com/back")
}

/// Fields as a form sends them.
pub fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The values of a header.
fn header<'a>(head: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .filter(move |(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}
