//! Flowgate.
pub mod finding;
pub mod schema;
pub mod source;
pub mod tree;
