//! Flowgate.

pub mod finding;
pub mod model;
pub mod platform;
pub mod report;
pub mod schema;
pub mod source;
pub mod tree;
