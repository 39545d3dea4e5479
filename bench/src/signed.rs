//! Requests as the vendor's Python SDK sends them, signed right before they are used.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use linkspan_signing::{HeaderPairs, Payload, RequestParts, SignedDate, sign};

use crate::outcome::Outcome;

const USER_AGENT: &str = "huaweicloud-usdk-python/3.0";

/// The identity that a server made at its first start.
#[derive(Clone)]
pub struct Credentials {
    pub project: String,
    pub access_key: String,
    secret_key: String,
}

impl Credentials {
    /// Reads `credentials.json` of a data directory.
    pub fn read(directory: &Path) -> Outcome<Self> {
        let path = directory.join("credentials.json");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let json: serde_json::Value = serde_json::from_str(&text)?;
        let field = |name: &str| -> Outcome<String> {
            let value = json.get(name).and_then(serde_json::Value::as_str);
            Ok(value.ok_or_else(|| format!("{} has no `{name}`", path.display()))?.to_owned())
        };
        Ok(Self { project: field("project_id")?, access_key: field("access_key")?, secret_key: field("secret_key")? })
    }

    /// The path of the project's connections.
    pub fn connections(&self) -> String {
        format!("/v2.0/{}/datasource/enhanced-connections", self.project)
    }

    /// A request that lists connections.
    pub fn list(&self, address: SocketAddr, query: &str) -> Outcome<Vec<u8>> {
        self.request(address, ("GET", &self.connections(), query), b"")
    }

    /// A request that creates a connection.
    pub fn create(&self, address: SocketAddr, body: &[u8]) -> Outcome<Vec<u8>> {
        self.request(address, ("POST", &self.connections(), ""), body)
    }

    fn request(&self, address: SocketAddr, target: (&str, &str, &str), body: &[u8]) -> Outcome<Vec<u8>> {
        let (method, path, query) = target;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let date = SignedDate::from_unix_seconds(i64::try_from(now)?)?.to_string();
        let host = address.to_string();
        let headers = [
            ("Host", host.as_str()),
            ("Content-Type", "application/json"),
            ("User-Agent", USER_AGENT),
            ("X-Project-Id", self.project.as_str()),
            ("X-Sdk-Date", date.as_str()),
        ];
        let parts = RequestParts { method, path, query, headers: &HeaderPairs(&headers), payload: Payload::Body(body) };
        let names = headers.map(|(name, _)| name);
        let authorization = sign(&parts, &names, &self.access_key, self.secret_key.as_bytes())?;
        let question = if query.is_empty() { "" } else { "?" };
        let mut text = format!("{method} {path}{question}{query} HTTP/1.1\r\n");
        for (name, value) in headers.iter().chain(&[("Accept", "*/*"), ("Authorization", authorization.as_str())]) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        Ok([text.as_bytes(), body].concat())
    }
}

/// The body of a create as in the document, with two hosts.
pub fn create_body(name: &str) -> Vec<u8> {
    let body = serde_json::json!({
        "name": name,
        "dest_vpc_id": "22094d8f-c310-4621-913d-4c4d655d8495",
        "dest_network_id": "78f2562a-36e4-4b39-95b9-f5aab22e1281",
        "hosts": [{"name": "ecs-97f8-0001", "ip": "192.168.0.167"}, {"name": "ecs-97f8-0002", "ip": "192.168.0.168"}],
    });
    body.to_string().into_bytes()
}
