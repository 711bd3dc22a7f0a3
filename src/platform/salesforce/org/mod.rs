//! The organisation as a whole: its settings, its sites, its certificates.

mod certificate;
mod settings;
mod site;

use super::{Form, Kind, schema};

/// The kinds of documents.
pub(super) const KINDS: &[Kind] = &[
    Kind { schema: schema!("site.schema.json"), form: Form::Root(&["CustomSite"]), lower: site::lower },
    Kind { schema: schema!("network.schema.json"), form: Form::Root(&["Network"]), lower: site::lower_network },
    Kind { schema: schema!("experience.schema.json"), form: Form::Other(site::experience), lower: site::lower_experience },
    Kind { schema: schema!("settings.schema.json"), form: Form::Root(settings::ROOTS), lower: settings::lower },
    Kind { schema: schema!("certificate.schema.json"), form: Form::Root(&["Certificate"]), lower: certificate::lower },
];
