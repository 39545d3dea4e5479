use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::error::{Invalid, quote};

/// A name that many records repeat is shared (`Arc<str>`); one of its own lies within its record if it is short.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident($text:ty), $parse:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name($text);

        impl $name {
            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                $parse(text).map(|name| Self(name.into()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(text: String) -> Result<Self, Invalid> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &self.0)
            }
        }
    };
}

name!(
    /// A connection's name: `^[A-Za-z0-9_]{1,64}$`, case-sensitive (dli_02_0187).
    ConnectionName(SmolStr),
    connection_name
);
name!(
    /// A queue's name: 1 to 128 letters, digits and `_`, not only digits, not starting with `_`; kept in lower case (dli_02_0194).
    QueueName(Arc<str>),
    compute_name
);
name!(
    /// An elastic resource pool's name: the rules of [`QueueName`] (dli_02_0326).
    PoolName(Arc<str>),
    compute_name
);
name!(
    /// A custom route's name: `^[A-Za-z0-9_-]{1,64}$`, unique within its connection (dli_01_0014).
    RouteName(SmolStr),
    route_name
);

name!(
    /// The name under which a host's administrator allows networks to be bound to something real there: 1 to 64 letters,
    /// digits, `.`, `_` and `-`, of which the first is a letter or digit.
    BindingName(Arc<str>),
    binding_name
);

name!(
    /// The name of a node among those that share a database: the rules of [`BindingName`], which a host's name keeps to.
    NodeName(Arc<str>),
    binding_name
);

fn connection_name(text: &str) -> Result<String, Invalid> {
    let legal = (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if legal {
        Ok(text.to_owned())
    } else {
        Err(Invalid::new(format!("must be 1 to 64 letters, digits or underscores, got {}", quote(text))))
    }
}

fn compute_name(text: &str) -> Result<String, Invalid> {
    let legal = (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !text.starts_with('_')
        && !text.bytes().all(|b| b.is_ascii_digit());
    if legal {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(Invalid::new(format!(
            "must be 1 to 128 letters, digits or underscores, not only digits and not starting with an underscore, got {}",
            quote(text)
        )))
    }
}

fn route_name(text: &str) -> Result<String, Invalid> {
    let legal =
        (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if legal {
        Ok(text.to_owned())
    } else {
        Err(Invalid::new(format!("must be 1 to 64 letters, digits, underscores or hyphens, got {}", quote(text))))
    }
}

fn binding_name(text: &str) -> Result<String, Invalid> {
    let legal = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && text.starts_with(|first: char| first.is_ascii_alphanumeric());
    if legal {
        Ok(text.to_owned())
    } else {
        Err(Invalid::new(format!(
            "must be 1 to 64 letters, digits, dots, underscores or hyphens and start with a letter or digit, got {}",
            quote(text)
        )))
    }
}

impl QueueName {
    /// The preset queue of every project: listed and shown, never created, deleted or bound.
    pub const DEFAULT: &'static str = "default";

    /// The name of the preset queue.
    #[must_use]
    pub fn preset() -> Self {
        Self(Self::DEFAULT.into())
    }

    /// Whether this is the preset queue.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.as_str() == Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binding_names() {
        assert!("kafka-lan.2".parse::<BindingName>().is_ok());
        let long = "a".repeat(65);
        for text in ["", ".", "-lan", "../etc/passwd", "a/b", "a b", &long] {
            assert!(text.parse::<BindingName>().is_err(), "{text}");
        }
    }

    #[test]
    fn connection_names() {
        assert!("withvpc_1".parse::<ConnectionName>().is_ok());
        assert!("A".repeat(64).parse::<ConnectionName>().is_ok());
        for bad in ["", "a-b", "a b", "连接", &"a".repeat(65)] {
            assert!(bad.parse::<ConnectionName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn compute_names_fold_to_lower_case() {
        assert_eq!("Q_One".parse::<QueueName>().unwrap().as_str(), "q_one");
        for bad in ["", "_q", "123", "a-b", &"a".repeat(129)] {
            assert!(bad.parse::<PoolName>().is_err(), "{bad}");
        }
        assert!("DEFAULT".parse::<QueueName>().unwrap().is_default());
    }

    #[test]
    fn route_names() {
        assert!("r-1_A".parse::<RouteName>().is_ok());
        assert!("路由 1".parse::<RouteName>().is_err());
    }
}
