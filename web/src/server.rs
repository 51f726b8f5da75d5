//! The router: which address is answered by what, and what stands before.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::ask::Library;
use crate::assets;
use crate::error::WebError;
use crate::evidence::Evidence;
use crate::feedback::Feedback;
use crate::guard::{headers, host};
use crate::page::{
    dashboard, event, events, evidence, feedback, listing, metric, preference, probe, quarantine,
    sign_in,
};
use crate::settings::WebSettings;
use crate::state::{StateDb, StateError};
use crate::status::Status;

/// Forms are small.
const LONGEST_BODY: usize = 16 * 1024;

/// What the pages are made from. Clones share it.
#[derive(Clone)]
pub struct WebState {
    pub(crate) library: Arc<dyn Library>,
    pub(crate) db: StateDb,
    pub(crate) status: Arc<dyn Status>,
    pub(crate) settings: Arc<WebSettings>,
    pub(crate) evidence: Option<Arc<dyn Evidence>>,
    pub(crate) feedback: Option<Arc<dyn Feedback>>,
}

impl WebState {
    /// `library` is the query crate's `Catalog`.
    pub fn new(
        library: impl Library + 'static,
        db: StateDb,
        status: Arc<dyn Status>,
        settings: WebSettings,
    ) -> Self {
        Self {
            library: Arc::new(library),
            db,
            status,
            settings: Arc::new(settings),
            evidence: None,
            feedback: None,
        }
    }

    /// The same with a ledger to show.
    #[must_use]
    pub fn with_evidence(self, evidence: Arc<dyn Evidence>) -> Self {
        Self { evidence: Some(evidence), ..self }
    }

    /// The same with a place for people's answers.
    #[must_use]
    pub fn with_feedback(self, feedback: Arc<dyn Feedback>) -> Self {
        Self { feedback: Some(feedback), ..self }
    }

    /// Uses the state database off the threads that answer requests.
    pub(crate) async fn with_db<T: Send + 'static>(
        &self,
        work: impl FnOnce(&StateDb) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, WebError> {
        let db = self.db.clone();
        match tokio::task::spawn_blocking(move || work(&db)).await {
            Ok(done) => done.map_err(WebError::from),
            Err(error) => Err(WebError::Writing(error.to_string())),
        }
    }
}

/// Every page. Merge it with ingest's router; it has a fallback, so ingest's
/// must have none.
pub fn router(state: WebState) -> Router {
    let mut pages = Router::new();
    for page in dashboard::PAGES {
        pages = pages.route(
            page.path,
            get(move |state, visitor, headers, query| {
                dashboard::get(page, state, visitor, headers, query)
            }),
        );
    }
    pages
        .route("/events", get(events::get))
        .route("/events/{position}", get(event::get))
        .route("/events/{position}/proof", get(evidence::proof))
        .route("/quarantine", get(quarantine::get))
        .route("/evidence", get(evidence::get))
        .route("/evidence/keys", get(evidence::keys))
        .route("/evidence/verifier/{name}", get(evidence::verifier))
        .route("/ledger/{*path}", get(evidence::file))
        .route("/m", get(metric::index))
        .route("/m/{*name}", get(metric::get))
        .route("/q/{name}", get(listing::get))
        .route("/sign-in", get(sign_in::explain))
        .route("/sign-in/{secret}", get(sign_in::look).post(sign_in::enter))
        .route("/sign-out", post(sign_in::leave))
        .route("/feedback/{link}", get(feedback::ask).post(feedback::answer))
        .route("/preferences", post(preference::set))
        .route("/assets/{name}", get(assets::get))
        .route("/healthz", get(probe::alive))
        .route("/readyz", get(probe::ready))
        .route("/metrics", get(probe::metrics))
        .fallback(|| async { WebError::NothingHere })
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(from_fn_with_state(state.clone(), host::check))
        .layer(CompressionLayer::new())
        .layer(from_fn(headers::add))
        .layer(CatchPanicLayer::new())
        .with_state(state)
}
