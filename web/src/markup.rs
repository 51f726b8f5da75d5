//! Markup that a template has written, so that another doesn't escape it again.

/// HTML or SVG from a template. Nothing else may make one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Markup(pub(crate) String);

impl std::fmt::Display for Markup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Markup {}
