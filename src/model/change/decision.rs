//! The kinds of change that somebody may have to decide on: the keys of `decision_rights` in a policy.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! decisions {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal $(=> $general:ident)?,)+) => {
        /// The kinds of change that somebody may have to decide on. A policy that is silent about a kind means it along with the more
        /// general one, see [`Decision::general`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum Decision { $($(#[doc = $doc])+ $variant,)+ }

        impl Decision {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As policies and reports write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// What it means.
            #[must_use]
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+)),+ }
            }

            /// The kind that covers it in a policy that does not name it.
            #[must_use]
            pub const fn general(self) -> Option<Self> {
                match self { $(Self::$variant => decisions!(@general $($general)?)),+ }
            }
        }
    };
    (@general) => { None };
    (@general $general:ident) => { Some(Self::$general) };
}

decisions! {
    /// An app that was not there before. What it can do is told by changes of its own.
    NewApp = "new-app",
    /// An app that was made anew under the name of one that is gone.
    ReplacedApp = "replaced-app" => NewApp,
    /// An app that is gone.
    RemovedApp = "removed-app",
    /// The app is switched on or off, or what happens when it fails changes.
    AppChange = "app-change" => BranchChange,
    /// Something new starts the app.
    NewEntryPoint = "new-entry-point" => NewEndpoint,
    /// More people or programs can start it, or need less to show who they are.
    OpenEntryPoint = "open-entry-point" => NewEntryPoint,
    /// It is started by other events, or at other times.
    EntryPointChange = "entry-point-change" => BranchChange,
    /// A type of system that it did not use before.
    NewConnector = "new-connector",
    /// It does more with a system than before: it only read, now it writes.
    WiderConnector = "wider-connector" => NewConnector,
    /// An operation of a system that it did not use before, and that does no more than those that it used.
    NewOperation = "new-operation" => WiderConnector,
    /// A host that it did not call before, or an address that only the run decides.
    NewEndpoint = "new-endpoint",
    /// Another address on a host that it called before. Many hosts serve many tenants.
    NewAddress = "new-address" => NewEndpoint,
    /// A transport without encryption, without a check of the certificate, or without a login.
    WeakerTransport = "weaker-transport" => NewEndpoint,
    /// Somebody that it did not send messages to before.
    NewRecipient = "new-recipient" => BranchChange,
    /// A connection that it did not have before, or another credential or other rights behind one.
    NewIdentity = "new-identity" => NewGrant,
    /// More scopes or powers of a connection.
    WiderIdentity = "wider-identity" => NewIdentity,
    /// A right that it did not give before.
    NewGrant = "new-grant",
    /// A right that covers more records, allows more, or is given to more people.
    WiderGrant = "wider-grant" => NewGrant,
    /// Data that it did not work with before, or that is now known to be sensitive.
    NewDataSource = "new-data-source" => NewFlow,
    /// It does more with data than before, or less protects them.
    WiderDataSource = "wider-data-source" => NewDataSource,
    /// A way of data that it did not have before: from something that it reads to something that it writes or sends.
    NewFlow = "new-flow",
    /// A language model that chooses among tools.
    NewAgent = "new-agent" => NewConnector,
    /// A tool that an agent did not have before.
    NewAgentTool = "new-agent-tool" => NewAgent,
    /// An agent that reads what strangers write, reaches private data, sends by itself, or is watched less.
    WiderAgent = "wider-agent" => NewAgent,
    /// Software that it did not bring along or need before, or that can do more.
    NewComponent = "new-component" => NewConnector,
    /// A setting that matters for safety has changed.
    SettingChange = "setting-change" => BranchChange,
    /// A step decides otherwise, or leads elsewhere.
    BranchChange = "branch-change",
    /// More credentials stand in the export.
    NewSecret = "new-secret" => NewIdentity,
    /// Something is gone or narrower.
    LessPower = "less-power",
}

impl Decision {
    /// The kind that policies call `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|decision| decision.name() == name)
    }

    /// The kind itself, then those that cover it, the closest first.
    pub fn chain(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |decision| decision.general())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_policy_does_not_name_is_covered_by_what_it_is_likely_to_name() {
        let usual = ["new-connector", "new-endpoint", "new-grant", "new-flow", "branch-change"];
        let uncovered = |decision: &&Decision| !decision.chain().any(|kind| usual.contains(&kind.name()));
        let names: Vec<&str> = Decision::ALL.iter().filter(uncovered).map(|decision| decision.name()).collect();
        assert_eq!(names, ["new-app", "replaced-app", "removed-app", "less-power"]);
    }

    #[test]
    fn names_are_those_of_files() {
        for decision in Decision::ALL {
            assert_eq!(serde_json::to_value(decision).expect("a word"), decision.name());
            assert_eq!(Decision::named(decision.name()), Some(*decision));
            assert!(decision.chain().count() < 5 && decision.doc().ends_with('.'));
        }
    }
}
