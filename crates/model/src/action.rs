use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Invalid, quote};

/// Longer patterns are refused.
const LONGEST_PATTERN_BYTES: usize = 128;

/// Which actions are meant, as the vendor's policies write it: `service:resource:operation`, letter case ignored, where
/// `*` stands for any run of characters within its part. `dli:*:list` is every list of DLI.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ActionPattern(Box<str>);

impl ActionPattern {
    /// The pattern as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an action is meant.
    #[must_use]
    pub fn matches(&self, action: &str) -> bool {
        let (mut own, mut its) = (self.0.split(':'), action.split(':'));
        loop {
            match (own.next(), its.next()) {
                (None, None) => return true,
                (Some(pattern), Some(part)) if fits(pattern, part) => {}
                _ => return false,
            }
        }
    }
}

/// Whether a part fits a pattern with any number of stars: between two stars, the earliest place is as good as any.
fn fits(pattern: &str, part: &str) -> bool {
    let starts = |text: &str, with: &str| text.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
    let Some((head, rest)) = pattern.split_once('*') else { return pattern.eq_ignore_ascii_case(part) };
    if !starts(part, head) {
        return false;
    }
    let mut left = part.get(head.len()..).unwrap_or_default();
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let tail = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let found = (0..=left.len()).find(|place| left.get(*place..).is_some_and(|behind| starts(behind, piece)));
        let Some(place) = found else { return false };
        left = left.get(place + piece.len()..).unwrap_or_default();
    }
    left.len().checked_sub(tail.len()).and_then(|place| left.get(place..)).is_some_and(|end| starts(end, tail))
}

impl FromStr for ActionPattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'*');
        let parts: Vec<&str> = text.split(':').collect();
        // The middle part may be empty: `dli::operateAuth` is an action about no kind of resource.
        let well_formed = matches!(parts.as_slice(), [service, _, operation] if !service.is_empty() && !operation.is_empty())
            && parts.iter().all(|part| part.bytes().all(is_legal));
        if well_formed && text.len() <= LONGEST_PATTERN_BYTES {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::new(format!(
                "an action must be service:resource:operation of at most {LONGEST_PATTERN_BYTES} letters, digits, _, - and *, such as dli:*:list, got {}",
                quote(text)
            )))
        }
    }
}

impl TryFrom<String> for ActionPattern {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<ActionPattern> for String {
    fn from(pattern: ActionPattern) -> Self {
        pattern.0.into()
    }
}

impl fmt::Display for ActionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ActionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

/// 1 to 64 patterns: an action is allowed that fits one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<ActionPattern>", into = "Vec<ActionPattern>")]
pub struct ActionPatterns(Box<[ActionPattern]>);

impl ActionPatterns {
    /// The most patterns.
    pub const MOST: usize = 64;

    /// Whether an action is allowed.
    #[must_use]
    pub fn allow(&self, action: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(action))
    }

    /// The patterns, as they were given.
    #[must_use]
    pub fn as_slice(&self) -> &[ActionPattern] {
        &self.0
    }
}

impl TryFrom<Vec<ActionPattern>> for ActionPatterns {
    type Error = Invalid;

    fn try_from(patterns: Vec<ActionPattern>) -> Result<Self, Invalid> {
        match patterns.len() {
            1..=Self::MOST => Ok(Self(patterns.into())),
            count => Err(Invalid::new(format!("must name 1 to {} actions, got {count}", Self::MOST))),
        }
    }
}

impl From<ActionPatterns> for Vec<ActionPattern> {
    fn from(patterns: ActionPatterns) -> Self {
        patterns.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, action: &str) -> bool {
        pattern.parse::<ActionPattern>().unwrap().matches(action)
    }

    #[test]
    fn a_star_is_any_run_within_its_part() {
        for (pattern, action) in [
            ("dli:edsconnection:list", "dli:edsconnection:list"),
            ("DLI:EdsConnection:LIST", "dli:edsconnection:list"),
            ("dli:*:list", "dli:queue:list"),
            ("dli:*:list*", "dli:elasticresourcepool:listQueues"),
            ("dli:*:*", "dli::operateAuth"),
            ("*:*:*", "linkspan:admin:write"),
            ("dli:queue:*Queue", "dli:queue:createQueue"),
            ("dli:*conn*:b*d*e", "dli:edsconnection:bindQueue"),
            ("dli::get*", "dli::getQuota"),
            ("dli:**:list", "dli:queue:list"),
            ("dli:a*a:b*b*b", "dli:aa:bbb"),
        ] {
            assert!(matches(pattern, action), "{pattern} {action}");
        }
        for (pattern, action) in [
            ("dli:*:list", "dli:elasticresourcepool:listQueues"),
            ("dli:*:list", "vpc:queue:list"),
            ("dli:*:list", "dli:queue:list:more"),
            ("*:*:*", "none"),
            ("*:*:*", ""),
            ("*:*:*", "a:b"),
            ("dli:queue:*", "dli:queues:list"),
            ("dli::list", "dli:queue:list"),
            ("dli:a*a:x", "dli:a:x"),
            ("dli:x:ab*ba", "dli:x:aba"),
            ("dli:x:*b*c", "dli:x:cb"),
        ] {
            assert!(!matches(pattern, action), "{pattern} {action}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        let long = format!("dli:queue:{}", "x".repeat(120));
        for text in [
            "",
            "*",
            "dli",
            "dli:queue",
            ":queue:list",
            "dli:queue:",
            "dli:queue:list:x",
            "dli:que ue:list",
            "dli:quéue:list",
            &long,
        ] {
            let refused = text.parse::<ActionPattern>().unwrap_err().to_string();
            assert!(refused.contains("such as dli:*:list"), "{refused}");
        }
        assert!(ActionPatterns::try_from(Vec::new()).is_err());
        let many = vec!["dli:*:list".parse::<ActionPattern>().unwrap(); 65];
        assert!(ActionPatterns::try_from(many).unwrap_err().to_string().contains("1 to 64"));
    }
}
