//! Certificates and keys, from files in PEM.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{Error, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::input::error::InputError;

/// What answers clients that speak TLS 1.2 or 1.3. With a `client_ca` a client must have a
/// certificate that comes from it.
///
/// # Errors
/// If a file can't be read, or doesn't hold what it should.
pub(super) fn acceptor(
    certificate: &Path,
    key: &Path,
    client_ca: Option<&Path>,
) -> Result<TlsAcceptor, InputError> {
    let provider = Arc::new(ring::default_provider());
    let chain = certificates(certificate)?;
    let of_key = |detail: String| wrong(key, detail);
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| of_key(said(&error, "private key (PKCS#8, PKCS#1 or SEC1)")))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| of_key(error.to_string()))?;
    let builder = match client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => builder.with_client_cert_verifier(verifier(path, provider)?),
    };
    let config = builder.with_single_cert(chain, private).map_err(|error| {
        of_key(format!("it isn't the key of {}: {error}", certificate.display()))
    })?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

type Verifier = Arc<dyn tokio_rustls::rustls::server::danger::ClientCertVerifier>;

fn verifier(path: &Path, provider: Arc<CryptoProvider>) -> Result<Verifier, InputError> {
    let mut roots = RootCertStore::empty();
    for root in certificates(path)? {
        roots.add(root).map_err(|error| wrong(path, error.to_string()))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| wrong(path, error.to_string()))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, InputError> {
    const WANTED: &str = "certificate";
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = read.map_err(|error| wrong(path, said(&error, WANTED)))?;
    match found.is_empty() {
        true => Err(wrong(path, said(&Error::NoItemsFound, WANTED))),
        false => Ok(found),
    }
}

fn wrong(path: &Path, detail: String) -> InputError {
    InputError::Tls { path: path.to_owned(), detail }
}

/// What is wrong with a file; nothing of what is in it.
fn said(error: &Error, wanted: &str) -> String {
    match error {
        Error::Io(error) => format!("can't be read: {error}"),
        Error::NoItemsFound => format!("holds no {wanted} in PEM"),
        _ => format!("isn't PEM with a {wanted}"),
    }
}
