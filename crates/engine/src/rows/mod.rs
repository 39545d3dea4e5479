//! Lists of connections, ready to be sent: rows newest first, their JSON joined.
//!
//! A list is a few chunks of leaves; a leaf holds at most [`LEAF_ROWS`] rows, and their JSON side by side in one shared
//! piece of bytes, so a page is a handful of slices at any depth and nothing is copied. A leaf is rendered by its first
//! reader and stays rendered when a row of it changes: what is read is ready, what nobody reads costs no memory.
//!
//! Everything is immutable behind an `Arc`: changing a row rebuilds one leaf and the spine above it, and readers keep
//! what they hold.

mod key;
mod leaf;
mod list;
mod page;
#[cfg(test)]
mod tests;

pub(crate) use key::RowKey;
pub(crate) use leaf::{Leaf, Renderer, tag_hash};
pub(crate) use list::RowList;
pub(crate) use page::select;
pub use page::{Order, Page, PageQuery};

/// Most rows of a leaf.
pub(crate) const LEAF_ROWS: usize = 128;
/// Most bytes of a leaf with more than one row, roughly; a longer row has a leaf of its own.
pub(crate) const LEAF_BYTES: usize = 256 * 1024;
/// Most leaves of a chunk.
pub(crate) const CHUNK_LEAVES: usize = 64;
