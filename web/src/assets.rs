//! Style, script and icon, built into the program. Their names hold their
//! hash, so browsers may keep them for ever; a name is looked up in a list,
//! never in a folder.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use sha2::{Digest, Sha256};

struct Asset {
    path: String,
    kind: &'static str,
    bytes: Cow<'static, [u8]>,
}

/// Style without comments and without the spaces that only readers need.
fn compact(style: &str) -> String {
    let mut out = String::with_capacity(style.len());
    for (i, piece) in style.split("/*").enumerate() {
        let kept = if i == 0 { piece } else { piece.split_once("*/").map_or("", |(_, rest)| rest) };
        for word in kept.split_whitespace() {
            // Where two words meet, a space stays, unless one of them ends a part.
            let tight = out.ends_with(['{', '}', ';', ',', ':']) || word.starts_with(['{', '}']);
            if !out.is_empty() && !tight {
                out.push(' ');
            }
            out.push_str(word);
        }
    }
    out
}

impl Asset {
    fn new(name: &str, ending: &str, kind: &'static str, bytes: Cow<'static, [u8]>) -> Self {
        let hash = hex::encode(Sha256::digest(&bytes));
        let hash = hash.get(..12).unwrap_or_default();
        Self { path: format!("/assets/{name}.{hash}.{ending}"), kind, bytes }
    }
}

/// Where pages find their assets.
pub(crate) struct Assets {
    style: Asset,
    script: Asset,
    icon: Asset,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    style: Asset::new(
        "rollcall",
        "css",
        "text/css; charset=utf-8",
        Cow::Owned(compact(include_str!("../assets/rollcall.css")).into_bytes()),
    ),
    script: Asset::new(
        "rollcall",
        "js",
        "text/javascript; charset=utf-8",
        Cow::Borrowed(include_bytes!("../assets/rollcall.js")),
    ),
    icon: Asset::new(
        "icon",
        "svg",
        "image/svg+xml",
        Cow::Borrowed(include_bytes!("../assets/icon.svg")),
    ),
});

/// Address of the style.
pub(crate) fn style() -> &'static str {
    &ASSETS.style.path
}

/// Address of the script.
pub(crate) fn script() -> &'static str {
    &ASSETS.script.path
}

/// Address of the icon.
pub(crate) fn icon() -> &'static str {
    &ASSETS.icon.path
}

/// `GET /assets/{name}`
pub(crate) async fn get(Path(name): Path<String>) -> Response {
    let path = format!("/assets/{name}");
    let assets = [&ASSETS.style, &ASSETS.script, &ASSETS.icon];
    match assets.into_iter().find(|asset| asset.path == path) {
        Some(asset) => {
            let headers = [
                (header::CONTENT_TYPE, asset.kind),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, asset.bytes.as_ref()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_keep_to_the_budget() {
        assert!(ASSETS.style.bytes.len() <= 15 * 1024, "{}", ASSETS.style.bytes.len());
        assert!(ASSETS.script.bytes.len() <= 6 * 1024, "{}", ASSETS.script.bytes.len());
    }

    #[test]
    fn a_compacted_style_says_the_same() {
        let style = "/* a */\n.a, .b > c { width: calc(100% - 2px); margin: 0 1px }\n/* b */ @media (x: y) { d {} }";
        let compacted = ".a,.b > c{width:calc(100% - 2px);margin:0 1px}@media (x:y){d{}}";
        assert_eq!(compact(style), compacted);
    }

    #[tokio::test]
    async fn only_listed_names_are_served() {
        let name = style().strip_prefix("/assets/").unwrap();
        assert_eq!(get(Path(name.to_owned())).await.status(), StatusCode::OK);
        for bad in ["", "rollcall.css", "../Cargo.toml", "..%2fCargo.toml", "/etc/passwd"] {
            assert_eq!(get(Path(bad.to_owned())).await.status(), StatusCode::NOT_FOUND, "{bad}");
        }
    }
}
