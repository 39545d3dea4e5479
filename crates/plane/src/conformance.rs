//! What every plane must do, for the tests of every plane.

pub mod samples;
