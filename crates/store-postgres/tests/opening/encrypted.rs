//! TLS: asked for, and verified where that is asked for.

use linkspan_engine::store::Store;
use linkspan_store_postgres::OpenError;
use linkspan_testkit::postgres::Cluster;
use tempfile::TempDir;

use crate::open;

/// A server with a certificate for `localhost`, and a directory with the authority's.
fn with_tls() -> (Cluster, TempDir) {
    let cluster = Cluster::start("");
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let mut authority = rcgen::CertificateParams::default();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let certificate = authority.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let server = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    cluster.put("server.crt", &server.pem());
    cluster.put("server.key", &key.serialize_pem());
    cluster.set("ssl", "on");
    cluster.put("pg_hba.conf", "local all all trust\nhostssl all all 127.0.0.1/32 trust\n");
    let _ = cluster.sql("SELECT pg_reload_conf()");
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("ca.pem"), certificate.pem()).unwrap();
    (cluster, directory)
}

/// The URL with another host and other parameters of TLS.
fn url(cluster: &Cluster, host: &str, tls: &str) -> String {
    cluster.url_of(host, cluster.port(), "s").replace("sslmode=disable", tls)
}

#[tokio::test]
async fn a_certificate_is_verified_where_that_is_asked_for() {
    let (cluster, directory) = with_tls();
    let root = directory.path().join("ca.pem").display().to_string().replace('/', "%2F");
    let verified = format!("sslmode=verify-full&sslrootcert={root}");
    let store = open(&url(&cluster, "localhost", &verified)).unwrap();
    assert_eq!(store.head().await.unwrap().revision, 0);
    let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                     WHERE application_name = 'linkspan'";
    assert_eq!(cluster.sql(encrypted), "t");
    let another = open(&url(&cluster, "127.0.0.1", &verified)).unwrap_err();
    assert!(matches!(another, OpenError::Unreachable { .. }), "{another}");
    assert!(another.to_string().contains("certificate"), "{another}");
    open(&url(&cluster, "127.0.0.1", "sslmode=require")).unwrap();
    let plain = open(&url(&cluster, "127.0.0.1", "sslmode=disable")).unwrap_err();
    assert!(matches!(plain, OpenError::Unreachable { .. }), "{plain}");
}

#[test]
fn an_unknown_authority_is_refused() {
    let (cluster, directory) = with_tls();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(directory.path().join("ca.pem"), other.cert.pem()).unwrap();
    let root = directory.path().join("ca.pem").display().to_string().replace('/', "%2F");
    let refused = open(&url(&cluster, "localhost", &format!("sslmode=verify-full&sslrootcert={root}"))).unwrap_err();
    assert!(matches!(refused, OpenError::Unreachable { .. }), "{refused}");
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_asked_for() {
    let cluster = Cluster::start("");
    let refused = open(&url(&cluster, "127.0.0.1", "sslmode=require")).unwrap_err();
    assert!(refused.to_string().contains("TLS"), "{refused}");
    let missing = open(&url(&cluster, "127.0.0.1", "sslmode=verify-full&sslrootcert=%2Fnowhere")).unwrap_err();
    assert!(matches!(missing, OpenError::Location(_)), "{missing}");
}
