//! Answers about connectivity tests (dli_02_0284, dli_02_0285).

use serde::Serialize;

use super::success::to_bytes;
use crate::requests::TestAddress;
use crate::words::Words;

/// What a test has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reachability {
    /// `REACHABLE`.
    Reachable,
    /// `UNREACHABLE`.
    Unreachable,
    /// `TESTING`: it still runs.
    Testing,
}

impl Words for Reachability {
    const TABLE: &'static [(&'static str, Self)] =
        &[("REACHABLE", Self::Reachable), ("UNREACHABLE", Self::Unreachable), ("TESTING", Self::Testing)];
}

#[derive(Serialize)]
struct Created {
    is_success: bool,
    message: String,
    task_id: u64,
}

#[derive(Serialize)]
struct Shown<'a> {
    is_success: bool,
    message: String,
    connectivity: &'a str,
    /// Why it is unreachable, for a person; an addition of Linkspan.
    reason: &'a str,
}

/// The test was begun. `task_id` must be below 2^53, since clients read it as a floating-point number.
#[must_use]
pub fn created(address: &TestAddress, task_id: u64) -> Vec<u8> {
    let message = format!("check connectivity to address:{} with port: {} successfully", address.host, address.port);
    to_bytes(&Created { is_success: true, message, task_id })
}

/// What the test has found so far, and why an address is unreachable.
#[must_use]
pub fn show(task_id: u64, found: Reachability, reason: &str) -> Vec<u8> {
    let message = format!("Get node connectivity status successfully for addressId:{task_id}");
    to_bytes(&Shown { is_success: true, message, connectivity: found.word(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_texts() {
        let address = TestAddress::parse("iam.xxx.com:443").unwrap();
        let bodies = [
            created(&address, 9),
            show(9, Reachability::Reachable, ""),
            show(9, Reachability::Unreachable, "No connection of queue q is active."),
            show(9, Reachability::Testing, ""),
        ];
        insta::assert_snapshot!(bodies.map(|body| String::from_utf8(body).unwrap()).join("\n"));
    }
}
