//! Where the services are.

use std::fmt;

use reqwest::Url;

use crate::error::ClientError;

/// The root of a service: scheme, host and port, and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    root: Url,
}

/// The endpoints of the services, which one server may be together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// The data lake service: connections, queues, pools. Linkspan's own API is there too.
    pub dli: Endpoint,
    /// The identity service: tokens, projects.
    pub iam: Endpoint,
}

/// Which service a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Dli,
    Iam,
}

impl Endpoint {
    /// Reads an address such as `http://127.0.0.1:8780`; without a scheme it is `https`, as the vendor's SDKs have it.
    ///
    /// # Errors
    /// [`ClientError::Config`] if it is not one, or holds a path, a query or a user, which would be lost.
    pub fn parse(text: &str) -> Result<Self, ClientError> {
        let fault = |why: &str| ClientError::Config(format!("the endpoint `{text}` {why}"));
        let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        let root = Url::parse(&with_scheme).map_err(|error| fault(&format!("is no address: {error}")))?;
        if !matches!(root.scheme(), "http" | "https") {
            return Err(fault("is neither http nor https"));
        }
        if root.host_str().is_none_or(str::is_empty) {
            return Err(fault("has no host"));
        }
        if !root.username().is_empty() || root.password().is_some() {
            return Err(fault("holds a user; keys are given apart from it"));
        }
        if root.path() != "/" || root.query().is_some() || root.fragment().is_some() {
            return Err(fault("must be scheme, host and port only: a signature covers the whole path"));
        }
        Ok(Self { root })
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.root.scheme() == "https"
    }

    /// Whether it is on this machine, which no proxy can reach.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self.root.host_str().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }

    /// What the `Host` header says: the port only if it is not the scheme's own.
    pub(crate) fn host_header(&self) -> String {
        let host = self.root.host_str().unwrap_or_default();
        match self.root.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// The address of a path and query that are encoded already.
    pub(crate) fn url(&self, path: &str, query: &str) -> Url {
        let mut url = self.root.clone();
        url.set_path(path);
        url.set_query(Some(query).filter(|query| !query.is_empty()));
        url
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.root.as_str().trim_end_matches('/'))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Endpoints {
    /// One server that is every service, as Linkspan is.
    ///
    /// # Errors
    /// As [`Endpoint::parse`].
    pub fn one(text: &str) -> Result<Self, ClientError> {
        let dli = Endpoint::parse(text)?;
        Ok(Self { iam: dli.clone(), dli })
    }

    pub(crate) fn of(&self, service: Service) -> &Endpoint {
        match service {
            Service::Dli => &self.dli,
            Service::Iam => &self.iam,
        }
    }

    pub(crate) fn all(&self) -> [&Endpoint; 2] {
        [&self.dli, &self.iam]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_an_endpoint() {
        for (text, shown, host) in [
            ("http://127.0.0.1:8780", "http://127.0.0.1:8780", "127.0.0.1:8780"),
            ("http://127.0.0.1:8780/", "http://127.0.0.1:8780", "127.0.0.1:8780"),
            (
                "dli.cn-north-4.myhuaweicloud.com",
                "https://dli.cn-north-4.myhuaweicloud.com",
                "dli.cn-north-4.myhuaweicloud.com",
            ),
            ("https://[::1]:443", "https://[::1]", "[::1]"),
        ] {
            let endpoint = Endpoint::parse(text).unwrap();
            assert_eq!((endpoint.to_string().as_str(), endpoint.host_header().as_str()), (shown, host));
        }
    }

    #[test]
    fn what_would_be_lost_is_refused() {
        for text in ["", "http://", "ftp://h", "http://h/path", "http://h?q=1", "http://u:p@h", "http://h#f"] {
            assert!(matches!(Endpoint::parse(text), Err(ClientError::Config(_))), "{text}");
        }
    }

    #[test]
    fn this_machine_is_known() {
        for (text, local) in [("http://localhost:1", true), ("http://[::1]:1", true), ("http://10.0.0.1", false)] {
            assert_eq!(Endpoint::parse(text).unwrap().is_loopback(), local, "{text}");
        }
    }
}
