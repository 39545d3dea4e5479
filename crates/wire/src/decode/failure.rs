use serde_json::Value;

/// What a failed call says, whichever service or gateway says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The service's code such as `DLI.0001`, or the HTTP status if the body has none.
    pub code: String,
    /// The text, or the body itself if it has none.
    pub message: String,
    /// The request's id, if the body holds it.
    pub request_id: Option<String>,
}

impl Failure {
    /// The pairs of names under which services put code and text, best first. The last is Linkspan's problem+json.
    const NAMES: [(&'static str, &'static str); 4] =
        [("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message"), ("code", "detail")];

    /// Reads any body, at the top level first and then one level down, as the vendor's SDKs do.
    #[must_use]
    pub fn from_body(status: u16, body: &[u8]) -> Self {
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        let request_id = json.get("request_id").and_then(Value::as_str).map(str::to_owned);
        let nested = json.as_object().into_iter().flat_map(serde_json::Map::values);
        match std::iter::once(&json).chain(nested).find_map(Self::pair) {
            Some((code, message)) => Self { code, message, request_id },
            None => Self { code: status.to_string(), message: cut(body), request_id },
        }
    }

    fn pair(value: &Value) -> Option<(String, String)> {
        Self::NAMES.iter().find_map(|(code, message)| {
            let code = match value.get(code)? {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                _ => return None,
            };
            Some((code, value.get(message)?.as_str()?.to_owned()))
        })
    }
}

/// A body that is not what it should be, for a message: not more than a screen of it.
fn cut(body: &[u8]) -> String {
    const MOST_CHARS: usize = 1000;
    String::from_utf8_lossy(body).chars().take(MOST_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_was_seen() {
        for (body, code, message) in [
            (r#"{"error_code": "DLI.0001", "error_msg": "m"}"#, "DLI.0001", "m"),
            (r#"{"is_success": false, "message": "x", "error_code": "DLI.0005", "error_msg": "m"}"#, "DLI.0005", "m"),
            (r#"{"errorCode": "X", "errorMsg": "m"}"#, "X", "m"),
            (r#"{"code": "VPC.0101", "message": "m"}"#, "VPC.0101", "m"),
            (r#"{"error": {"code": 400, "message": "m", "title": "Bad Request"}}"#, "400", "m"),
            (
                r#"{"type":"about:blank","title":"Conflict","status":409,"detail":"m","code":"conflict"}"#,
                "conflict",
                "m",
            ),
        ] {
            let failure = Failure::from_body(400, body.as_bytes());
            assert_eq!((failure.code.as_str(), failure.message.as_str()), (code, message), "{body}");
        }
    }

    #[test]
    fn other_bodies_are_shown() {
        for body in
            ["plain", "", r#"{"error_code": "DLI.0001"}"#, "[]", r#"{"is_success": false, "message": "bad name"}"#]
        {
            let failure = Failure::from_body(503, body.as_bytes());
            assert_eq!((failure.code.as_str(), failure.message.as_str()), ("503", body));
        }
        assert_eq!(Failure::from_body(500, &[0xff; 5000]).message.chars().count(), 1000);
    }

    #[test]
    fn what_the_server_writes_is_read() {
        let error = crate::ApiError::unauthenticated("verify aksk signature fail");
        let failure = Failure::from_body(error.status(), &error.body("id"));
        assert_eq!((failure.code.as_str(), failure.message.as_str()), ("APIGW.0301", error.message()));
        assert_eq!(failure.request_id.as_deref(), Some("id"));
    }
}
