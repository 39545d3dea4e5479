use std::sync::Arc;

use linkspan_engine::command::{Bootstrap, SystemCommand};
use linkspan_engine::{Engine, Options, Origin, RandomIds, Request, SystemClock};
use linkspan_model::{Domain, Project, User};
use linkspan_testkit::memory::{Call, MemoryStore, ReadFault};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::*;
use crate::app::Settings;
use crate::auth::{Keys, TokenGrant, TokenMethod, samples};
use crate::plane_side::PlaneSide;

struct Stage {
    running: Running,
    store: Arc<MemoryStore>,
    directory: tempfile::TempDir,
}

/// A node over a store, not started.
async fn node(store: &Arc<MemoryStore>, auth: Keys) -> App {
    let options = Options::new(crate::render_row, Arc::new(SystemClock), Arc::new(RandomIds));
    let engine = Engine::open(Arc::clone(store) as Arc<_>, options).await.unwrap();
    let (clock, plane) = (Arc::new(SystemClock), PlaneSide::default());
    App { engine, auth, clock, plane, settings: Settings::default() }
}

async fn started() -> Stage {
    let store = Arc::new(MemoryStore::default());
    let app = node(&store, samples::keys()).await;
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

/// Whoever trusts the certificate that the server made.
fn trusting(stage: &Stage) -> TlsConnector {
    let pem = std::fs::read(stage.directory.path().join("tls-certificate.pem")).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn https_is_served_with_the_certificate_that_was_made() {
    let stage = started().await;
    let address = stage.running.addresses().https.unwrap();
    let connector = trusting(&stage);
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

const LOGIN: &str = r#"{"auth":{"identity":{"methods":["password"],"password":{"user":
    {"name":"alice","password":"correct horse","domain":{"name":"one"}}}},"scope":{"project":{"name":"first"}}}}"#;

/// Makes domain `one`, project `first` and the user `alice` with a password.
async fn populate(app: &App) {
    let hash = app.auth.hash_password(&"correct horse".into()).await.unwrap();
    let user = User { password_hash: Some(hash), admin: true, ..samples::user() };
    let (domain, id) = (user.domain.clone(), "p1".parse().unwrap());
    let first = Bootstrap {
        domain: Domain { id: domain.clone(), name: "one".into(), create_time: 0 },
        project: Project { id, domain, name: "first".into(), enabled: true, create_time: 0, node: None },
        user,
        key: samples::access_key(&app.auth, "AK1", "secret"),
    };
    let request = Request::System(SystemCommand::Bootstrap(Box::new(first)));
    app.engine.submit(request, Origin::default()).await.unwrap();
}

async fn log_in(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> String {
    let length = LOGIN.len();
    let head = "POST /v3/auth/tokens HTTP/1.1\r\nHost: linkspan.test:8443\r\nConnection: close\r\n";
    let request = format!("{head}Content-Length: {length}\r\n\r\n{LOGIN}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn the_catalog_has_the_scheme_of_the_listener() {
    let stage = started().await;
    populate(&stage.running.app).await;
    let Addresses { http, https, .. } = stage.running.addresses();
    let plain = log_in(TcpStream::connect(http.unwrap()).await.unwrap()).await;
    let stream = TcpStream::connect(https.unwrap()).await.unwrap();
    let encrypted = log_in(trusting(&stage).connect("localhost".try_into().unwrap(), stream).await.unwrap()).await;
    for (answer, scheme, other) in [(plain, "http", "https"), (encrypted, "https", "http")] {
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
        assert!(answer.contains(&format!("\"{scheme}://linkspan.test:8443/v1.0/p1\"")), "{answer}");
        assert!(!answer.contains(&format!("\"{other}://")), "{answer}");
    }
}

/// The key of tokens lies in the store under the master key, so whoever has both goes on with the tokens of another.
#[tokio::test]
async fn a_token_is_good_after_a_restart_and_on_another_node() {
    let (store, directory) = (Arc::new(MemoryStore::default()), tempfile::tempdir().unwrap());
    let master = directory.path().join("master.key");
    let first = node(&store, Keys::open(&master).unwrap()).await;
    first.auth.prepare(&first.engine).await.unwrap();
    populate(&first).await;
    let now = first.clock.now();
    let token = {
        let state = first.engine.view();
        let user = state.user(&"u1".parse().unwrap()).unwrap();
        let grant = TokenGrant { user, project: None, ends_by: None, method: TokenMethod::Password };
        first.auth.issue_token(&state, grant, now).unwrap()
    };
    let other = node(&store, Keys::open_existing(&master).unwrap()).await;
    other.auth.prepare(&other.engine).await.unwrap();
    let text = token.text.expose_secret();
    let good = other.auth.verify_token(&other.engine.view(), text, now).unwrap();
    assert_eq!((good.principal.user_name(), good.expires_at), ("alice", token.expires_at));
    assert!(first.auth.verify_token(&first.engine.view(), text, now).is_ok(), "the other one made no new key");
    let stranger = node(&store, samples::keys()).await;
    assert!(matches!(stranger.auth.prepare(&stranger.engine).await, Err(PrepareError::WrongMasterKey)));
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
