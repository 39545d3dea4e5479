//! The engine: the only writer, and the view that answers every read.
pub mod record;
pub mod retention;
pub mod store;
