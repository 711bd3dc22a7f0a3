//! What is asked of transport.

use super::PolicyError;
use super::file::EncryptionFile;
use super::pattern::Patterns;
use super::read::Reading;
use crate::model::vocabulary::Network;
use crate::model::{Fact, Kind, Model, Place, StepId};
use std::collections::HashMap;

/// Protocols and connectors that must not be used.
#[derive(Debug, Default)]
pub(super) struct Encryption {
    forbid: Patterns,
    plaintext: Patterns,
}

impl Encryption {
    pub(super) fn new(file: &EncryptionFile, reading: &Reading<'_>) -> Result<Self, PolicyError> {
        Ok(Self { forbid: reading.patterns(&file.forbid)?, plaintext: reading.patterns(&file.plaintext_connectors)? })
    }

    /// States of each step which forbidden protocol it uses.
    pub(super) fn apply(&self, model: &mut Model<'_>) {
        if self.forbid.is_empty() && self.plaintext.is_empty() {
            return;
        }
        // What stays on its machine is heard by nobody.
        let local = [Network::Loopback, Network::Metadata].map(Network::name);
        let called: HashMap<StepId, (String, Place)> = model
            .elements
            .iter()
            .filter(|element| element.kind == Kind::Endpoint)
            .filter(|element| !element.text(Fact::EndpointNetwork).is_some_and(|network| local.contains(&network)))
            .filter_map(|element| {
                let scheme = element.text(Fact::EndpointScheme).filter(|scheme| self.forbid.holds(scheme))?;
                Some((element.step?, (scheme.to_owned(), element.place_of(Fact::EndpointScheme))))
            })
            .collect();
        for element in model.elements.iter_mut().filter(|element| element.kind == Kind::Action) {
            let protocol = element.text(Fact::ActionProtocol);
            let chosen = protocol.filter(|protocol| self.forbid.holds(protocol));
            let chosen = chosen.map(|protocol| (protocol.to_owned(), element.place_of(Fact::ActionProtocol)));
            // A connector whose protocol was chosen talks in that one.
            let plain = element.text(Fact::ActionConnector).filter(|key| protocol.is_none() && self.plaintext.holds(key));
            let plain = plain.map(|key| (key.to_owned(), element.place_of(Fact::ActionConnector)));
            let found = chosen.or_else(|| element.step.and_then(|step| called.get(&step)).cloned()).or(plain);
            if let Some((protocol, place)) = found {
                element.set(Fact::ActionForbiddenProtocol, protocol, place);
            }
        }
    }
}
