//! The certificate of the HTTPS listener: from files that are read again when they change, or made here.
//!
//! Invariants: a handshake never waits for the disk; a certificate that can't be read leaves the last good one in
//! place; ALPN offers HTTP/1.1 only.
//!
//! To add a source of certificates: a variant of [`Certificate`] and its arm in `Certificate::read`.

mod self_signed;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use linkspan_engine::Clock;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// How often a certificate is read again.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Where the certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Certificate {
    /// PEM files, read again when they change.
    Files {
        /// The certificate and what leads to its root.
        certificate: PathBuf,
        /// Its private key.
        key: PathBuf,
    },
    /// One that is made here, kept in this directory, and renewed before it ends.
    SelfSigned {
        /// The data directory. The certificate alone, for clients to trust, is in `tls-certificate.pem`.
        directory: PathBuf,
        /// Names and addresses that it is for, beside `localhost`, `127.0.0.1` and `::1`.
        names: Vec<String>,
    },
}

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read or written.
    #[error("the certificate file {path}: {cause}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the file system says.
        cause: io::Error,
    },
    /// A file holds no certificate, no key, or a key of another certificate.
    #[error("the certificate file {path}: {why}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A certificate can't be made.
    #[error("no certificate can be made: {0}")]
    Make(String),
}

/// What was read.
pub(crate) struct Pem {
    chain: Vec<u8>,
    key: Vec<u8>,
    path: PathBuf,
}

/// The certificate in use.
pub(crate) struct Served {
    source: Certificate,
    clock: Arc<dyn Clock>,
    current: Arc<Current>,
    config: Arc<ServerConfig>,
    content: (Vec<u8>, Vec<u8>),
}

/// What handshakes use.
struct Current(ArcSwap<CertifiedKey>);

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Current(…)")
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Certificate {
    /// Reads or makes the certificate.
    pub(crate) async fn open(self, clock: Arc<dyn Clock>) -> Result<Served, TlsError> {
        let pem = read_aside(&self, &clock).await?;
        let current = Arc::new(Current(ArcSwap::from_pointee(certified(&pem)?)));
        let fault = |error: rustls::Error| TlsError::Make(error.to_string());
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(fault)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&current) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Served { source: self, clock, current, config: Arc::new(config), content: (pem.chain, pem.key) })
    }

    /// Blocks on the disk.
    fn read(&self, clock: &dyn Clock) -> Result<Pem, TlsError> {
        match self {
            Self::Files { certificate, key } => {
                Ok(Pem { chain: read(certificate)?, key: read(key)?, path: certificate.clone() })
            }
            Self::SelfSigned { directory, names } => self_signed::read_or_make(directory, names, clock.now()),
        }
    }
}

async fn read_aside(source: &Certificate, clock: &Arc<dyn Clock>) -> Result<Pem, TlsError> {
    let (source, clock) = (source.clone(), Arc::clone(clock));
    let reading = tokio::task::spawn_blocking(move || source.read(clock.as_ref()));
    reading.await.unwrap_or_else(|panic| Err(TlsError::Make(panic.to_string())))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|cause| TlsError::File { path: path.to_owned(), cause })
}

fn certified(pem: &Pem) -> Result<CertifiedKey, TlsError> {
    let fault = |why: String| TlsError::Malformed { path: pem.path.clone(), why };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem.chain).collect();
    let chain = chain.map_err(|error| fault(error.to_string()))?;
    if chain.is_empty() {
        return Err(fault("it holds no certificate".into()));
    }
    let key = PrivateKeyDer::from_pem_slice(&pem.key).map_err(|error| fault(format!("its key: {error}")))?;
    let key = ring::sign::any_supported_type(&key).map_err(|error| fault(format!("its key: {error}")))?;
    let certified = CertifiedKey::new(chain, key);
    certified.keys_match().map_err(|error| fault(format!("its key: {error}")))?;
    Ok(certified)
}

impl Served {
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// Takes over what has changed; runs until it is dropped.
    pub(crate) async fn keep_fresh(mut self) {
        let mut period = tokio::time::interval(LOOK_AGAIN);
        loop {
            period.tick().await;
            match self.refresh().await {
                Ok(true) => tracing::info!("the certificate has changed and was taken over"),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "the certificate can't be read again, the last one stays"),
            }
        }
    }

    /// Reads the certificate again; answers whether it is another one.
    async fn refresh(&mut self) -> Result<bool, TlsError> {
        let pem = read_aside(&self.source, &self.clock).await?;
        if pem.chain == self.content.0 && pem.key == self.content.1 {
            return Ok(false);
        }
        self.current.0.store(Arc::new(certified(&pem)?));
        self.content = (pem.chain, pem.key);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use linkspan_model::UnixMillis;

    use super::*;

    #[derive(Default)]
    struct HandClock(AtomicI64);

    impl Clock for HandClock {
        fn now(&self) -> UnixMillis {
            self.0.load(Ordering::Relaxed)
        }
    }

    const DAY_MS: i64 = 24 * 60 * 60 * 1000;

    fn self_signed(directory: &Path) -> Certificate {
        Certificate::SelfSigned { directory: directory.to_owned(), names: vec!["linkspan.test".into()] }
    }

    fn leaf(served: &Served) -> Vec<u8> {
        served.current.0.load().cert[0].to_vec()
    }

    #[tokio::test]
    async fn one_is_made_kept_and_renewed_in_time() {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(HandClock::default());
        clock.0.store(20_000 * DAY_MS, Ordering::Relaxed);
        let first = self_signed(directory.path()).open(clock.clone()).await.unwrap();
        let mut again = self_signed(directory.path()).open(clock.clone()).await.unwrap();
        assert_eq!(leaf(&first), leaf(&again), "a restart keeps it");
        clock.0.fetch_add(330 * DAY_MS, Ordering::Relaxed);
        assert!(!again.refresh().await.unwrap());
        clock.0.fetch_add(10 * DAY_MS, Ordering::Relaxed);
        assert!(again.refresh().await.unwrap(), "25 days before its end it is renewed");
        assert_ne!(leaf(&first), leaf(&again));
        let mut other_names = self_signed(directory.path());
        if let Certificate::SelfSigned { names, .. } = &mut other_names {
            names.push("10.0.0.1".into());
        }
        assert_ne!(leaf(&other_names.open(clock).await.unwrap()), leaf(&again), "other names need another one");
    }

    #[tokio::test]
    async fn files_are_read_again_and_bad_ones_leave_the_last_good_one() {
        let made = tempfile::tempdir().unwrap();
        let files = tempfile::tempdir().unwrap();
        let (certificate, key) = (files.path().join("cert.pem"), files.path().join("key.pem"));
        let clock = Arc::new(HandClock::default());
        let write_new = || {
            let own = tempfile::tempdir_in(made.path()).unwrap();
            let pem = self_signed(own.path()).read(clock.as_ref()).unwrap();
            std::fs::write(&certificate, &pem.chain).unwrap();
            std::fs::write(&key, &pem.key).unwrap();
        };
        write_new();
        let source = Certificate::Files { certificate: certificate.clone(), key: key.clone() };
        let mut served = source.open(clock.clone()).await.unwrap();
        let first = leaf(&served);
        assert!(!served.refresh().await.unwrap());
        write_new();
        assert!(served.refresh().await.unwrap());
        let second = leaf(&served);
        assert_ne!(first, second);
        std::fs::write(&key, "no key").unwrap();
        assert!(matches!(served.refresh().await, Err(TlsError::Malformed { .. })));
        std::fs::remove_file(&certificate).unwrap();
        assert!(matches!(served.refresh().await, Err(TlsError::File { .. })));
        assert_eq!(leaf(&served), second);
    }

    #[tokio::test]
    async fn a_key_of_another_certificate_is_refused() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let clock = Arc::new(HandClock::default());
        let pem = self_signed(one.path()).read(clock.as_ref()).unwrap();
        let stranger = self_signed(other.path()).read(clock.as_ref()).unwrap();
        let mixed = Pem { key: stranger.key, ..pem };
        assert!(matches!(certified(&mixed), Err(TlsError::Malformed { .. })));
    }
}
