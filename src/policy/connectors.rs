//! Which connectors may be used: by whom, where, in which version, for what.

use super::PolicyError;
use super::Subject;
use super::dlp::{Dlp, Group};
use super::file::{ConnectorFile, ConnectorsFile, DefaultFile, ReviewFile};
use super::pattern::Patterns;
use super::read::{Class, Classes, Reading, place};
use super::version::Range;
use crate::model::vocabulary::{AppKind, Standing, VendorReview};
use crate::model::{AppId, Element, Fact, Kind, Model};
use crate::source::Span;
use std::collections::{HashMap, HashSet};

/// What the policy says of connectors.
#[derive(Debug)]
pub(super) struct Connectors {
    names: Patterns,
    allow: Vec<Allowed>,
    deny: Patterns,
    default: DefaultFile,
    dlp: Option<Dlp>,
    reviewed: Patterns,
    /// The names that stand in the policy without `*`.
    written: Vec<(String, Span)>,
}

/// An approved connector.
#[derive(Debug)]
struct Allowed {
    group: Option<Class>,
    max_class: Option<Class>,
    tiers: Vec<String>,
    environments: Vec<String>,
    versions: Option<Range>,
    allow: Patterns,
    deny: Patterns,
    review: Option<ReviewFile>,
}

impl Connectors {
    pub(super) fn new(file: ConnectorsFile, reading: &Reading<'_>) -> Result<Self, PolicyError> {
        let (mut names, mut allow) = (Patterns::default(), Vec::new());
        let mut written: Vec<(String, Span)> = file.deny.iter().map(|name| (name.value.clone(), name.span)).collect();
        for entry in file.allow {
            let span = place(&entry.value.0.id, entry.span);
            written.push((entry.value.0.id.value.clone(), span));
            names.add(&entry.value.0.id.value).map_err(|reason| reading.wrong(span, reason, None))?;
            allow.push(Allowed::new(entry.value.0, reading)?);
        }
        let dlp = file.import_dlp.map(|file| Dlp::read(&file.value.0, file.span, reading)).transpose()?;
        let default = file.default.unwrap_or(if allow.is_empty() { DefaultFile::Allowed } else { DefaultFile::Blocked });
        let (deny, reviewed) = (reading.patterns(&file.deny)?, reading.patterns(&file.require_vendor_review)?);
        written.retain(|(name, _)| !name.contains(['*', '?']));
        Ok(Self { names, allow, deny, default, dlp, reviewed, written })
    }

    fn allowed(&self, key: &str) -> Option<&Allowed> {
        self.allow.get(self.names.find(key)?)
    }

    /// The data policy, where it is about the platform.
    fn dlp(&self, platform: &str) -> Option<&Dlp> {
        self.dlp.as_ref().filter(|_| platform == "power-platform")
    }

    /// The class of what is read through the connector.
    pub(super) fn source_class(&self, platform: &str, key: &str) -> Option<Class> {
        match self.allowed(key) {
            Some(allowed) if allowed.group.is_some() => allowed.group,
            _ => self.dlp(platform)?.class(key),
        }
    }

    /// The highest class that the connector may be given.
    pub(super) fn max_class(&self, platform: &str, key: &str) -> Option<Class> {
        let allowed = self.allowed(key);
        allowed.and_then(|allowed| allowed.max_class.or(allowed.group)).or_else(|| self.dlp(platform)?.class(key))
    }

    /// Whether any connector has a class.
    pub(super) fn speaks_of_classes(&self) -> bool {
        self.dlp.is_some() || self.allow.iter().any(|allowed| allowed.group.is_some() || allowed.max_class.is_some())
    }

    /// The entries whose review of the vendor has ended, and those whose review is no valid date.
    pub(super) fn reviews(&self) -> impl Iterator<Item = &ReviewFile> {
        self.allow.iter().filter_map(|allowed| allowed.review.as_ref())
    }

    /// The names that stand in the policy without `*`, with their places.
    pub(super) fn written(&self) -> &[(String, Span)] {
        &self.written
    }

    /// What is said of the connector; none where nothing is.
    fn standing(&self, platform: &str, element: &Element<'_>, key: &str, subject: &Subject<'_, '_>) -> Option<(Standing, Option<String>)> {
        if self.deny.holds(key) {
            return Some((Standing::Blocked, None));
        }
        if let Some(allowed) = self.allowed(key) {
            return Some(allowed.standing(subject));
        }
        // Starting, deciding and computing is what all apps are made of.
        if element.is_true(Fact::ConnectorBuiltIn) {
            return None;
        }
        let dlp = self.dlp(platform);
        match dlp.and_then(|dlp| dlp.listed(key)).or_else(|| dlp?.group(key).filter(|group| *group != Group::Blocked)) {
            Some(Group::Blocked) => Some((Standing::Blocked, None)),
            Some(_) => Some((Standing::Approved, None)),
            None if self.default == DefaultFile::Blocked || dlp.and_then(|dlp| dlp.group(key)).is_some() => {
                Some((Standing::Unlisted, None))
            }
            None => None,
        }
    }

    pub(super) fn apply(&self, model: &mut Model<'_>, subject: &Subject<'_, '_>, classes: &Classes) {
        let platform = model.platform;
        let mut told: HashSet<(AppId, String)> = HashSet::new();
        // What defines a connector does not use it.
        let definitions: HashSet<AppId> = model
            .elements
            .iter()
            .filter(|element| element.is(Fact::AppKind, AppKind::Connector.name()))
            .map(|element| element.app)
            .collect();
        for element in &mut model.elements {
            match element.kind {
                Kind::Connector if !definitions.contains(&element.app) => {
                    let Some(key) = element.text(Fact::ConnectorKey).map(str::to_owned) else { continue };
                    // Of several versions of one connector the first stands for all; each server of tools is asked by itself.
                    let is_first = told.insert((element.app, key.clone())) || key.starts_with("mcp:");
                    self.apply_connector(platform, (element, &key, is_first), subject, classes);
                }
                Kind::Action => self.apply_action(platform, element),
                _ => {}
            }
        }
        if let Some(dlp) = self.dlp(platform) {
            Self::mixed(dlp, model);
            dlp.endpoints(model);
        }
    }

    fn apply_connector(
        &self,
        platform: &str,
        (element, key, is_first): (&mut Element<'_>, &str, bool),
        subject: &Subject<'_, '_>,
        classes: &Classes,
    ) {
        let place = element.place_of(Fact::ConnectorKey);
        if let Some((standing, restriction)) = self.standing(platform, element, key, subject).filter(|_| is_first) {
            element.set(Fact::ConnectorStanding, standing, place);
            if let Some(restriction) = restriction {
                element.set(Fact::ConnectorRestriction, restriction, place);
            }
        }
        if let Some(class) = self.source_class(platform, key) {
            element.set(Fact::ConnectorGroup, classes.name(class).to_owned(), place);
        }
        let allowed = self.allowed(key);
        let versions = allowed.and_then(|allowed| allowed.versions.as_ref());
        let holds = versions.and_then(|versions| versions.holds(element.text(Fact::ConnectorVersion)?));
        if let Some(holds) = holds {
            element.set(Fact::ConnectorVersionAllowed, holds, element.place_of(Fact::ConnectorVersion));
        }
        let review = allowed.and_then(|allowed| allowed.review.as_ref());
        let review = match review {
            Some(review) if review.expires.as_ref().is_some_and(|day| day.is_over(subject.now)) => Some(VendorReview::Expired),
            Some(_) => Some(VendorReview::Valid),
            None => self.reviewed.holds(key).then_some(VendorReview::Missing),
        };
        if let Some(review) = review.filter(|_| is_first) {
            element.set(Fact::ConnectorVendorReview, review, place);
        }
    }

    fn apply_action(&self, platform: &str, element: &mut Element<'_>) {
        let (Some(key), Some(operation)) = (element.text(Fact::ActionConnector), element.text(Fact::ActionOperation)) else { return };
        let own = self.allowed(key).filter(|allowed| !allowed.allow.is_empty() || !allowed.deny.is_empty());
        let allowed = match own {
            Some(own) => Some(!own.deny.holds(operation) && (own.allow.is_empty() || own.allow.holds(operation))),
            None => self.dlp(platform).and_then(|dlp| dlp.allows(key, operation)),
        };
        if let Some(allowed) = allowed {
            let place = element.place_of(Fact::ActionOperation);
            element.set(Fact::ActionAllowed, allowed, place);
        }
    }

    /// An app must not use connectors of both groups of a data policy: the platform switches it off. The first of the lower group in
    /// each app is told.
    fn mixed(dlp: &Dlp, model: &mut Model<'_>) {
        let group = |element: &Element<'_>| {
            let key = element.text(Fact::ConnectorKey)?;
            dlp.group(key).map(|group| (group, key.to_owned()))
        };
        let mut business: HashMap<AppId, String> = HashMap::new();
        for element in model.elements.iter().filter(|element| element.kind == Kind::Connector) {
            if let Some((Group::Business, key)) = group(element) {
                business.entry(element.app).or_insert(key);
            }
        }
        for element in model.elements.iter_mut().filter(|element| element.kind == Kind::Connector) {
            if let Some((Group::NonBusiness, _)) = group(element)
                && let Some(other) = business.remove(&element.app)
            {
                element.set(Fact::ConnectorMixedWith, other, element.place_of(Fact::ConnectorKey));
            }
        }
    }
}

impl Allowed {
    fn new(file: ConnectorFile, reading: &Reading<'_>) -> Result<Self, PolicyError> {
        let classes = file.classes.iter().map(|class| reading.class(class)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            group: reading.optional_class(file.group.as_ref())?,
            max_class: classes.into_iter().max(),
            tiers: file.tiers.into_iter().map(|tier| tier.value).collect(),
            environments: reading.environments(&file.environments)?,
            versions: file.versions.as_ref().map(|versions| reading.range(versions)).transpose()?,
            allow: reading.patterns(&file.operations.allow)?,
            deny: reading.patterns(&file.operations.deny)?,
            review: file.vendor_review,
        })
    }

    /// Who is not named has no tier that is approved, and an environment that nobody names is none of those that are.
    fn standing(&self, subject: &Subject<'_, '_>) -> (Standing, Option<String>) {
        let within = |list: &[String], own: Option<&str>| list.is_empty() || own.is_some_and(|own| list.iter().any(|one| one == own));
        if !within(&self.tiers, subject.tier) && subject.tier.is_some() {
            return (Standing::Restricted, Some(format!("for makers of the tier {}", self.tiers.join(" or "))));
        }
        if !within(&self.environments, subject.environment) && subject.environment.is_some() {
            return (Standing::Restricted, Some(format!("in the environment {}", self.environments.join(" or "))));
        }
        (Standing::Approved, None)
    }
}

/// The place of a review that has ended, for who keeps the policy.
pub(super) fn ended(review: &ReviewFile, now: jiff::Timestamp) -> Option<(Span, String)> {
    let day = review.expires.as_ref().filter(|day| day.is_over(now))?;
    Some((day.span, format!("the review of the vendor has ended: `{}`", day.value.0)))
}
