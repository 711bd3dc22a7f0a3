//! Flowgate.
pub mod finding;
pub mod model;
pub mod schema;
pub mod source;
pub mod tree;
