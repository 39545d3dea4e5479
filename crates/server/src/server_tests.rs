use std::sync::Arc;

use linkspan_engine::{Engine, Options, RandomIds, SystemClock};
use linkspan_testkit::memory::{Call, MemoryStore, ReadFault};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::*;
use crate::app::Settings;
use crate::auth::samples;
use crate::plane_work::PlaneSide;

struct Stage {
    running: Running,
    store: Arc<MemoryStore>,
    directory: tempfile::TempDir,
}

async fn started() -> Stage {
    let store = Arc::new(MemoryStore::default());
    let options = Options::new(crate::render_row, Arc::new(SystemClock), Arc::new(RandomIds));
    let engine = Engine::open(Arc::clone(&store) as Arc<_>, options).await.unwrap();
    let app = App {
        engine,
        auth: samples::keys(),
        clock: Arc::new(SystemClock),
        plane: PlaneSide::default(),
        settings: Settings::default(),
    };
    let directory = tempfile::tempdir().unwrap();
    let certificate = Certificate::SelfSigned { directory: directory.path().to_owned(), names: Vec::new() };
    let any = Some("127.0.0.1:0".parse().unwrap());
    let config = ServerConfig {
        http: any,
        https: any.map(|address| (address, certificate)),
        metrics: any,
        limits: Limits::default(),
    };
    Stage { running: Server::start(config, app).await.unwrap(), store, directory }
}

/// Everything that comes back on a connection that the server is asked to close.
async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, method: &str, path: &str) -> String {
    let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn ask(address: Option<SocketAddr>, method: &str, path: &str) -> String {
    exchange(TcpStream::connect(address.unwrap()).await.unwrap(), method, path).await
}

#[tokio::test]
async fn https_is_served_with_the_certificate_that_was_made() {
    let stage = started().await;
    let pem = std::fs::read(stage.directory.path().join("tls-certificate.pem")).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let address = stage.running.addresses().https.unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    for name in ["localhost", "127.0.0.1"] {
        let stream = TcpStream::connect(address).await.unwrap();
        let stream = connector.connect(name.try_into().unwrap(), stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        assert!(exchange(stream, "GET", "/healthz").await.starts_with("HTTP/1.1 200 OK\r\n"));
    }
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _closed = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "who speaks HTTP on the port for HTTPS is not served");
}

#[tokio::test]
async fn figures_and_honest_health_are_on_a_listener_of_their_own() {
    let stage = started().await;
    let Addresses { http, metrics, .. } = stage.running.addresses();
    assert!(ask(http, "GET", "/healthz").await.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(ask(http, "GET", "/metrics").await.starts_with("HTTP/1.1 404 Not Found\r\n"));
    let figures = ask(metrics, "GET", "/metrics").await;
    for line in [
        "linkspan_requests_total{operation=\"Healthz\",status=\"200\"} 1",
        "linkspan_requests_total{operation=\"none\",status=\"404\"} 1",
        "linkspan_request_duration_seconds_count{operation=\"Healthz\"} 1",
        "linkspan_request_duration_seconds_bucket{le=\"+Inf\",operation=\"Healthz\"} 1",
        "linkspan_connections_accepted_total 2",
        "linkspan_commits_total 1",
        "linkspan_revision 1",
        "linkspan_build_info{version=\"",
        "# EOF",
    ] {
        assert!(figures.contains(line), "no {line} in\n{figures}");
    }
    assert!(ask(metrics, "HEAD", "/readyz").await.ends_with("\r\n\r\n"));
    assert!(ask(metrics, "POST", "/metrics").await.starts_with("HTTP/1.1 405 "));
    assert!(ask(metrics, "GET", "/v3/projects").await.starts_with("HTTP/1.1 404 "));
    for address in [http, metrics] {
        assert!(ask(address, "GET", "/readyz").await.starts_with("HTTP/1.1 200 OK\r\n"));
        stage.store.fail(Call::Head, ReadFault::Unavailable);
        assert!(ask(address, "GET", "/readyz").await.starts_with("HTTP/1.1 503 "));
    }
}

#[tokio::test]
async fn after_the_shutdown_nothing_listens_and_nothing_is_written() {
    let stage = started().await;
    let Addresses { http, https, metrics } = stage.running.addresses();
    let app = Arc::clone(&stage.running.app);
    stage.running.shutdown().await;
    for address in [http, https, metrics] {
        assert!(TcpStream::connect(address.unwrap()).await.is_err());
    }
    assert!(app.auth.renew_token_key(&app.engine).await.is_err(), "the engine is closed");
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() {
    let stage = started().await;
    let taken = stage.running.addresses().http.unwrap();
    let config = ServerConfig { http: Some(taken), ..ServerConfig::default() };
    let refused = Server::start(config, Arc::clone(&stage.running.app)).await.err().unwrap();
    assert!(matches!(refused, StartError::Listen { address, .. } if address == taken));
}
