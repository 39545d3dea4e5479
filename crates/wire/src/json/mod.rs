//! The strict reader of request bodies.
//!
//! Invariants: UTF-8 without BOM; a key twice in one object is refused at every level; nesting is bounded by the
//! parser (128 levels) and the number of values by `MOST_VALUES`, so time and memory are linear in the body.
//! Unknown fields are ignored, null counts as absent, and every fault names its path (`hosts[2].ip`).
//!
//! It must not know any field of the contract: those live in `requests`.

mod fields;
mod names;
mod value;

pub(crate) use fields::{Fields, Place};
pub(crate) use value::Json;
