use crate::command::import::ImportOutcome;

/// The fields in which a thing here differs from the one that is to be imported.
#[derive(Debug, Default)]
pub(super) struct Compared(Vec<&'static str>);

impl Compared {
    /// Compares a field that is known of both.
    pub(super) fn field<T: PartialEq + ?Sized>(mut self, name: &'static str, here: &T, there: &T) -> Self {
        if here != there {
            self.0.push(name);
        }
        self
    }

    /// Compares a field that is not known of the thing elsewhere: nothing is then said about it.
    pub(super) fn known<T: PartialEq + ?Sized>(self, name: &'static str, here: &T, there: Option<&T>) -> Self {
        match there {
            Some(there) => self.field(name, here, there),
            None => self,
        }
    }

    pub(super) fn outcome(self) -> ImportOutcome {
        if self.0.is_empty() { ImportOutcome::Identical } else { ImportOutcome::Differs(self.0) }
    }
}
