//! Flowgate.
pub mod finding;
pub mod model;
pub mod rule;
pub mod source;
pub mod tree;
