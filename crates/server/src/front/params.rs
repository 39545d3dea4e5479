use std::ops::Range;

/// Most parameters of one path.
pub(crate) const MOST_PARAMS: usize = 4;

/// The parameters of a path. A value that needs no decoding stays where it is, in the path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params {
    items: [Option<(&'static str, Value)>; MOST_PARAMS],
}

/// Where a parameter's value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// In the path, as it was sent.
    Raw(Range<u32>),
    /// It had to be decoded.
    Decoded(Box<str>),
}

impl Params {
    /// Parameters with values of their own: for tests of operations.
    #[must_use]
    pub fn of(pairs: &[(&'static str, &str)]) -> Self {
        let mut params = Self::default();
        for (name, value) in pairs {
            params.push(name, Value::Decoded((*value).into()));
        }
        params
    }

    /// Adds a parameter; the router refuses paths with more than fit.
    pub(crate) fn push(&mut self, name: &'static str, value: Value) {
        if let Some(free) = self.items.iter_mut().find(|item| item.is_none()) {
            *free = Some((name, value));
        }
    }

    /// The decoded value of a parameter, from the path that it was found in.
    #[must_use]
    pub fn get<'a>(&'a self, name: &str, path: &'a str) -> Option<&'a str> {
        let (_, value) = self.items.iter().flatten().find(|(known, _)| *known == name)?;
        match value {
            Value::Raw(range) => path.get(range.start as usize..range.end as usize),
            Value::Decoded(text) => Some(text),
        }
    }
}
