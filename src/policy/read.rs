//! From the policy as it is written to the policy as it is meant: what all parts need for that.

use super::PolicyError;
use super::file::Texts;
use super::pattern::Patterns;
use super::version::Range;
use crate::finding::Locator;
use crate::source::{Source, SourceError, Span};
use crate::tree::de::{self, Spanned};

/// Gives the content of a file that the policy names, by its path; none when there is no such file.
pub type ReadFile<'r> = dyn Fn(&str) -> Result<Option<Vec<u8>>, SourceError> + 'r;

/// A class of data: its rank among the classes of the policy, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(pub usize);

/// The classes of data, lowest first; never empty.
#[derive(Clone, Debug)]
pub struct Classes(Vec<String>);

impl Default for Classes {
    fn default() -> Self {
        Self(["public", "internal", "confidential", "restricted"].map(str::to_owned).to_vec())
    }
}

impl Classes {
    /// Classes of those names; the usual ones where there is none.
    pub(super) fn new(names: &Texts) -> Self {
        if names.is_empty() { Self::default() } else { Self(names.iter().map(|name| name.value.clone()).collect()) }
    }

    /// The class of that name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Class> {
        self.0.iter().position(|known| known.eq_ignore_ascii_case(name)).map(Class)
    }

    /// The name of a class.
    #[must_use]
    pub fn name(&self, class: Class) -> &str {
        self.0.get(class.0).map_or("", String::as_str)
    }

    /// Their names, lowest first.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The lowest class.
    #[must_use]
    pub const fn lowest(&self) -> Class {
        Class(0)
    }

    /// The highest class.
    #[must_use]
    pub const fn highest(&self) -> Class {
        Class(self.0.len() - 1)
    }

    /// The class below the highest one.
    #[must_use]
    pub const fn business(&self) -> Class {
        Class(self.0.len().saturating_sub(2))
    }
}

/// A policy that is being read.
pub(super) struct Reading<'r> {
    pub(super) source: &'r Source,
    pub(super) read: &'r ReadFile<'r>,
    pub(super) classes: Classes,
    pub(super) environments: Vec<String>,
}

/// The place of a value: its own, or that of what it is the short form of.
pub(super) fn place<T>(value: &Spanned<T>, around: Span) -> Span {
    if value.span.is_empty() { around } else { value.span }
}

impl Reading<'_> {
    pub(super) fn wrong(&self, span: Span, message: impl Into<String>, help: Option<String>) -> PolicyError {
        let location = Box::new(Locator::new(self.source).locate(span, String::new()));
        PolicyError::Wrong { location, message: message.into(), help }
    }

    pub(super) fn patterns(&self, texts: &Texts) -> Result<Patterns, PolicyError> {
        let mut patterns = Patterns::default();
        for text in texts {
            patterns.add(&text.value).map_err(|reason| self.wrong(text.span, reason, None))?;
        }
        Ok(patterns)
    }

    pub(super) fn class(&self, name: &Spanned<String>) -> Result<Class, PolicyError> {
        self.classes.named(&name.value).ok_or_else(|| self.unknown(name, "class of data", &self.classes.0, "data.classes"))
    }

    pub(super) fn optional_class(&self, name: Option<&Spanned<String>>) -> Result<Option<Class>, PolicyError> {
        name.map(|name| self.class(name)).transpose()
    }

    /// The names of environments, which must be known.
    pub(super) fn environments(&self, names: &Texts) -> Result<Vec<String>, PolicyError> {
        let known = |name: &Spanned<String>| {
            let is_known = self.environments.contains(&name.value);
            if is_known { Ok(name.value.clone()) } else { Err(self.unknown(name, "environment", &self.environments, "environments")) }
        };
        names.iter().map(known).collect()
    }

    fn unknown(&self, name: &Spanned<String>, what: &str, known: &[String], key: &str) -> PolicyError {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let meant = de::nearest(&name.value, &known).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
        let help = format!("{meant}name one of `{key}`: {}", known.join(", "));
        self.wrong(name.span, format!("`{}` is no {what} of this policy", name.value), Some(help))
    }

    pub(super) fn range(&self, text: &Spanned<String>) -> Result<Range, PolicyError> {
        Range::parse(&text.value).map_err(|reason| self.wrong(text.span, reason, Some("write it like `>=2.2, <3`".into())))
    }

    /// The content of a file that the policy names.
    pub(super) fn file(&self, path: &Spanned<String>, around: Span) -> Result<Source, PolicyError> {
        let span = place(path, around);
        let bytes =
            (self.read)(&path.value).map_err(|error| self.wrong(span, format!("`{}` cannot be read: {error}", path.value), None))?;
        let bytes = bytes.ok_or_else(|| {
            let help = "paths begin at the root of the repository, or at the folder of the policy".to_owned();
            self.wrong(span, format!("there is no file `{}`", path.value), Some(help))
        })?;
        Source::decode(path.value.as_str(), bytes)
            .map_err(|error| self.wrong(span, format!("`{}` cannot be read: {error}", path.value), None))
    }
}
