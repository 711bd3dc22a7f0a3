//! Names of elements that are unique within their app.

use std::collections::HashMap;

/// The names that an app has given, and how often each was asked for.
#[derive(Default)]
pub(super) struct Ids(HashMap<String, usize>);

impl Ids {
    /// The name, with a number behind it where the app has it already.
    pub(super) fn unique(&mut self, id: &str) -> String {
        let count = self.0.entry(id.to_owned()).or_default();
        *count += 1;
        if *count == 1 { id.to_owned() } else { format!("{id}~{count}") }
    }
}
