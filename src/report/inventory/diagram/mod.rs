//! Apps, who starts them, what they reach, and the boundaries of trust between, ready to be drawn. It knows no way to draw.
//!
//! One app is drawn with all its ways of data. Of several, each is one node and shares the systems that others use too, so that chains
//! over several apps can be seen. What a picture cannot hold is gathered in nodes that say how many they stand for, and told in
//! [`Diagram::notes`]; nothing is left out without a word.

mod app;
mod drawing;
mod estate;

use crate::model::inventory::{Inventory, Record};

/// An app and the export that it is in.
pub type One<'r> = (&'r Record, &'r Inventory);

/// Something to draw. Texts hold nothing that drives a terminal or reorders what stands around it; they are not escaped for any format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagram {
    /// What it shows.
    pub title: String,
    /// The boundaries of trust that hold at least one node, from the least trusted.
    pub zones: Vec<Zone>,
    /// The nodes, by zone, kind and name.
    pub nodes: Vec<Node>,
    /// The edges, by their nodes.
    pub edges: Vec<Edge>,
    /// What the picture does not show one by one, a sentence each. They belong into the picture.
    pub notes: Vec<String>,
}

/// A boundary of trust: what crosses one has to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zone {
    /// Anyone, without a login.
    Anyone,
    /// The internet: callers that log in, public hosts, recipients of other organisations.
    Internet,
    /// What the export does not tell, such as an address that is only known when the app runs.
    Unknown,
    /// Systems that the app reaches with stored connections. Who runs them, the export does not tell.
    Services,
    /// The organisation: its people, its private networks, its hosts by policy.
    Organisation,
    /// The platform that runs the app, with its own data and clock.
    Platform,
}

impl Zone {
    /// All zones, from the least trusted.
    pub const ALL: [Self; 6] = [Self::Anyone, Self::Internet, Self::Unknown, Self::Services, Self::Organisation, Self::Platform];

    /// As programs know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::Internet => "internet",
            Self::Unknown => "unknown",
            Self::Services => "services",
            Self::Organisation => "organisation",
            Self::Platform => "platform",
        }
    }

    /// For people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Anyone => "Anyone, without a login",
            Self::Internet => "Internet",
            Self::Unknown => "Not told by the export",
            Self::Services => "Connected services",
            Self::Organisation => "Inside the organisation",
            Self::Platform => "Platform",
        }
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// What starts apps: a way in.
    EntryPoint,
    /// Who has rights without being named: anyone, everyone.
    Principal,
    /// An app, or several.
    App,
    /// A system that is used through a connector.
    Connector,
    /// Hosts that are called.
    Endpoint,
    /// Data.
    DataSource,
    /// Those that messages are sent to.
    Recipient,
}

impl NodeKind {
    /// All kinds.
    pub const ALL: [Self; 7] =
        [Self::EntryPoint, Self::Principal, Self::App, Self::Connector, Self::Endpoint, Self::DataSource, Self::Recipient];

    /// As programs know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EntryPoint => "entry-point",
            Self::Principal => "principal",
            Self::App => "app",
            Self::Connector => "connector",
            Self::Endpoint => "endpoint",
            Self::DataSource => "data-source",
            Self::Recipient => "recipient",
        }
    }

    /// Several of them, behind their number.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::EntryPoint => "more ways in",
            Self::Principal => "more who have rights",
            Self::App => "more apps",
            Self::Connector => "more connectors",
            Self::Endpoint => "more hosts",
            Self::DataSource => "more data sources",
            Self::Recipient => "more recipients",
        }
    }
}

/// Something that data is in or passes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it is.
    pub zone: Zone,
    /// Its name, in at most [`LABEL`] characters.
    pub label: String,
    /// What else is to be said, a short line each.
    pub details: Vec<String>,
    /// How many things it stands for: 1, or more where the picture has no room for each.
    pub stands_for: usize,
}

/// What an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// A way in starts an app, or somebody may use it.
    Starts,
    /// An app reads from a system, or does something there; from where data leaves to where it goes.
    Uses,
    /// A way of data through an app, from what it reads or is given to what it writes or sends.
    Flow,
}

impl EdgeKind {
    /// As programs know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starts => "starts",
            Self::Uses => "uses",
            Self::Flow => "flow",
        }
    }
}

/// A line between two nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// What it is.
    pub kind: EdgeKind,
    /// Number of the node that it begins at, in [`Diagram::nodes`].
    pub from: usize,
    /// Number of the node that it leads to.
    pub to: usize,
    /// What stands at it: verbs, how callers log in, the class of the data. It may be empty.
    pub label: String,
    /// Whether data goes both ways.
    pub both: bool,
    /// Of a way of data: whether the reader saw it taken, value by value. Others may be taken.
    pub traced: bool,
    /// How many things it stands for.
    pub stands_for: usize,
}

/// Longest label of a node, in characters.
pub const LABEL: usize = 60;

impl Diagram {
    /// The picture of one app.
    #[must_use]
    pub fn of_app(one: One<'_>) -> Self {
        app::diagram(one)
    }

    /// The picture of the apps of all records: of one app with all its ways of data, of several as a whole.
    #[must_use]
    pub fn of_records(records: &[Record]) -> Self {
        let apps: Vec<One<'_>> = records.iter().flat_map(|record| record.apps.iter().map(move |app| (record, app))).collect();
        Self::of_apps(&apps)
    }

    /// The picture of these apps.
    #[must_use]
    pub fn of_apps(apps: &[One<'_>]) -> Self {
        match apps {
            [one] => Self::of_app(*one),
            _ => estate::diagram(apps),
        }
    }

    /// Whether an edge leads from one zone to another.
    #[must_use]
    pub fn crosses(&self, edge: &Edge) -> bool {
        let zone = |at: usize| self.nodes.get(at).map(|node| node.zone);
        zone(edge.from) != zone(edge.to)
    }

    /// The numbers of the nodes in a zone.
    pub fn within(&self, zone: Zone) -> impl Iterator<Item = usize> + '_ {
        self.nodes.iter().enumerate().filter(move |(_, node)| node.zone == zone).map(|(at, _)| at)
    }

    /// Brings nodes and edges into their order.
    fn ordered(mut self) -> Self {
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by(|one, other| {
            let key = |at: usize| (self.nodes[at].zone, self.nodes[at].kind, self.nodes[at].stands_for > 1, &self.nodes[at].label);
            key(*one).cmp(&key(*other))
        });
        let mut now = vec![0; order.len()];
        order.iter().enumerate().for_each(|(at, before)| now[*before] = at);
        let mut nodes: Vec<Option<Node>> = self.nodes.into_iter().map(Some).collect();
        self.nodes = order.iter().filter_map(|before| nodes[*before].take()).collect();
        for edge in &mut self.edges {
            (edge.from, edge.to) = (now[edge.from], now[edge.to]);
        }
        self.edges.sort_by(|one, other| (one.kind, one.from, one.to, &one.label).cmp(&(other.kind, other.from, other.to, &other.label)));
        self.zones = Zone::ALL.into_iter().filter(|zone| self.nodes.iter().any(|node| node.zone == *zone)).collect();
        self
    }
}

/// Text of an export, fit for a node.
fn label(text: &str) -> String {
    crate::report::machine::cut(&crate::report::visible(text.trim()), LABEL).into_owned()
}
