//! Sending a call: its signature, its repetition, its answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use linkspan_signing::{HeaderPairs, Payload, RequestParts, SignedDate, sign};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::ExposeSecret;

use crate::answer::Answer;
use crate::call::Call;
use crate::config::{ClientConfig, Credentials, TlsOptions};
use crate::endpoint::Endpoints;
use crate::error::ClientError;
use crate::project::ProjectClient;

const CONNECT_WITHIN: Duration = Duration::from_secs(10);
const USER_AGENT: &str = concat!("linkspan-client/", env!("CARGO_PKG_VERSION"));

/// A client; clones are handles to the same connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    config: ClientConfig,
}

impl Client {
    /// Prepares a client; nothing is sent.
    ///
    /// # Errors
    /// [`ClientError::Config`]: the certificates can't be read, or the system has none and TLS needs them.
    pub fn new(config: ClientConfig) -> Result<Self, ClientError> {
        let http = http_client(&config)?;
        Ok(Self { inner: Arc::new(Inner { http, config }) })
    }

    /// How it was configured.
    #[must_use]
    pub fn config(&self) -> &ClientConfig {
        &self.inner.config
    }

    /// The calls of one project.
    #[must_use]
    pub fn project(&self, id: &str) -> ProjectClient {
        ProjectClient::new(self.clone(), id)
    }

    /// Sends a call and waits for its whole answer. A status of 300 and above is an error.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, ClientError> {
        let mut repetitions = 0;
        loop {
            let answer = self.send_once(call).await?;
            if answer.status < 300 {
                return Ok(answer);
            }
            let failure = answer.failure();
            let retry = self.inner.config.retry;
            match retry.wait(repetitions, failure.status, failure.retry_after).filter(|_| call.repeatable) {
                Some(wait) => pause(wait).await,
                None => return Err(ClientError::Api(failure)),
            }
            repetitions += 1;
        }
    }

    async fn send_once(&self, call: &Call) -> Result<Answer, ClientError> {
        let endpoint = self.inner.config.endpoints.of(call.service);
        let url = endpoint.url(&call.path, &call.query);
        let named =
            |error: &reqwest::Error| ClientError::transport(&format!("{} {endpoint}{}", call.method, call.path), error);
        let headers = self.headers(call)?;
        let request = self.inner.http.request(call.method.clone(), url).headers(headers);
        let request = match &call.body {
            Some(body) => request.body(body.clone()),
            None => request,
        };
        let response = request.send().await.map_err(|error| named(&error))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body: Bytes = response.bytes().await.map_err(|error| named(&error))?;
        Ok(Answer { call: call.name(), status, headers, body })
    }

    /// Every header that is ours to set, and the signature over them.
    fn headers(&self, call: &Call) -> Result<HeaderMap, ClientError> {
        let config = &self.inner.config;
        let mut pairs: Vec<(&str, String)> = vec![("host", config.endpoints.of(call.service).host_header())];
        if call.body.is_some() {
            pairs.push(("content-type", "application/json".into()));
        }
        if let Some(project) = &call.project {
            pairs.push(("x-project-id", project.clone()));
        }
        match &config.credentials {
            Credentials::Anonymous => {}
            Credentials::Token(token) => pairs.push(("x-auth-token", token.expose_secret().to_owned())),
            Credentials::Key { access_key, secret_key, security_token } => {
                let date = SignedDate::from_unix_seconds((config.unix_seconds)()).map_err(|error| unsigned(&error))?;
                pairs.push((linkspan_signing::DATE_HEADER, date.to_string()));
                if let Some(token) = security_token {
                    pairs.push(("x-security-token", token.expose_secret().to_owned()));
                }
                let signature = signature(call, &pairs, (access_key, secret_key.expose_secret()))?;
                pairs.push(("authorization", signature));
            }
        }
        pairs.into_iter().map(|(name, value)| header(name, &value)).collect()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

fn signature(call: &Call, pairs: &[(&str, String)], (access, secret): (&str, &str)) -> Result<String, ClientError> {
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    let parts = RequestParts {
        method: call.method.as_str(),
        path: &call.path,
        query: &call.query,
        headers: &HeaderPairs(pairs),
        payload: Payload::Body(call.body.as_deref().unwrap_or_default()),
    };
    sign(&parts, &names, access, secret.as_bytes()).map_err(|error| unsigned(&error))
}

fn unsigned(error: &linkspan_signing::SignatureError) -> ClientError {
    ClientError::Unsendable(format!("it can't be signed: {error}"))
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), ClientError> {
    let refused = || ClientError::Unsendable(format!("the header {name} can't hold its value"));
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
    let mut value = HeaderValue::from_str(value).map_err(|_| refused())?;
    value.set_sensitive(matches!(name.as_str(), "authorization" | "x-auth-token" | "x-security-token"));
    Ok((name, value))
}

fn http_client(config: &ClientConfig) -> Result<reqwest::Client, ClientError> {
    // Only the first of a process is installed; another that was there before serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_WITHIN)
        .timeout(config.timeout)
        .redirect(reqwest::redirect::Policy::none());
    let builder = if is_local(&config.endpoints) { builder.no_proxy() } else { builder };
    let builder = trust(builder, config)?;
    builder.build().map_err(|error| ClientError::Config(format!("no HTTP client can be made: {}", chain(&error))))
}

/// A proxy can't reach this machine's own addresses.
fn is_local(endpoints: &Endpoints) -> bool {
    endpoints.all().iter().all(|endpoint| endpoint.is_loopback())
}

fn trust(builder: reqwest::ClientBuilder, config: &ClientConfig) -> Result<reqwest::ClientBuilder, ClientError> {
    let TlsOptions { ca_file, insecure } = &config.tls;
    if *insecure {
        return Ok(builder.tls_danger_accept_invalid_certs(true));
    }
    let Some(path) = ca_file else {
        // A machine without any root certificate must still reach a server over plain HTTP.
        let needs_roots = config.endpoints.all().iter().any(|endpoint| endpoint.is_tls());
        return Ok(if needs_roots { builder } else { builder.tls_certs_only([]) });
    };
    let fault = |why: &dyn fmt::Display| ClientError::Config(format!("the CA file {}: {why}", path.display()));
    let pem = std::fs::read(path).map_err(|error| fault(&error))?;
    let certificates = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| fault(&error))?;
    if certificates.is_empty() {
        return Err(fault(&"it holds no certificate in PEM form"));
    }
    Ok(builder.tls_certs_merge(certificates))
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text = format!("{text}: {deeper}");
        cause = deeper.source();
    }
    text
}

#[expect(clippy::disallowed_methods, reason = "the server said how long to wait before it can take the call")]
async fn pause(time: Duration) {
    tokio::time::sleep(time).await;
}
