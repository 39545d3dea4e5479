//! Captured requests, as they were sent.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use linkspan_model::UnixMillis;
use serde_json::Value;

/// Where the compatibility suites are.
pub(super) fn compat_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../compat")
}

/// One request and what a stub answered it.
pub(super) struct Capture {
    /// Number and label, as the tables of expectations name it.
    pub(super) key: String,
    pub(super) label: String,
    pub(super) target: String,
    pub(super) body: Vec<u8>,
    pub(super) status: u16,
    /// Null if there was no body.
    pub(super) answer: Value,
    /// The request, head and body.
    pub(super) bytes: Vec<u8>,
    /// When it was signed; none of those that were not.
    pub(super) signed_at: Option<UnixMillis>,
}

/// The captures of a file.
pub(super) fn load(file: &str) -> Vec<Capture> {
    let path = compat_folder().join("replay/captures").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().map(|line| capture(&serde_json::from_str(line).unwrap())).collect()
}

fn capture(raw: &Value) -> Capture {
    let text = |name: &str| raw[name].as_str().unwrap_or_default().to_owned();
    let (method, target) = (text("method"), text("target"));
    let label = raw["label"].as_str().map_or_else(|| method.to_lowercase(), str::to_owned);
    let body = match raw["body_b64"].as_str() {
        Some(encoded) => STANDARD.decode(encoded).unwrap(),
        None => text("body").into_bytes(),
    };
    let mut bytes = format!("{method} {target} HTTP/1.1\r\n").into_bytes();
    let mut signed_at = None;
    for header in raw["headers"].as_array().unwrap() {
        let (name, value) = (header[0].as_str().unwrap(), header[1].as_str().unwrap());
        if name == "X-Sdk-Date" {
            signed_at = Some(unix_millis(value));
        }
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&body);
    let answer = raw["response"]["body"].as_str().filter(|body| !body.is_empty());
    Capture {
        key: format!("{:02}-{label}", raw["seq"].as_u64().unwrap()),
        label,
        target,
        body,
        status: u16::try_from(raw["response"]["status"].as_u64().unwrap()).unwrap(),
        answer: answer.map_or(Value::Null, |body| serde_json::from_str(body).unwrap()),
        bytes,
        signed_at,
    }
}

fn unix_millis(date: &str) -> UnixMillis {
    let time = DateTime::strptime("%Y%m%dT%H%M%SZ", date).unwrap();
    TimeZone::UTC.to_timestamp(time).unwrap().as_millisecond()
}
