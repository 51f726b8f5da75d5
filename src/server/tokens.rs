//! Collectors' tokens, from state.db.

use rollcall_ingest::Collector;
use rollcall_web::StateDb;

/// The tokens of a state database.
pub struct Tokens(pub StateDb);

impl rollcall_ingest::Tokens for Tokens {
    fn check(&self, token: &str) -> Result<Collector, String> {
        let found = self.0.check_token(token).map_err(|error| error.to_string())?;
        let all = found.sources.iter().any(|source| source == "*");
        let sources = if all { Vec::new() } else { found.sources.clone() };
        Ok(Collector { name: found.name.as_str().into(), sources: sources.into() })
    }
}
