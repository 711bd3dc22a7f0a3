//! What an organisation has, for people and for programs: one file a format, as for findings.

pub mod diagram;
