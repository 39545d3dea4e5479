use serde::{Deserialize, Serialize};

use crate::cidr::Cidr;
use crate::error::Invalid;
use crate::names::RouteName;
use crate::stamp::UnixMillis;

/// A custom route of a connection, beside the system route to its subnet (dli_02_0371).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Unique within the connection.
    pub name: RouteName,
    /// The destination exactly as sent.
    pub cidr_text: Box<str>,
    /// When it was added, UTC.
    pub create_time: UnixMillis,
}

impl Route {
    /// A route whose destination is readable.
    ///
    /// # Errors
    /// The text is not a CIDR or address.
    pub fn new(name: RouteName, cidr_text: &str, create_time: UnixMillis) -> Result<Self, Invalid> {
        cidr_text.parse::<Cidr>()?;
        Ok(Self { name, cidr_text: cidr_text.into(), create_time })
    }

    /// The destination with its host bits cleared, as the plane installs it.
    #[must_use]
    pub fn cidr(&self) -> Option<Cidr> {
        self.cidr_text.parse().ok()
    }
}
