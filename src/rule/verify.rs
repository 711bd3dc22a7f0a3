//! Running the examples that every rule carries: a bad one must have its findings and no others, a good one none.

use super::{Example, Hit, Rule, Selected, check};
use crate::finding::{Location, Locator, Severity};
use crate::model::{Model, Place};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What is done with the model of an example: it comes with what says where a place is.
pub type Ask<'f> = dyn FnMut(&Model<'_>, &dyn Fn(Place) -> String) + 'f;

/// How the export of an example becomes a model: platform, files and policy go in, the function given is called with the model.
///
/// It fails with the reason when there is no such platform or the export cannot be read.
pub type Lower<'f> = dyn Fn(&str, &[(String, String)], Option<&str>, &mut Ask<'_>) -> Result<(), String> + 'f;

/// What came out of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A good example without a finding.
    Validated,
    /// A bad example with the findings that it says.
    Reported,
    /// A bad example without a finding that it says.
    Missing {
        /// Where the finding should be; none where any place would do.
        wanted: Option<String>,
        /// Where there are findings.
        found: Vec<String>,
    },
    /// A good example with a finding, or a bad one with a finding that it does not say.
    Noisy {
        /// Where the finding is.
        at: String,
        /// What it says.
        message: String,
    },
    /// A bad example whose finding is worse or better than it says.
    Misjudged {
        /// As the example says.
        wanted: Severity,
        /// As the rule says.
        found: Severity,
    },
    /// The export cannot be read.
    Unreadable {
        /// Why.
        reason: String,
    },
}

impl Verdict {
    /// Whether the rule does what its example says.
    #[must_use]
    pub const fn is_as_expected(&self) -> bool {
        matches!(self, Self::Validated | Self::Reported)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Validated => f.write_str("validated"),
            Self::Reported => f.write_str("reported"),
            Self::Missing { wanted, found } => {
                f.write_str("missing: no finding")?;
                wanted.as_ref().map_or(Ok(()), |wanted| write!(f, " at `{wanted}`"))?;
                if found.is_empty() { Ok(()) } else { write!(f, ", but at `{}`", found.join("`, `")) }
            }
            Self::Noisy { at, message } => write!(f, "noisy: a finding at `{at}`: {message}"),
            Self::Misjudged { wanted, found } => write!(f, "misjudged: the severity is {found}, not {wanted}"),
            Self::Unreadable { reason } => write!(f, "unreadable: {reason}"),
        }
    }
}

/// One example of a rule and what came out of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Whether it is a good example.
    pub is_good: bool,
    /// Its number among the good or the bad ones, from 1.
    pub number: usize,
    /// What came out.
    pub verdict: Verdict,
    /// The example in the rule file.
    pub location: Location,
}

/// `file:line:column: bad example 1 of rule: verdict`
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Location { file, start, .. } = &self.location;
        let goodness = if self.is_good { "good" } else { "bad" };
        write!(f, "{file}:{}:{}: {goodness} example {} of {}: {}", start.line, start.column, self.number, self.rule.id, self.verdict)
    }
}

/// Runs all examples of some rules, in their order.
#[must_use]
pub fn verify<'r>(rules: impl IntoIterator<Item = &'r Arc<Rule>>, lower: &Lower<'_>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for rule in rules {
        let selected = Selected::new([Arc::clone(rule)]);
        let locator = Locator::new(&rule.source);
        let bad = rule.bad.iter().enumerate().map(|(at, example)| (false, at, example));
        let good = rule.good.iter().enumerate().map(|(at, example)| (true, at, example));
        for (is_good, at, example) in bad.chain(good) {
            let verdict = run(&selected, example, is_good, lower);
            let location = locator.locate(example.span, String::new());
            outcomes.push(Outcome { rule: Arc::clone(rule), is_good, number: at + 1, verdict, location });
        }
    }
    outcomes
}

fn run(rules: &Selected, example: &Example, is_good: bool, lower: &Lower<'_>) -> Verdict {
    let mut found = None;
    let lowered = lower(&example.platform, &example.files, example.policy.as_deref(), &mut |model, at| {
        let hits = check(rules, model, &|text| Cow::Borrowed(text));
        found.get_or_insert_with(Vec::new).extend(hits.into_iter().map(|hit| (at(hit.place), hit)));
    });
    match (lowered, found) {
        (Err(reason), _) => Verdict::Unreadable { reason },
        (Ok(()), None) => Verdict::Unreadable { reason: format!("it is no export of {}", example.platform) },
        (Ok(()), Some(found)) => judge(example, is_good, &found),
    }
}

fn judge(example: &Example, is_good: bool, found: &[(String, Hit)]) -> Verdict {
    let noisy = |(at, hit): &(String, Hit)| Verdict::Noisy { at: at.clone(), message: hit.message.clone() };
    if is_good {
        return found.first().map_or(Verdict::Validated, noisy);
    }
    let missing =
        |wanted: Option<&String>| Verdict::Missing { wanted: wanted.cloned(), found: found.iter().map(|(at, _)| at.clone()).collect() };
    match &example.at {
        None if found.is_empty() => return missing(None),
        None => {}
        Some(wanted) => {
            // Two findings at one place are said twice.
            let mut left: Vec<&(String, Hit)> = found.iter().collect();
            for wanted in wanted {
                match left.iter().position(|(at, _)| at == wanted) {
                    Some(at) => drop(left.remove(at)),
                    None => return missing(Some(wanted)),
                }
            }
            if let Some(noise) = left.first() {
                return noisy(noise);
            }
        }
    }
    let wrong =
        example.severity.and_then(|wanted| Some((wanted, found.iter().map(|(_, hit)| hit.severity).find(|found| *found != wanted)?)));
    wrong.map_or(Verdict::Reported, |(wanted, found)| Verdict::Misjudged { wanted, found })
}
