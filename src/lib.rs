//! Flowgate.

pub mod cli;
pub mod discover;
pub mod finding;
pub mod lint;
pub mod model;
pub mod platform;
pub mod policy;
pub mod report;
pub mod rule;
pub mod schema;
pub mod source;
pub mod tree;
