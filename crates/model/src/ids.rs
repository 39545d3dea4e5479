use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Invalid, quote};

/// Ids that other systems choose too: 1 to 64 letters and digits (dli_02_0194 gives this form for a project id).
macro_rules! opaque_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let legal = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
                if legal {
                    Ok(Self(text.into()))
                } else {
                    Err(Invalid::new(format!(
                        concat!("a ", $what, " is 1 to 64 letters and digits, got {}"),
                        quote(text)
                    )))
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(text: String) -> Result<Self, Invalid> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

opaque_id!(
    /// A project: the scope that owns connections, queues and pools.
    ProjectId,
    "project id"
);
opaque_id!(
    /// A domain (an account): it holds users and projects.
    DomainId,
    "domain id"
);
opaque_id!(
    /// A user of a domain.
    UserId,
    "user id"
);
opaque_id!(
    /// The public half of an access key (AK).
    AccessKeyId,
    "access key"
);

/// Ids that Linkspan makes: UUIDs, always 36 lower-case characters.
macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Reads the 36-character lower-case form and nothing else; other texts are simply unknown ids.
            #[must_use]
            pub fn from_wire(text: &str) -> Option<Self> {
                canonical_uuid(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.hyphenated())
            }
        }
    };
}

uuid_id!(
    /// An enhanced datasource connection.
    ConnectionId
);
uuid_id!(
    /// A peer: the joint of one queue or pool with the connection's destination.
    PeerId
);
uuid_id!(
    /// `resource_id` of a queue or pool.
    ResourceId
);

fn canonical_uuid(text: &str) -> Option<Uuid> {
    let lower = text.len() == 36 && !text.bytes().any(|b| b.is_ascii_uppercase());
    if lower { Uuid::try_parse(text).ok() } else { None }
}

/// The id of something in the data source's cloud: a VPC, a subnet's network or a route table.
///
/// Usually a UUID, which is kept in 16 bytes; any other text of 1 to 128 printable characters is kept as sent.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ExternalId {
    /// A canonical lower-case UUID.
    Uuid(Uuid),
    /// Any other text.
    Text(Box<str>),
}

impl FromStr for ExternalId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if let Some(uuid) = canonical_uuid(text) {
            return Ok(Self::Uuid(uuid));
        }
        let legal = (1..=128).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if legal {
            Ok(Self::Text(text.into()))
        } else {
            Err(Invalid::new(format!("an id is 1 to 128 printable characters, got {}", quote(text))))
        }
    }
}

impl TryFrom<String> for ExternalId {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<ExternalId> for String {
    fn from(id: ExternalId) -> String {
        id.to_string()
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(uuid) => write!(f, "{}", uuid.hyphenated()),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_of_a_uuid_is_an_id() {
        let text = "4c693ecc-bab8-4113-a838-129cedc9a563";
        assert_eq!(ConnectionId::from_wire(text).unwrap().to_string(), text);
        for other in [
            "",
            "4C693ECC-BAB8-4113-A838-129CEDC9A563",
            "4c693eccbab84113a838129cedc9a563",
            "{4c693ecc-bab8-4113-a838-129cedc9a563}",
        ] {
            assert_eq!(ConnectionId::from_wire(other), None, "{other}");
        }
    }

    #[test]
    fn external_ids_keep_their_text() {
        for text in ["22094d8f-c310-4621-913d-4c4d655d8495", "22094D8F-C310-4621-913D-4C4D655D8495", "v", "vpc 一"] {
            assert_eq!(text.parse::<ExternalId>().unwrap().to_string(), text);
        }
        assert!("".parse::<ExternalId>().is_err());
        assert!("a\u{0}b".parse::<ExternalId>().is_err());
    }

    #[test]
    fn project_ids_are_letters_and_digits() {
        assert!("48cc2c48765f481480c7db940d6409d1".parse::<ProjectId>().is_ok());
        assert!("{project_id}".parse::<ProjectId>().is_err());
        assert!("a".repeat(65).parse::<ProjectId>().is_err());
    }
}
