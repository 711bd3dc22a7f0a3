//! What is wrong with a control file: the policy, a manifest. Always the fault of whoever wrote it, and told all at once.

use crate::finding::{Location, Locator};
use crate::source::{Source, Span};
use crate::tree::de;
use std::fmt;

/// One thing that is wrong with a control file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The place.
    pub location: Location,
    /// One lower-case sentence.
    pub message: String,
    /// What is allowed, and what was probably meant.
    pub help: Option<String>,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.location.tell(f, &self.message, self.help.as_deref())
    }
}

/// Everything that is wrong with some control files, in the order of files and places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongFiles(pub Vec<Wrong>);

impl fmt::Display for WrongFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(nth, wrong)| write!(f, "{}{wrong}", if nth == 0 { "" } else { "\n" }))
    }
}

impl std::error::Error for WrongFiles {}

/// What was found to be wrong with one file while it was read.
#[derive(Debug, Default)]
pub struct Complaints(Vec<(Span, String, Option<String>)>);

impl Complaints {
    /// Adds one.
    pub fn add(&mut self, span: Span, message: impl Into<String>, help: impl Into<Option<String>>) {
        self.0.push((span, message.into(), help.into()));
    }

    /// Adds what a type said that did not want the value.
    pub fn refused(&mut self, error: de::Error) {
        self.0.push((error.span, error.message, error.help));
    }

    /// All of them, with their places in `source`; none when nothing is wrong.
    ///
    /// # Errors
    /// With all of them.
    pub fn settle(mut self, source: &Source) -> Result<(), WrongFiles> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort_by_key(|complaint| complaint.0);
        let locator = Locator::new(source);
        let wrong = |(span, message, help)| Wrong { location: locator.locate(span, String::new()), message, help };
        Err(WrongFiles(self.0.into_iter().map(wrong).collect()))
    }
}
