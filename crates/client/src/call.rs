//! One call before it is signed and sent.

use linkspan_wire::query::encode;
use reqwest::Method;
use serde::Serialize;

use crate::endpoint::Service;
use crate::error::ClientError;

/// One call: what is sent, and whether it may be sent twice.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub service: Service,
    pub method: Method,
    /// Encoded, with its leading slash.
    pub path: String,
    /// Encoded, without `?`.
    pub query: String,
    pub body: Option<Vec<u8>>,
    /// Whether a repetition changes nothing more than the call itself.
    pub repeatable: bool,
    /// The project, which the cloud also wants to read in a header.
    pub project: Option<String>,
}

impl Call {
    /// A call of a path whose segments are given as they are, not encoded.
    ///
    /// # Errors
    /// A segment that no path can hold: an empty one, `.` or `..`.
    pub(crate) fn new(method: Method, segments: &[&str]) -> Result<Self, ClientError> {
        let mut path = String::new();
        for segment in segments {
            if matches!(*segment, "" | "." | "..") {
                return Err(ClientError::Unsendable(format!("`{segment}` can't be part of a path")));
            }
            path.push('/');
            path.push_str(&encode(segment));
        }
        let repeatable = matches!(method, Method::GET | Method::PUT | Method::DELETE);
        Ok(Self { service: Service::Dli, method, path, query: String::new(), body: None, repeatable, project: None })
    }

    pub(crate) fn service(mut self, service: Service) -> Self {
        self.service = service;
        self
    }

    pub(crate) fn query(mut self, query: String) -> Self {
        self.query = query;
        self
    }

    /// The parameters that have a value.
    pub(crate) fn parameters(self, parameters: &[(&str, Option<&str>)]) -> Self {
        let given = parameters.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let query = linkspan_wire::query::join(given);
        self.query(query)
    }

    pub(crate) fn project(mut self, project: &str) -> Self {
        self.project = Some(project.to_owned());
        self
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self, ClientError> {
        let body = serde_json::to_vec(body).map_err(|error| ClientError::Unsendable(error.to_string()))?;
        self.body = Some(body);
        Ok(self)
    }

    pub(crate) fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// A call whose repetition would change more.
    pub(crate) fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// Method and path, for messages.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_encoded_whatever_they_hold() {
        let call = Call::new(Method::GET, &["v2.0", "p/../q", "a b?连"]).unwrap();
        assert_eq!(call.path, "/v2.0/p%2F..%2Fq/a%20b%3F%E8%BF%9E");
        for bad in ["", ".", ".."] {
            assert!(matches!(Call::new(Method::GET, &["v1", bad]), Err(ClientError::Unsendable(_))), "{bad:?}");
        }
    }

    #[test]
    fn only_given_parameters_are_sent() {
        let call = Call::new(Method::GET, &["v1"]).unwrap();
        assert_eq!(call.parameters(&[("a", None), ("b", Some("1&2"))]).query, "b=1%262");
    }

    #[test]
    fn posts_are_made_once() {
        assert!(!Call::new(Method::POST, &["v1"]).unwrap().repeatable);
        assert!(Call::new(Method::DELETE, &["v1"]).unwrap().repeatable);
    }
}
