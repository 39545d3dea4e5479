//! TLS to a database, by rustls.

use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::Socket;
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::{TlsConnector, client};

use crate::location::{LocationError, TlsMode};

/// Makes the TLS of connections. Where TLS is off it is made, but never used.
#[derive(Clone)]
pub(crate) struct Tls {
    config: Arc<ClientConfig>,
}

impl Tls {
    pub(crate) fn new(mode: &TlsMode) -> Result<Self, LocationError> {
        let provider = Arc::new(ring::default_provider());
        let unfit = |error: rustls::Error| LocationError::Certificates(error.to_string());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider));
        let builder = builder.with_safe_default_protocol_versions().map_err(unfit)?;
        let mut config = match mode {
            TlsMode::VerifyFull(file) => builder.with_root_certificates(roots(file.as_deref())?).with_no_client_auth(),
            TlsMode::Disable | TlsMode::Require => {
                let anyone = Arc::new(Anyone { provider });
                builder.dangerous().with_custom_certificate_verifier(anyone).with_no_client_auth()
            }
        };
        // What a server asks for that takes TLS without the protocol's own request.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(Self { config: Arc::new(config) })
    }
}

/// The certificates of a file, or of the system.
fn roots(file: Option<&Path>) -> Result<RootCertStore, LocationError> {
    let mut store = RootCertStore::empty();
    match file {
        Some(path) => {
            let unfit = |why: &dyn std::fmt::Display| LocationError::Certificates(format!("{}: {why}", path.display()));
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unfit(&error))? {
                store.add(certificate.map_err(|error| unfit(&error))?).map_err(|error| unfit(&error))?;
            }
        }
        None => {
            // Some of them may be of kinds that nobody reads any more; what counts is whether there are any.
            let (_added, _ignored) = store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if store.is_empty() {
        return Err(LocationError::Certificates("there are none".into()));
    }
    Ok(store)
}

/// Takes any certificate, since `sslmode=require` asks for encryption only; what is signed with it must still be right.
#[derive(Debug)]
struct Anyone {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Stream;
    type TlsConnect = Connector;
    type Error = io::Error;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Connector, io::Error> {
        Ok(Connector { config: Arc::clone(&self.config), host: domain.to_owned() })
    }
}

/// Makes the TLS of one connection.
pub(crate) struct Connector {
    config: Arc<ClientConfig>,
    host: String,
}

impl TlsConnect<Socket> for Connector {
    type Stream = Stream;
    type Error = io::Error;
    type Future = BoxFuture<'static, Result<Stream, io::Error>>;

    fn connect(self, socket: Socket) -> Self::Future {
        async move {
            let name = ServerName::try_from(self.host).map_err(io::Error::other)?;
            TlsConnector::from(self.config).connect(name, socket).await.map(Stream)
        }
        .boxed()
    }
}

/// A connection with TLS.
pub(crate) struct Stream(client::TlsStream<Socket>);

impl TlsStream for Stream {
    /// Passwords are proved without it; what it would add, `verify-full` gives.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
