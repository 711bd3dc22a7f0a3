//! Versions that must not be used any more.

use super::file::VulnerableFile;
use super::pattern;
use super::read::Reading;
use super::version::Range;
use super::{PolicyError, Subject};
use crate::model::vocabulary::ComponentKind;
use crate::model::{Element, Fact, Kind, Model, Place};
use globset::GlobMatcher;

/// Versions that must not be used.
#[derive(Debug)]
pub(super) struct Vulnerable {
    package: GlobMatcher,
    versions: Option<Range>,
    advisory: String,
}

impl Vulnerable {
    pub(super) fn new(file: VulnerableFile, reading: &Reading<'_>) -> Result<Self, PolicyError> {
        Ok(Self {
            package: pattern::compile(&file.package.value).map_err(|reason| reading.wrong(file.package.span, reason, None))?,
            versions: file.versions.as_ref().map(|versions| reading.range(versions)).transpose()?,
            advisory: file.advisory.value,
        })
    }

    fn holds(&self, name: &str, version: Option<&str>) -> bool {
        self.package.is_match(name)
            && self.versions.as_ref().is_none_or(|range| version.is_some_and(|version| range.holds(version) == Some(true)))
    }
}

/// Adds a component for each connector, package and platform of whose version something is known.
pub(super) fn apply(known: &[Vulnerable], model: &mut Model<'_>, subject: &Subject<'_, '_>) {
    if known.is_empty() {
        return;
    }
    let advisory = |name: &str, version: Option<&str>| known.iter().find(|one| one.holds(name, version)).map(|one| one.advisory.clone());
    let mut found = Vec::new();
    for element in &model.elements {
        let (name, version, place) = match element.kind {
            Kind::Connector => {
                (element.text(Fact::ConnectorKey), element.text(Fact::ConnectorVersion), element.place_of(Fact::ConnectorVersion))
            }
            Kind::Component => (element.text(Fact::ComponentPackage), element.text(Fact::ComponentVersion), element.place),
            _ => continue,
        };
        let Some(name) = name else { continue };
        if let Some(advisory) = advisory(name, version) {
            found.push(component(element.app, name.to_owned(), version.map(str::to_owned), advisory, place));
        }
    }
    if let Some((app, version)) = model.apps.first().zip(subject.platform_version) {
        let app = model.element(app.element);
        if let Some(advisory) = advisory(model.platform, Some(version)) {
            found.push(component(app.app, model.platform.to_owned(), Some(version.to_owned()), advisory, app.place));
        }
    }
    for element in found {
        // A package may be named by many steps.
        let same = |known: &Element<'_>| known.kind == Kind::Component && known.id == element.id && known.app == element.app;
        if !model.elements.iter().rev().take(256).any(same) {
            model.add(element);
        }
    }
}

fn component<'t>(app: crate::model::AppId, name: String, version: Option<String>, advisory: String, place: Place) -> Element<'t> {
    let element = Element::new(Kind::Component, app, format!("{name}.{advisory}"), name.clone(), place)
        .with(Fact::ComponentKind, ComponentKind::Package, place)
        .with(Fact::ComponentPackage, name, place)
        .with(Fact::ComponentAdvisory, advisory, place);
    match version {
        Some(version) => element.with(Fact::ComponentVersion, version, place),
        None => element,
    }
}
