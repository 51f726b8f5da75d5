//! What surrounds every page.

use std::sync::Arc;

use super::dashboard::PAGES;
use crate::assets;
use crate::error::WebError;
use crate::guard::form;
use crate::guard::visitor::{Preferences, Visitor};

/// An entry of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NavEntry {
    pub(crate) label: &'static str,
    pub(crate) href: String,
    pub(crate) here: bool,
}

/// Who is signed in, for the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) account: String,
    pub(crate) role: &'static str,
    /// Token for the menu's forms.
    pub(crate) token: String,
    /// The address to come back to.
    pub(crate) back: String,
}

/// The frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) theme: &'static str,
    pub(crate) keys_off: bool,
    pub(crate) style: &'static str,
    pub(crate) script: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) nav: Vec<NavEntry>,
    pub(crate) signed: Option<Signed>,
    /// What stands on every page, for those who are signed in.
    pub(crate) notice: Option<Arc<str>>,
}

impl Frame {
    /// For someone who isn't signed in.
    pub(crate) fn outside(title: &str, preferences: Preferences) -> Self {
        Self {
            title: title.to_owned(),
            theme: preferences.theme,
            keys_off: preferences.keys_off,
            style: assets::style(),
            script: assets::script(),
            icon: assets::icon(),
            nav: Vec::new(),
            signed: None,
            notice: None,
        }
    }

    /// For someone who is. `query` is what the address says for every page, so
    /// that a period stays when the page changes; `back` is this page.
    pub(crate) fn inside(
        title: &str,
        path: &str,
        query: &str,
        back: String,
        visitor: &Visitor,
    ) -> Result<Self, WebError> {
        let mut places: Vec<_> = PAGES.iter().map(|page| (page.name, page.path)).collect();
        // Before the last page, which is about the data itself.
        places.insert(places.len().saturating_sub(1), ("Events", "/events"));
        places.push(("Evidence", "/evidence"));
        let nav = places
            .into_iter()
            .map(|(label, to)| NavEntry { label, href: format!("{to}{query}"), here: to == path })
            .collect();
        Ok(Self {
            nav,
            signed: Some(Signed {
                account: visitor.who.account.clone(),
                role: visitor.who.role.as_str(),
                token: form::token(&visitor.secret)?,
                back,
            }),
            notice: visitor.notice.clone(),
            ..Self::outside(title, visitor.preferences)
        })
    }
}
