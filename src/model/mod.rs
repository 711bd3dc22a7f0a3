//! The neutral vocabulary that platforms are lowered to.

pub mod secret;
