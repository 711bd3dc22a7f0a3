//! A serde `Deserializer` over [`super::Node`].
