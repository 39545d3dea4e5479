use jiff::Timestamp;
use linkspan_model::UnixMillis;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time in milliseconds since 1970, UTC; RFC 3339 on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub UnixMillis);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::MAX);
        serializer.collect_str(&time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ"))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time: Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(Self(time.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_kept() {
        let json = serde_json::to_string(&Time(1_800_000_000_007)).unwrap();
        assert_eq!(json, r#""2027-01-15T08:00:00.007Z""#);
        assert_eq!(serde_json::from_str::<Time>(&json).unwrap(), Time(1_800_000_000_007));
        assert_eq!(serde_json::from_str::<Time>(r#""2027-01-15T09:00:00+01:00""#).unwrap(), Time(1_800_000_000_000));
        assert!(serde_json::from_str::<Time>("1").is_err());
    }
}
