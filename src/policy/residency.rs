//! Where data may be kept and worked with.

use super::PolicyError;
use super::file::{OnUnknownFile, ResidencyFile};
use super::pattern::Patterns;
use super::read::Reading;
use crate::model::vocabulary::{Network, Residency as Where};
use crate::model::{Fact, Kind, Model, region};

/// The regions that are allowed.
#[derive(Debug)]
pub(super) struct Residency {
    allowed: Patterns,
    on_unknown: OnUnknownFile,
}

impl Residency {
    pub(super) fn new(file: &ResidencyFile, reading: &Reading<'_>) -> Result<Self, PolicyError> {
        Ok(Self { allowed: reading.patterns(&file.allowed)?, on_unknown: file.on_unknown })
    }

    fn of(&self, region: &str) -> Where {
        if self.allowed.holds(region) { Where::Inside } else { Where::Outside }
    }

    /// States of each address and app where it lies, as far as it says.
    pub(super) fn apply(&self, model: &mut Model<'_>) {
        for element in &mut model.elements {
            match element.kind {
                Kind::App => {
                    let Some(place) = element.text(Fact::AppRegion).map(|region| self.of(region)) else { continue };
                    element.set(Fact::AppResidency, place, element.place_of(Fact::AppRegion));
                }
                Kind::Endpoint => {
                    let Some(host) = element.text(Fact::EndpointHost) else { continue };
                    let place = element.place_of(Fact::EndpointHost);
                    if let Some(region) = region::of_host(host) {
                        let residency = self.of(&region);
                        element.set(Fact::EndpointRegion, region, place);
                        element.set(Fact::EndpointResidency, residency, place);
                    } else if self.on_unknown == OnUnknownFile::Warn && element.is(Fact::EndpointNetwork, Network::Public.name()) {
                        element.set(Fact::EndpointResidency, Where::Unknown, place);
                    }
                }
                _ => {}
            }
        }
    }
}
