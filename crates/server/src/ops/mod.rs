//! The operations, one file each.

use crate::operation::Operation;

/// Every operation that the server has.
pub static OPERATIONS: &[Operation] = &[];
