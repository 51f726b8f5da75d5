//! `/q/<name>.<format>`: a list to take along.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;

use crate::address::Address;
use crate::error::WebError;
use crate::export::{Format, Sheet};
use crate::guard::visitor::Visitor;
use crate::panel::context::{Context, rows};
use crate::panel::{listing, query};
use crate::server::WebState;

/// Rows in a file at most.
const MOST: i64 = 100_000;

/// `GET /q/{name}`
pub(crate) async fn get(
    State(state): State<WebState>,
    _visitor: Visitor,
    Path(name): Path<String>,
    RawQuery(address): RawQuery,
) -> Result<Response, WebError> {
    let (name, format) = Format::split(&name);
    let (Some(listing), Some(format)) = (listing::find(name), format) else {
        return Err(WebError::NothingHere);
    };
    let address = Address::parse(&address.unwrap_or_default(), &[]).map_err(WebError::Address)?;
    let context = Context::open(&state, "/", address).await;
    let parameters = query::parameters(listing, &context.view, MOST);
    let rows = rows(context.answers.as_ref(), listing.name, &parameters)
        .await
        .map_err(|failure| super::metric::failed(&failure, listing.name))?;
    if format == Format::Svg {
        let chart = query::chart(listing, &rows).ok_or(WebError::NothingHere)?;
        return Ok(format.answer(listing.name, chart.file()?.into_bytes()));
    }
    let mut as_of = crate::text::instant(context.now);
    let all = listing::in_all(&rows);
    if all > MOST {
        let (most, all) = (crate::text::count(MOST), crate::text::count(all));
        as_of.push_str(&format!("; cut off: the first {most} of {all} rows"));
    }
    let rows = rows.without(listing::OF_ALL);
    let sheet = Sheet::of_rows(listing.name, listing.title, rows, as_of);
    Ok(format.answer(listing.name, sheet.write(format)?))
}
