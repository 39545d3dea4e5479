//! The vendor's whole family of DLI calls, so that the register can say of each whether it is answered.

use crate::operation::Operation;

/// One call of the vendor's DLI service, as its SDK for Python 3.1.219 has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Member {
    /// What it is about.
    pub(super) group: &'static str,
    /// The SDK's name of the operation.
    pub(super) name: &'static str,
    method: &'static str,
    path: &'static str,
    /// The document, if it is known here.
    pub(super) document: Option<&'static str>,
}

/// Group, name, method, path and document (or `-`) in a line each.
const TABLE: &str = include_str!("family.txt");

impl Member {
    /// Method and path.
    pub(super) fn place(&self) -> (&'static str, &'static str) {
        (self.method, self.path)
    }

    /// Whether this operation answers it.
    pub(super) fn is_answered_by(&self, operation: &Operation) -> bool {
        operation.method.as_str() == self.method && same_place(operation.path, self.path)
    }
}

/// All of them.
pub(super) fn members() -> impl Iterator<Item = Member> {
    TABLE.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (group, name, method, path, document) =
            (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
        Some(Member { group, name, method, path, document: Some(document).filter(|document| *document != "-") })
    })
}

/// Whether two paths differ in nothing but the names of their parameters.
fn same_place(one: &str, other: &str) -> bool {
    let fits = |(one, other): (&str, &str)| one == other || (one.starts_with('{') && other.starts_with('{'));
    one.split('/').count() == other.split('/').count() && one.split('/').zip(other.split('/')).all(fits)
}
