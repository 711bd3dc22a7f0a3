//! Secrets (in the making).
