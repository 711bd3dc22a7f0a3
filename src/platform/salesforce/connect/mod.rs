//! What the organisation is connected with: addresses that it calls or trusts, credentials, programs that log in to it, mail.

mod client;
mod credential;
mod hosts;
mod link;
mod mail;
mod service;
mod trust;

use super::{Form, Kind, schema};
pub(super) use credential::use_of_credentials;
pub(super) use link::lower as lower_link;

/// The kinds of documents.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        schema: schema!("external-credential.schema.json"),
        form: Form::Root(&["ExternalCredential"]),
        lower: credential::lower_external,
    },
    Kind { schema: schema!("named-credential.schema.json"), form: Form::Root(&["NamedCredential"]), lower: credential::lower_named },
    Kind { schema: schema!("remote-site.schema.json"), form: Form::Root(&["RemoteSiteSetting"]), lower: trust::lower_remote },
    Kind { schema: schema!("trusted-site.schema.json"), form: Form::Root(&["CspTrustedSite"]), lower: trust::lower_trusted },
    Kind { schema: schema!("allowed-origin.schema.json"), form: Form::Root(trust::ORIGINS), lower: trust::lower_origin },
    Kind { schema: schema!("connected-app.schema.json"), form: Form::Root(client::ROOTS), lower: client::lower },
    Kind { schema: schema!("auth-provider.schema.json"), form: Form::Root(client::PROVIDERS), lower: client::lower_provider },
    Kind { schema: schema!("external-data-source.schema.json"), form: Form::Root(&["ExternalDataSource"]), lower: service::lower_source },
    Kind {
        schema: schema!("external-service.schema.json"),
        form: Form::Root(&["ExternalServiceRegistration"]),
        lower: service::lower_service,
    },
    Kind { schema: schema!("workflow.schema.json"), form: Form::Root(&["Workflow"]), lower: service::lower_workflow },
    Kind { schema: schema!("outbound-message.schema.json"), form: Form::Root(&["WorkflowOutboundMessage"]), lower: service::lower_message },
    Kind { schema: schema!("email-service.schema.json"), form: Form::Root(&["EmailServicesFunction"]), lower: mail::lower },
    Kind { schema: schema!("web-link.schema.json"), form: Form::Root(&["WebLink", "CustomPageWebLink"]), lower: link::lower_document },
];

/// What is known of credentials before all has been seen.
#[derive(Default)]
pub(super) struct Known<'t> {
    credentials: credential::Credentials<'t>,
}
