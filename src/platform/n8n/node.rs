//! One node: what it is, what it talks to, what feeds it.

use super::catalogue::{self, NodeType, Role, verb_of};
use super::code::{self, Meaning};
use super::expression::{self, Piece, Steps, pieces, references, script_references};
use super::secrets;
use crate::model::address::{self, Url, is_placeholder_host};
use crate::model::vocabulary::{
    Auth, Capability, ComponentKind, Confirm, DataSourceKind, Exposure, Language, Network, OnError, Origin, PrincipalKind, Publisher,
    TriggerKind, Verb,
};
use crate::model::{AppId, Edge, EdgeKind, Element, ElementId, Fact, Kind, Model, Output, Place, Reference, Sink, Source, StepId};
use crate::tree::Node;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;
use std::ops::Range;

/// Parameters that hold code.
const CODE: [(&str, Language); 4] = [
    ("jsCode", Language::Javascript),
    ("functionCode", Language::Javascript),
    ("pythonCode", Language::Python),
    ("code", Language::Javascript),
];

/// The members of a node, read once.
pub(super) struct NodeParts<'t> {
    pub(super) id: Cow<'t, str>,
    pub(super) name: Cow<'t, str>,
    pub(super) kind: &'t str,
    /// The node that holds the type: what stands for something that a node lacks.
    pub(super) kind_node: Node<'t>,
    /// The type without its package.
    pub(super) base: &'t str,
    pub(super) node_type: NodeType,
    pub(super) parameters: Option<Node<'t>>,
    pub(super) credentials: Option<Node<'t>>,
    pub(super) version: f64,
    pub(super) version_node: Option<Node<'t>>,
    pub(super) disabled: bool,
    pub(super) on_error: OnError,
    pub(super) on_error_node: Option<Node<'t>>,
    code: OnceCell<Vec<Code<'t>>>,
}

/// A text of a node that is code, decoded and looked through once.
pub(super) struct Code<'t> {
    node: Node<'t>,
    text: Cow<'t, str>,
    language: Language,
    pub(super) meanings: Vec<(Meaning, Range<usize>)>,
}

impl<'t> NodeParts<'t> {
    /// Reads a node; `None` when it has no type or name, which the schema reports.
    pub(super) fn read(node: Node<'t>) -> Option<Self> {
        let [mut kind, mut name, mut id, mut parameters, mut credentials, mut version, mut disabled, mut on_error, mut continues] =
            [None; 9];
        // One pass over the members: asking for each by name costs more than all the rest of reading a node.
        for member in node.members() {
            let slot = match member.key().as_deref() {
                Some("type") => &mut kind,
                Some("name") => &mut name,
                Some("id") => &mut id,
                Some("parameters") => &mut parameters,
                Some("credentials") => &mut credentials,
                Some("typeVersion") => &mut version,
                Some("disabled") => &mut disabled,
                Some("onError") => &mut on_error,
                Some("continueOnFail") => &mut continues,
                _ => continue,
            };
            *slot = Some(member);
        }
        let kind_node = kind?;
        // Types are plain words: one with escapes is no type that n8n knows.
        let Cow::Borrowed(kind) = kind_node.as_str()? else { return None };
        let name = name?.as_text()?;
        let on_error_node = on_error.filter(|node: &Node<'t>| node.as_str().is_some());
        let legacy = continues.filter(|node: &Node<'t>| node.as_bool() == Some(true));
        let on_error = match on_error_node.and_then(Node::as_str).as_deref() {
            Some("continueRegularOutput") => OnError::Continue,
            Some("continueErrorOutput") => OnError::Branch,
            None if legacy.is_some() => OnError::Continue,
            _ => OnError::Stop,
        };
        let base = kind.rsplit('.').next().unwrap_or(kind);
        Some(Self {
            id: id.and_then(Node::as_text).filter(|id| id != "null" && !id.is_empty()).unwrap_or_else(|| name.clone()),
            name,
            kind,
            kind_node,
            base,
            node_type: catalogue::node_type(base),
            parameters: parameters.filter(|node| node.is_object()),
            credentials,
            version: version.and_then(|node| node.as_text()?.trim_matches('"').parse().ok()).unwrap_or(1.0),
            version_node: version,
            disabled: disabled.and_then(Node::as_bool) == Some(true),
            on_error,
            on_error_node: on_error_node.or(legacy),
            code: OnceCell::new(),
        })
    }

    /// Whether it decides by the error that the step before it hands on.
    pub(super) fn looks_at_errors(&self) -> bool {
        let decides = matches!(self.base, "if" | "switch" | "filter") && !self.disabled;
        let error = |node: Node<'t>| node.as_str().is_some_and(|text| text.contains(".error") || text.contains("[\"error"));
        decides && self.parameters.is_some_and(|parameters| parameters.descend().any(error))
    }

    pub(super) fn is_note(&self) -> bool {
        self.base == "stickyNote"
    }

    /// Whether the node comes with n8n.
    fn is_core(&self) -> bool {
        self.kind.starts_with("n8n-nodes-base.") || self.kind.starts_with("@n8n/n8n-nodes-langchain.")
    }

    /// The parameter at that path.
    fn parameter(&self, path: &[&str]) -> Option<Node<'t>> {
        self.parameters?.at(path)
    }

    fn text(&self, path: &[&str]) -> Option<Cow<'t, str>> {
        self.parameter(path)?.as_str().filter(|text| !text.is_empty())
    }

    fn place(&self) -> Place {
        Place::of(self.kind_node)
    }

    /// The code of a node that runs code.
    pub(super) fn code(&self) -> &[Code<'t>] {
        self.code.get_or_init(|| {
            let read = |(name, language): (&str, Language)| {
                let node = self.parameters?.get(name)?;
                let text = node.as_str()?;
                let meanings = code::meanings(&text);
                Some(Code { node, text, language, meanings })
            };
            if self.node_type.role == Role::Code { CODE.into_iter().filter_map(read).collect() } else { Vec::new() }
        })
    }

    /// Whether it starts a run.
    fn is_trigger(&self) -> bool {
        self.base.ends_with("Trigger")
            || matches!(self.base, "webhook" | "cron" | "interval" | "start" | "emailReadImap" | "trigger" | "Trigger")
    }
}

/// What the nodes of one workflow are lowered into.
pub(super) struct Context<'c, 't> {
    pub(super) model: &'c mut Model<'t>,
    pub(super) app: AppId,
    pub(super) steps: &'c Steps<'t>,
    /// Steps that an agent may call.
    pub(super) tools: &'c HashSet<StepId>,
    pub(super) edges: &'c [Edge],
    /// Steps that decide by whether the step before them failed.
    pub(super) looks_at_errors: HashSet<StepId>,
    /// Steps that do nothing.
    pub(super) idle: HashSet<StepId>,
    /// Connectors that have their element.
    pub(super) connectors: HashSet<Cow<'t, str>>,
    /// Offsets in the file where a token of some issuer may stand, ascending.
    pub(super) tokens: &'c [u32],
}

impl<'t> Context<'_, 't> {
    fn element(&self, kind: Kind, parts: &NodeParts<'t>, step: StepId) -> Element<'t> {
        Element::new(kind, self.app, parts.id.clone(), parts.name.clone(), parts.place()).at_step(step)
    }

    /// Has the linker find out what `parts` of a value come from.
    fn sink(&mut self, element: ElementId, step: StepId, fact: Fact, parts: Vec<Reference<'t>>, place: Place) {
        if !parts.is_empty() {
            self.model.sinks.push(Sink { element, step, fact, parts, place });
        }
    }
}

/// Adds what the node says. A disabled node does nothing, but its secrets leak all the same.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>) {
    let step = context.steps.get(&parts.name).copied();
    secrets::lower(context, parts, step);
    component(context, parts, step);
    let Some(step) = step.filter(|_| !parts.disabled) else { return };
    let node_type = parts.node_type;
    connector(context, parts, step);
    connection(context, parts, step);
    if parts.is_trigger() {
        trigger(context, parts, step);
        if let Role::Host(capability) = node_type.role {
            host(context, parts, step, capability);
        }
        return;
    }
    // A model that may call tools decides like an agent.
    let has_tools = || context.edges.iter().any(|edge| edge.from == step && edge.kind == EdgeKind::Tool);
    if node_type.role == Role::Agent || node_type.role == Role::Model && has_tools() {
        agent(context, parts, step);
    }
    action(context, parts, step, node_type);
}

/// Sets what the step hands on.
fn hands_on<'t>(context: &mut Context<'_, 't>, step: StepId, output: Output<'t>) {
    context.model.steps[step.0 as usize].output = output;
}

// ---------------------------------------------------------------------------------------------------------------------- triggers

fn trigger<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId) {
    let (kind, exposure, auth, place) = entry(parts);
    let mut element = context
        .element(Kind::Trigger, parts, step)
        .with(Fact::TriggerKind, kind, parts.place())
        .with(Fact::TriggerExposure, exposure.0, exposure.1)
        .with(Fact::TriggerAuth, auth, place)
        .with(Fact::TriggerConnector, parts.kind, parts.place());
    if parts.base == "webhook" {
        let method = parts.parameter(&["httpMethod"]);
        let methods: Vec<Cow<'t, str>> = match method {
            Some(node) if node.is_array() => node.items().filter_map(Node::as_str).collect(),
            Some(node) => node.as_str().into_iter().collect(),
            None => vec!["GET".into()],
        };
        element.set(Fact::TriggerMethods, methods, method.map_or(parts.place(), Place::of));
    }
    if let Some(node) = parts.parameter(&["options", "allowedOrigins"]) {
        let origins: Vec<String> = node.as_str().unwrap_or_default().split(',').map(|origin| origin.trim().to_owned()).collect();
        element.set(Fact::TriggerOrigins, origins, Place::of(node));
    }
    context.model.add(element);
    let own = &[("webhookUrl", Origin::Literal), ("executionMode", Origin::Literal)];
    let output = match catalogue::trigger_origin(parts.base) {
        Origin::Trigger => Output::OwnFields(own, Origin::Trigger),
        origin => Output::Own(origin),
    };
    hands_on(context, step, output);
    let data = catalogue::node_type(parts.base.strip_suffix("Trigger").unwrap_or(parts.base)).data;
    if let Some(data) = data.filter(|data| *data == DataSourceKind::Mailbox) {
        data_source(context, parts, step, data);
    }
}

/// What kind of entry it is, who can reach it, how callers prove who they are, and where that stands.
fn entry(parts: &NodeParts<'_>) -> (TriggerKind, (Exposure, Place), Auth, Place) {
    use Exposure::{Internal, Public, Tenant};
    let here = parts.place();
    let authentication = parts.parameter(&["authentication"]);
    let auth_place = authentication.map_or(here, Place::of);
    let auth = match authentication.and_then(Node::as_str).as_deref() {
        None | Some("none" | "") => Auth::Absent,
        Some("basicAuth" | "n8nUserAuth") => Auth::Basic,
        Some("headerAuth" | "bearerAuth") => Auth::Header,
        Some("jwtAuth") => Auth::Jwt,
        Some(text) if text.contains("{{") => Auth::Unknown,
        Some(_) => Auth::Platform,
    };
    let limited = parts.parameter(&["options", "ipWhitelist"]).filter(|node| node.as_str().is_some_and(|list| !list.trim().is_empty()));
    let (auth, auth_place) = match limited {
        Some(node) if auth == Auth::Absent => (Auth::Ip, Place::of(node)),
        _ => (auth, auth_place),
    };
    match parts.base {
        "webhook" => (TriggerKind::Http, (Public, here), auth, auth_place),
        "formTrigger" => (TriggerKind::Form, (Public, here), auth, auth_place),
        "mcpTrigger" => (TriggerKind::Mcp, (Public, here), auth, auth_place),
        "chatTrigger" => {
            let public = parts.parameter(&["public"]);
            let exposure = if public.and_then(Node::as_bool) == Some(true) { Public } else { Internal };
            (TriggerKind::Chat, (exposure, public.map_or(here, Place::of)), auth, auth_place)
        }
        "manualTrigger" | "manualChatTrigger" | "start" => (TriggerKind::Manual, (Internal, here), Auth::Platform, here),
        "scheduleTrigger" | "cron" | "interval" => (TriggerKind::Schedule, (Internal, here), Auth::Platform, here),
        "executeWorkflowTrigger" => (TriggerKind::Subflow, (Internal, here), Auth::Platform, here),
        "errorTrigger" => (TriggerKind::Error, (Internal, here), Auth::Platform, here),
        "localFileTrigger" | "googleDriveTrigger" => (TriggerKind::File, (Internal, here), Auth::Platform, here),
        "gmailTrigger" | "emailReadImap" | "microsoftOutlookTrigger" | "postmarkTrigger" => {
            (TriggerKind::Email, (Public, here), Auth::Platform, here)
        }
        // Anyone may write to a bot; the service vouches for who wrote, not for what.
        "telegramTrigger" | "whatsAppTrigger" | "twilioTrigger" | "facebookTrigger" | "lineTrigger" => {
            (TriggerKind::Chat, (Public, here), Auth::Platform, here)
        }
        "slackTrigger" | "microsoftTeamsTrigger" => (TriggerKind::Chat, (Tenant, here), Auth::Platform, here),
        "typeformTrigger"
        | "jotFormTrigger"
        | "formIoTrigger"
        | "wufooTrigger"
        | "surveyMonkeyTrigger"
        | "calTrigger"
        | "calendlyTrigger" => (TriggerKind::Form, (Public, here), Auth::Platform, here),
        "mqttTrigger" | "kafkaTrigger" | "rabbitmqTrigger" | "amqpTrigger" | "redisTrigger" | "awsSqsTrigger" => {
            (TriggerKind::Queue, (Exposure::Unknown, here), Auth::Platform, here)
        }
        _ => (TriggerKind::Event, (Internal, here), Auth::Platform, here),
    }
}

// ----------------------------------------------------------------------------------------------------------------------- actions

fn action<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, node_type: NodeType) {
    let (operation, operation_place) = operation(parts, node_type);
    let is_tool = context.tools.contains(&step) || parts.base.ends_with("Tool") || parts.base.starts_with("tool");
    let verb = verb(parts, node_type, &operation);
    let mut element = context
        .element(Kind::Action, parts, step)
        .with(Fact::ActionConnector, parts.kind, parts.place())
        .with(Fact::ActionVerb, verb, operation_place)
        .with(Fact::ActionIsTool, is_tool, parts.place())
        .with(Fact::ActionOnError, effective_on_error(context, parts, step), parts.on_error_node.map_or(parts.place(), Place::of));
    if !operation.is_empty() {
        let asks = operation.contains("sendAndWait");
        element.set(Fact::ActionOperation, operation, operation_place);
        if asks {
            element.set(Fact::ActionConfirm, Confirm::Human, operation_place);
        }
    }
    details(&mut element, parts);
    let element = context.model.add(element);
    escapes(context, parts, element);
    // Whoever sends a mail or a message reads none.
    if let Some(data) = node_type.data.filter(|_| verb != Verb::Send) {
        data_source(context, parts, step, data);
    }
    match node_type.role {
        Role::Http => http(context, parts, step),
        Role::Sql => sql(context, parts, step, element),
        Role::Code => run_code(context, parts, step, element),
        Role::Host(capability) => {
            host(context, parts, step, capability);
            command(context, parts, step, element);
        }
        Role::Call => call(context, parts, step, element),
        Role::Service if parts.base == "rssFeedRead" => http(context, parts, step),
        _ => {}
    }
    messages(context, parts, step, element, verb);
    grants(context, parts, step);
    if let Some(node) = server_address(parts) {
        endpoint(context, parts, step, node);
    }
    if let Some(query) = query_text(parts) {
        context.model.element_mut(element).set(Fact::ActionLanguage, Language::Query, Place::of(query));
        let parts = references(query, context.steps, false);
        context.sink(element, step, Fact::ActionQueryFrom, parts, Place::of(query));
    }
    let output = output(context, parts, node_type, verb);
    hands_on(context, step, output);
}

/// What happens when the node fails: a way out for errors that leads nowhere, or where success leads too, is none.
fn effective_on_error(context: &Context<'_, '_>, parts: &NodeParts<'_>, step: StepId) -> OnError {
    let next = |from: StepId| context.edges.iter().filter(move |edge| edge.from == from && edge.kind == EdgeKind::Next).map(|edge| edge.to);
    match parts.on_error {
        OnError::Continue if next(step).any(|step| context.looks_at_errors.contains(&step)) => return OnError::Branch,
        OnError::Branch => {}
        kind => return kind,
    }
    let targets = |kind| -> HashSet<StepId> {
        context.edges.iter().filter(|edge| edge.from == step && edge.kind == kind).map(|edge| edge.to).collect()
    };
    let (mut errors, after) = (targets(EdgeKind::Error), targets(EdgeKind::Next));
    // A step that does nothing and leads nowhere handles nothing.
    errors.retain(|error| !context.idle.contains(error) || next(*error).next().is_some());
    if errors.is_subset(&after) { OnError::Continue } else { OnError::Branch }
}

/// Resource and operation, `resource.operation` where there are both, with n8n's defaults where the export names none.
fn operation<'t>(parts: &NodeParts<'t>, node_type: NodeType) -> (Cow<'t, str>, Place) {
    let (resource, operation) = (parts.parameter(&["resource"]), parts.parameter(&["operation"]));
    let place = operation.or(resource).map_or(parts.place(), Place::of);
    let (default_resource, default_operation) = node_type.default.rsplit_once('.').unwrap_or(("", node_type.default));
    let resource = resource.and_then(Node::as_str).unwrap_or(Cow::Borrowed(default_resource));
    let operation = match operation.and_then(Node::as_str) {
        Some(operation) => operation,
        None if resource == default_resource => Cow::Borrowed(default_operation),
        None => Cow::Borrowed(""),
    };
    match (resource.is_empty(), operation.is_empty()) {
        (true, _) => (operation, place),
        (false, true) => (resource, place),
        (false, false) => (format!("{resource}.{operation}").into(), place),
    }
}

fn verb(parts: &NodeParts<'_>, node_type: NodeType, operation: &str) -> Verb {
    match node_type.role {
        Role::Control | Role::Note => Verb::Control,
        Role::Transform | Role::Model | Role::Agent => Verb::Transform,
        Role::Call => Verb::Control,
        Role::Http => match parts.text(&["method"]).or_else(|| parts.text(&["requestMethod"])).as_deref() {
            Some("POST" | "PUT" | "PATCH") => Verb::Write,
            Some("DELETE") => Verb::Delete,
            _ => Verb::Read,
        },
        Role::Host(Capability::Files) if matches!(parts.base, "readBinaryFile" | "readBinaryFiles") => Verb::Read,
        Role::Host(Capability::Files) => {
            if operation == "write" || parts.base == "writeBinaryFile" {
                Verb::Write
            } else {
                Verb::Read
            }
        }
        Role::Host(Capability::RemoteCommand) if operation.starts_with("file") => Verb::Write,
        Role::Host(Capability::Repository) => Verb::Write,
        Role::Host(_) => Verb::Execute,
        Role::Sql => sql_verb(parts, operation),
        Role::Code => code_verb(parts),
        Role::Service => service_verb(parts, operation, node_type),
    }
}

fn service_verb(parts: &NodeParts<'_>, operation: &str, node_type: NodeType) -> Verb {
    let base = parts.base.strip_suffix("Tool").unwrap_or(parts.base);
    let found = verb_of(operation);
    let changes = matches!(found, Some(Verb::Write | Verb::Delete | Verb::Execute));
    match base {
        // What makes, changes or removes users and workflows of a platform is more than writing.
        "gSuiteAdmin" | "okta" | "microsoftEntra" | "n8n" | "auth0" | "awsIam" if changes => Verb::Admin,
        "awsLambda" => Verb::Execute,
        // In mail and chat nodes `create` and `post` of a message reach people.
        _ if node_type.data == Some(DataSourceKind::Messages) && operation.contains("message") && found == Some(Verb::Write) => Verb::Send,
        _ if base.starts_with("vectorStore") => match parts.text(&["mode"]).as_deref() {
            Some("insert" | "update") => Verb::Write,
            _ => Verb::Read,
        },
        _ => found.unwrap_or(Verb::Read),
    }
}

fn sql_verb(parts: &NodeParts<'_>, operation: &str) -> Verb {
    if !operation.ends_with("executeQuery") {
        return match verb_of(operation) {
            Some(Verb::Execute) | None => Verb::Write,
            Some(verb) => verb,
        };
    }
    let query = sql_text(parts).and_then(Node::as_str).unwrap_or_default();
    let statements = query.trim_start_matches('=').split(';').map(|statement| {
        let lines = statement.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("--"));
        let mut words = lines.flat_map(str::split_whitespace).map(str::to_ascii_lowercase);
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    });
    let verbs = statements.filter(|words| !words.0.is_empty()).map(|words| match (words.0.trim_start_matches('('), &*words.1) {
        ("select" | "show" | "with" | "explain" | "describe" | "set" | "values", _) => Verb::Read,
        ("insert" | "update" | "upsert" | "merge" | "replace" | "begin" | "commit", _)
        | ("create", "table" | "index" | "unique" | "view" | "temp" | "temporary" | "type" | "sequence" | "schema") => Verb::Write,
        ("delete" | "truncate" | "drop", _) => Verb::Delete,
        _ => Verb::Execute,
    });
    // Of several statements the most powerful one counts.
    verbs
        .max_by_key(|verb| [Verb::Read, Verb::Write, Verb::Delete, Verb::Execute].iter().position(|known| known == verb))
        .unwrap_or(Verb::Execute)
}

fn code_verb(parts: &NodeParts<'_>) -> Verb {
    let mut verb = Verb::Transform;
    for code in parts.code() {
        for (meaning, _) in &code.meanings {
            match meaning {
                Meaning::Reaches("process" | "filesystem" | "eval") | Meaning::Escape => return Verb::Execute,
                Meaning::Reaches("network") => verb = Verb::Read,
                _ => {}
            }
        }
    }
    verb
}

/// Facts that only some nodes have.
fn details<'t>(element: &mut Element<'t>, parts: &NodeParts<'t>) {
    match parts.base {
        "crypto" => {
            let action = parts.text(&["action"]);
            if matches!(action.as_deref(), None | Some("hash" | "hmac")) {
                // n8n takes MD5 when the export names no algorithm.
                let kind = parts.parameter(&["type"]);
                let algorithm = kind.and_then(Node::as_str).unwrap_or(Cow::Borrowed("md5"));
                element.set(Fact::ActionAlgorithm, algorithm.to_ascii_lowercase().replace('-', ""), kind.map_or(parts.place(), Place::of));
            }
        }
        "ftp" => {
            let protocol = parts.parameter(&["protocol"]);
            let text = protocol.and_then(Node::as_str).unwrap_or(Cow::Borrowed("ftp"));
            element.set(Fact::ActionProtocol, text, protocol.map_or(parts.place(), Place::of));
        }
        _ => {}
    }
}

/// Breakouts from the sandbox, in expressions and in code. In expressions no honest use of these names is known.
fn escapes<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, element: ElementId) {
    let in_code = parts.code().iter().find_map(|code| {
        let (_, range) = code.meanings.iter().find(|found| found.0 == Meaning::Escape)?;
        Some((code.text[range.clone()].to_owned(), Place::part(code.node, range.clone())))
    });
    let strings =
        parts.parameters.into_iter().flat_map(Node::descend).filter(|node| node.raw().starts_with("\"=") && code::may_escape(node.raw()));
    let mut in_expressions = strings.filter_map(|node| {
        let text = node.as_str()?;
        pieces(&text, false).into_iter().find_map(|piece| {
            let Piece::Script(script) = piece else { return None };
            let forbidden =
                |meaning: Meaning| matches!(meaning, Meaning::Escape | Meaning::ExpressionEscape | Meaning::Reaches("process" | "eval"));
            let (_, hit) = code::meanings(&text[script.clone()]).into_iter().find(|found| forbidden(found.0))?;
            let range = script.start + hit.start..script.start + hit.end;
            Some((text[range.clone()].to_owned(), Place::part(node, range)))
        })
    });
    if let Some((found, place)) = in_code.or_else(|| in_expressions.next()) {
        context.model.element_mut(element).set(Fact::ActionSandboxEscape, found, place);
    }
}

fn data_source<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, kind: DataSourceKind) {
    let element = context.element(Kind::DataSource, parts, step).with(Fact::DataSourceKind, kind, parts.place()).with(
        Fact::DataSourceConnector,
        parts.kind,
        parts.place(),
    );
    context.model.add(element);
}

/// What the node hands on to the next.
fn output<'t>(context: &Context<'_, 't>, parts: &NodeParts<'t>, node_type: NodeType, verb: Verb) -> Output<'t> {
    match node_type.role {
        Role::Model | Role::Agent => Output::Own(Origin::Model),
        Role::Code => {
            let mut parts_of_code: Vec<Reference<'t>> = Vec::new();
            for Code { node, text, language, meanings } in parts.code() {
                parts_of_code.extend(script_references(*node, text, 0..text.len(), context.steps, true));
                parts_of_code.extend(python_input(*node, text, *language));
                if meanings.iter().any(|found| found.0 == Meaning::Reaches("network")) {
                    parts_of_code.push(Reference { from: Source::Origin(Origin::DataSource), place: Place::of(*node) });
                }
            }
            Output::Made(parts_of_code)
        }
        _ if parts.base == "set" => set_output(context, parts),
        Role::Control if parts.base == "form" => Output::Own(Origin::Trigger),
        Role::Control => Output::Pass,
        // Splitting, joining and renaming moves fields about: what comes out may be anything that came in.
        Role::Transform => Output::Made(vec![Reference { from: Source::Incoming(None), place: parts.place() }]),
        Role::Service if verb == Verb::Send => Output::Own(Origin::DataSource),
        _ => Output::Own(Origin::DataSource),
    }
}

/// What comes in, where Python reads it: it writes `_input` where JavaScript writes `$input`.
fn python_input<'t>(node: Node<'t>, text: &str, language: Language) -> Option<Reference<'t>> {
    let reads = language == Language::Python && ["_input", "_json", "_items"].iter().any(|name| text.contains(name));
    reads.then(|| Reference { from: Source::Incoming(None), place: Place::of(node) })
}

/// The fields of a Set node in all its versions.
fn set_output<'t>(context: &Context<'_, 't>, parts: &NodeParts<'t>) -> Output<'t> {
    let mut fields: Vec<(Cow<'t, str>, Vec<Reference<'t>>)> = Vec::new();
    let mut add = |name: Option<Cow<'t, str>>, value: Option<Node<'t>>| {
        let (Some(name), Some(value)) = (name, value) else { return };
        let first = match name {
            Cow::Borrowed(name) => Cow::Borrowed(name.split('.').next().unwrap_or(name)),
            Cow::Owned(name) => Cow::Owned(name.split('.').next().unwrap_or_default().to_owned()),
        };
        fields.push((first, references(value, context.steps, false)));
    };
    for item in parts.parameter(&["assignments", "assignments"]).into_iter().flat_map(Node::items) {
        add(item.get("name").and_then(Node::as_str), item.get("value"));
    }
    for item in parts.parameter(&["fields", "values"]).into_iter().flat_map(Node::items) {
        let value = item.members().find(|member| member.key().is_some_and(|key| key.ends_with("Value")));
        add(item.get("name").and_then(Node::as_str), value);
    }
    for item in parts.parameter(&["values"]).into_iter().flat_map(Node::members).flat_map(Node::items) {
        add(item.get("name").and_then(Node::as_str), item.get("value"));
    }
    if let Some(json) = parts.parameter(&["jsonOutput"]).filter(|_| parts.text(&["mode"]).as_deref() == Some("raw")) {
        return Output::Made(references(json, context.steps, false));
    }
    let rest = if parts.version >= 3.3 {
        parts.parameter(&["includeOtherFields"]).and_then(Node::as_bool) == Some(true)
    } else if parts.version >= 3.0 {
        parts.text(&["include"]).as_deref() != Some("none")
    } else {
        parts.parameter(&["keepOnlySet"]).and_then(Node::as_bool) != Some(true)
    };
    Output::Set { fields, rest }
}

fn run_code<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, element: ElementId) {
    let mut reaches: Vec<&'static str> = Vec::new();
    for Code { node, text, language, meanings } in parts.code() {
        let node = *node;
        context.model.element_mut(element).set(Fact::ActionLanguage, *language, Place::of(node));
        let mut first = None;
        for (meaning, range) in meanings {
            match meaning {
                Meaning::Reaches(what) => {
                    first = first.or_else(|| Some(Place::part(node, range.clone())));
                    if !reaches.contains(what) {
                        reaches.push(what);
                    }
                }
                Meaning::Weak(algorithm) => {
                    context.model.element_mut(element).set(Fact::ActionAlgorithm, *algorithm, Place::part(node, range.clone()));
                }
                _ => {}
            }
        }
        if let Some(place) = first {
            context.model.element_mut(element).set(Fact::ActionCodeReaches, reaches.clone(), place);
        }
        // Code that is itself put together by an expression: what feeds it is run.
        if expression::is_expression(text) && text.contains("{{") {
            let parts = references(node, context.steps, false);
            context.sink(element, step, Fact::ActionCodeFrom, parts, Place::of(node));
        }
        if reaches.contains(&"process") {
            host(context, parts, step, Capability::Command);
        } else if reaches.contains(&"filesystem") {
            host(context, parts, step, Capability::Files);
        }
        if reaches.contains(&"eval") || reaches.contains(&"process") && code::runs_made_up_command(text) {
            let mut parts = script_references(node, text, 0..text.len(), context.steps, true);
            parts.extend(python_input(node, text, *language));
            context.sink(element, step, Fact::ActionCodeFrom, parts, first.unwrap_or(Place::of(node)));
        }
    }
}

fn command<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, element: ElementId) {
    let Some(node) = parts.parameter(&["command"]) else { return };
    context.model.element_mut(element).set(Fact::ActionLanguage, Language::Shell, Place::of(node));
    let mut found = references(node, context.steps, false);
    let mut place = node;
    // The ssh node makes `cd` of it.
    if let Some(folder) = parts.parameter(&["cwd"]).filter(|_| found.is_empty()) {
        found = references(folder, context.steps, false);
        place = folder;
    }
    context.sink(element, step, Fact::ActionCommandFrom, found, Place::of(place));
}

fn call<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, _step: StepId, element: ElementId) {
    let Some(node) = parts.parameter(&["workflowId"]) else { return };
    let value = if node.is_object() { node.get("value") } else { Some(node) };
    let Some((value, text)) = value.and_then(|value| Some((value, value.as_text()?))) else { return };
    let target = if text.contains("$workflow.id") { Cow::Borrowed("self") } else { text };
    context.model.element_mut(element).set(Fact::ActionTarget, target, Place::of(value));
}

/// The text of a query in a language of a service's own.
fn query_text<'t>(parts: &NodeParts<'t>) -> Option<Node<'t>> {
    let path: &[&str] = match parts.base.strip_suffix("Tool").unwrap_or(parts.base) {
        "mongoDb" | "graphql" | "salesforce" => &["query"],
        "elasticsearch" => &["options", "query"],
        "supabase" => &["filterString"],
        _ => return None,
    };
    parts.parameter(path).or_else(|| parts.parameter(&["query"]).filter(|_| parts.base.starts_with("elastic")))
}

fn sql_text<'t>(parts: &NodeParts<'t>) -> Option<Node<'t>> {
    parts.parameter(&["query"]).or_else(|| parts.parameter(&["sqlQuery"])).filter(|node| node.as_str().is_some())
}

/// Queries. The nodes of version 2 and later evaluate `{{ }}` in the query themselves, so it counts without `=`.
fn sql<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, element: ElementId) {
    // The editor keeps the query of an operation that was chosen before.
    let runs = parts.text(&["operation"]).is_none_or(|operation| operation.starts_with("execute"));
    let Some(query) = sql_text(parts).filter(|_| runs) else { return };
    context.model.element_mut(element).set(Fact::ActionLanguage, Language::Sql, Place::of(query));
    let always = parts.version >= 2.0 || matches!(parts.base, "microsoftSql" | "snowflake") && parts.version > 1.0;
    let references = references(query, context.steps, always);
    // The caret belongs under the first part that comes from elsewhere, not under pages of SQL.
    let place = references.first().map_or(Place::of(query), |reference| reference.place);
    context.sink(element, step, Fact::ActionQueryFrom, references, place);
}

// --------------------------------------------------------------------------------------------------------------------- endpoints

fn http<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId) {
    if let Some(node) = parts.parameter(&["url"]).or_else(|| parts.parameter(&["endpoint"])) {
        endpoint(context, parts, step, node);
    }
}

/// The address in `node`, with what feeds its host.
fn endpoint<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, node: Node<'t>) {
    let Some(text) = node.as_str().filter(|text| !text.trim().is_empty()) else { return };
    let place = Place::of(node);
    let mut element = context.element(Kind::Endpoint, parts, step).with(Fact::EndpointUrl, text.clone(), place);
    // A template without `=` is plain text to n8n, but whoever fills it in means an address with a part from elsewhere.
    let host = Host::read(&text);
    if let Some((scheme, range)) = host.scheme {
        element.set(Fact::EndpointScheme, scheme.to_ascii_lowercase(), Place::part(node, range));
    }
    let authenticated = parts.credentials.is_some() || parts.text(&["authentication"]).is_some_and(|auth| auth != "none");
    element.set(Fact::EndpointAuthenticated, authenticated, place);
    let names = secret_query(parts, &text);
    if let Some((_, at)) = names.first() {
        let names: Vec<String> = names.iter().map(|(name, _)| name.clone()).collect();
        element.set(Fact::EndpointSecretQuery, names, at.unwrap_or(place));
    }
    match host.name {
        Some(name) => {
            let network = address::network(name);
            element.set(Fact::EndpointNetwork, network, place);
            if network != Network::Unknown && !is_placeholder_host(name) {
                element.set(Fact::EndpointHost, name.to_ascii_lowercase(), place);
            }
            element.set(Fact::EndpointHostFrom, vec![Origin::Literal], place);
            context.model.add(element);
        }
        None => {
            element.set(Fact::EndpointNetwork, Network::Unknown, place);
            let id = context.model.add(element);
            let found: Vec<Reference<'t>> =
                host.scripts.into_iter().flat_map(|range| script_references(node, &text, range, context.steps, false)).collect();
            context.sink(id, step, Fact::EndpointHostFrom, found, place);
        }
    }
    if parts.base == "toolHttpRequest" && (text.contains("//{") || text.starts_with('{')) && !text.contains("{{") {
        let from_model = Reference { from: Source::Origin(Origin::Model), place };
        let id = ElementId(context.model.elements.len() as u32 - 1);
        context.sink(id, step, Fact::EndpointHostFrom, vec![from_model], place);
    }
}

/// The part of an address that decides where it leads.
struct Host<'t> {
    scheme: Option<(&'t str, Range<usize>)>,
    /// The host, when all of it stands there.
    name: Option<&'t str>,
    /// The scripts that make up the host, when it does not.
    scripts: Vec<Range<usize>>,
}

impl<'t> Host<'t> {
    fn read(text: &'t str) -> Self {
        let pieces = pieces(text, true);
        let mut host = Host { scheme: None, name: None, scripts: Vec::new() };
        let mut open = false;
        for piece in &pieces {
            match piece {
                Piece::Text(range) => {
                    let part = &text[range.clone()];
                    if open || !host.scripts.is_empty() {
                        // Behind a script in the host: the host ends with the first separator.
                        if part.contains(['/', '?', '#']) {
                            return host;
                        }
                        continue;
                    }
                    let lead = part.len() - part.trim_start().len();
                    let Some(url) = Url::parse(part) else { return host };
                    host.scheme = Some((url.scheme, range.start + lead..range.start + lead + url.scheme.len()));
                    let rest = part.trim_start().split_once("://").map_or("", |parts| parts.1);
                    if rest.contains(['/', '?', '#']) || piece == &pieces[pieces.len() - 1] {
                        host.name = Some(url.host);
                        return host;
                    }
                    open = true;
                }
                Piece::Script(range) => {
                    // `{{ 'https://api.contoso.com/' + $json.id }}`: the host stands in the string.
                    let script = text[range.clone()].trim_start();
                    let literal = script.strip_prefix(['\'', '"', '`']).filter(|_| !open);
                    if let Some(url) = literal.and_then(Url::parse) {
                        let rest = literal.and_then(|text| text.split_once("://")).map_or("", |parts| parts.1);
                        if rest.find(['/', '?', '#', '\'', '"', '`']).is_some_and(|end| !rest[..end].contains("${")) {
                            let at = range.end - script.len() + 1;
                            host.scheme = Some((url.scheme, at..at + url.scheme.len()));
                            host.name = Some(url.host.trim_end_matches(['\'', '"', '`', ' ']));
                            return host;
                        }
                    }
                    // What only decides between two addresses is no part of either.
                    let start = text[range.clone()].find(" ? ").map_or(range.start, |at| range.start + at);
                    host.scripts.push(start..range.end);
                }
            }
        }
        host
    }
}

/// Query parameters that carry a credential, by name: in the address and in the list of parameters.
fn secret_query(parts: &NodeParts<'_>, url: &str) -> Vec<(String, Option<Place>)> {
    let named = |name: &str| secrets::is_secret_query(name);
    let mut found = Vec::new();
    if url.contains("://api.telegram.org/bot") || url.contains("://api.telegram.org/file/bot") {
        found.push(("bot token".to_owned(), None));
    }
    let query = url.split_once('?').map_or("", |parts| parts.1);
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if named(name) && !value.trim().is_empty() {
            found.push((name.trim().to_owned(), None));
        }
    }
    for list in [&["queryParameters", "parameters"][..], &["queryParametersUi", "parameter"], &["parametersQuery", "values"]] {
        for item in parts.parameter(list).into_iter().flat_map(Node::items) {
            let (Some(name), Some(value)) = (item.get("name").and_then(Node::as_str), item.get("value")) else { continue };
            if named(&name) && value.as_str().is_some_and(|text| !text.trim().is_empty()) {
                found.push((name.trim().to_owned(), Some(Place::of(value))));
            }
        }
    }
    found
}

fn connection<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId) {
    let holders = [parts.parameters, parts.parameter(&["options"])];
    let mut members = holders.into_iter().flatten().flat_map(Node::members);
    let unchecked =
        members.find(|node| node.as_bool() == Some(true) && (node.has_key("allowUnauthorizedCerts") || node.has_key("ignoreSSLIssues")));
    let in_text = || {
        let in_code = parts.code().iter().find_map(|code| Some(Place::part(code.node, code::unchecked_certificate(&code.text)?)));
        let command = parts.parameter(&["command"]).filter(|_| matches!(parts.node_type.role, Role::Host(_)));
        in_code.or_else(|| command.and_then(|node| Some(Place::part(node, code::unchecked_certificate(&node.as_str()?)?))))
    };
    let unchecked = unchecked.map(Place::of).or_else(in_text);
    let credential = parts.credentials.filter(|node| node.is_object()).and_then(|node| node.members().next());
    if unchecked.is_none() && credential.is_none() {
        return;
    }
    let mut element = context.element(Kind::Connection, parts, step);
    if let Some(credential) = credential {
        element.set(Fact::ConnectionType, credential.key().unwrap_or_default(), Place::key_of(credential));
    }
    if let Some(place) = unchecked {
        element.set(Fact::ConnectionVerifiesCertificate, false, place);
    }
    context.model.add(element);
}

/// Whether the node is the client of a server of tools.
fn is_server_client(parts: &NodeParts<'_>) -> bool {
    matches!(parts.base, "mcpClientTool" | "mcpClient" | "mcpRegistryClientTool")
}

/// The address of the server of tools that the node is a client of.
fn server_address<'t>(parts: &NodeParts<'t>) -> Option<Node<'t>> {
    let names: &[&str] = if is_server_client(parts) { &["endpointUrl", "sseEndpoint"] } else { &[] };
    names.iter().find_map(|name| parts.parameter(&[name]))
}

fn connector<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId) {
    // A server of tools is a connector of its own: what it offers depends on where it is.
    let server = server_address(parts);
    let host =
        server.and_then(Node::as_str).and_then(|text| Url::parse(text.trim_start_matches('=')).map(|url| format!("mcp:{}", url.host)));
    let is_server = is_server_client(parts);
    let key = match (is_server, host) {
        (true, Some(host)) => Cow::Owned(host),
        (true, None) => Cow::Borrowed("mcp:unknown"),
        (false, _) => Cow::Borrowed(parts.kind),
    };
    if !is_server && !context.connectors.insert(key.clone()) {
        return;
    }
    let publisher = if parts.is_core() {
        Publisher::Platform
    } else if parts.kind.starts_with("CUSTOM.") {
        Publisher::Custom
    } else {
        Publisher::Community
    };
    let place = server.filter(|_| is_server).map_or(parts.place(), Place::of);
    let mut element = context.element(Kind::Connector, parts, step).with(Fact::ConnectorKey, key, place).with(
        Fact::ConnectorPublisher,
        publisher,
        parts.place(),
    );
    if let Some(version) = parts.version_node.and_then(Node::as_text) {
        element.set(Fact::ConnectorVersion, version, parts.version_node.map_or(place, Place::of));
    }
    context.model.add(element);
}

fn component<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: Option<StepId>) {
    if parts.is_core() || !parts.kind.contains('.') {
        return;
    }
    let package = parts.kind.rsplit_once('.').map_or(parts.kind, |halves| halves.0);
    let publisher = if package == "CUSTOM" { Publisher::Custom } else { Publisher::Community };
    let mut element = Element::new(Kind::Component, context.app, parts.id.clone(), parts.name.clone(), parts.place())
        .with(Fact::ComponentKind, ComponentKind::Package, parts.place())
        .with(Fact::ComponentPackage, package, parts.place())
        .with(Fact::ComponentPublisher, publisher, parts.place());
    element.step = step;
    context.model.add(element);
}

fn host<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, capability: Capability) {
    let element = context
        .element(Kind::Component, parts, step)
        .with(Fact::ComponentKind, ComponentKind::Host, parts.place())
        .with(Fact::ComponentPackage, parts.kind, parts.place())
        .with(Fact::ComponentPublisher, Publisher::Platform, parts.place())
        .with(Fact::ComponentCapability, capability, parts.place());
    context.model.add(element);
}

// ---------------------------------------------------------------------------------------------------------- messages and sharing

/// Parameters that hold recipients, and those that hold content, in the nodes that send.
#[rustfmt::skip]
const RECIPIENTS: [&str; 14] = [
    "sendTo", "toEmail", "toRecipients", "to", "toAddresses", "recipientPhoneNumber", "ccEmail", "bccEmail", "toList", "ccList", "bccList",
    "ccRecipients", "bccRecipients", "receipients",
];
/// Parameters that say in which chat. Chats are mostly answered where they were asked: only what a model fills in itself is its choice.
const CHATS: [&str; 3] = ["chatId", "channelId", "user"];
#[rustfmt::skip]
const CONTENT: [&str; 13] = [
    "message", "text", "html", "emailText", "bodyContent", "subject", "textBody", "content", "body", "contentValue", "textContent",
    "htmlContent", "messageContent",
];

fn messages<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId, element: ElementId, verb: Verb) {
    if verb != Verb::Send {
        return;
    }
    let nested = [&["options"][..], &["additionalFields"]];
    let find = |names: &[&str]| -> Vec<Node<'t>> {
        let holders = parts.parameters.into_iter().chain(nested.iter().filter_map(|path| parts.parameter(path)));
        holders
            .flat_map(Node::members)
            .filter(|member| names.iter().any(|name| member.has_key(name)))
            // What was picked from a list stands in an object, several of them in an array.
            .flat_map(|node| if node.is_array() { node.items().collect() } else { vec![node.get("value").unwrap_or(node)] })
            .filter(|node| node.as_str().is_some())
            .collect()
    };
    for node in find(&RECIPIENTS) {
        let text = node.as_str().unwrap_or_default();
        let found = references(node, context.steps, false);
        if !found.is_empty() {
            context.sink(element, step, Fact::ActionRecipientFrom, found, Place::of(node));
        } else if let Some(domain) = text.trim_start_matches('=').split([',', ';']).filter_map(|one| address::recipient(one.trim())).max() {
            let target = context.model.element_mut(element);
            target.set(Fact::ActionRecipient, text.trim_start_matches('=').to_owned(), Place::of(node));
            target.set(Fact::ActionRecipientDomain, domain, Place::of(node));
        }
    }
    for node in find(&CHATS) {
        let mut found = references(node, context.steps, false);
        found.retain(|reference| matches!(reference.from, Source::Origin(Origin::Model)));
        context.sink(element, step, Fact::ActionRecipientFrom, found, Place::of(node));
    }
    let content: Vec<Reference<'t>> = find(&CONTENT).into_iter().flat_map(|node| references(node, context.steps, false)).collect();
    let place = content.first().map_or(parts.place(), |reference| reference.place);
    context.sink(element, step, Fact::ActionContentFrom, content, place);
}

/// What a request asks a service that keeps files to share with everyone: the member that says so, and the right.
fn shared_by_request<'t>(parts: &NodeParts<'t>) -> Option<(Node<'t>, &'static str)> {
    let url = parts.text(&["url"])?;
    let words: &[&str] = if url.contains("googleapis.com/drive/") && url.contains("/permissions") {
        &["anyone"]
    } else if url.contains("graph.microsoft.com/") && url.contains("/createLink") {
        &["anonymous"]
    } else if url.contains("dropboxapi.com/") && url.contains("create_shared_link") {
        &["public"]
    } else {
        return None;
    };
    // The word is a whole value, or stands in quotes in the text of a body.
    let says = |text: &str| words.iter().any(|word| text == *word || text.contains(&format!("\"{word}\"")));
    let node = parts.parameters?.descend().find(|node| node.as_str().is_some_and(|text| says(&text)))?;
    let writes = |text: &str| ["writer", "edit"].iter().any(|word| text == *word || text.contains(&format!("\"{word}\"")));
    let writes = parts.parameters?.descend().any(|node| node.as_str().is_some_and(|text| writes(&text)));
    Some((node, if writes { "writer" } else { "reader" }))
}

/// Rights that the step gives to others.
fn grants<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId) {
    let is_http = parts.node_type.role == Role::Http;
    if !is_http && !matches!(parts.node_type.data, Some(DataSourceKind::File | DataSourceKind::Bucket)) {
        return;
    }
    let mut add = |node: Node<'t>, kind: PrincipalKind, action: Cow<'t, str>| {
        let element = context.element(Kind::Grant, parts, step).with(Fact::GrantPrincipalKind, kind, Place::of(node)).with(
            Fact::GrantAction,
            action,
            Place::of(node),
        );
        context.model.add(element);
    };
    if is_http {
        if let Some((node, right)) = shared_by_request(parts) {
            add(node, PrincipalKind::Anonymous, right.into());
        }
        return;
    }
    let permission = parts.parameter(&["permissionsUi", "permissionsValues"]);
    let permissions = permission.into_iter().flat_map(|node| if node.is_array() { node.items().collect() } else { vec![node] });
    for value in permissions {
        let Some((node, kind)) = value.get("type").and_then(|node| Some((node, node.as_str()?))) else { continue };
        let kind = match &*kind {
            "anyone" => PrincipalKind::Anonymous,
            "domain" => PrincipalKind::Everyone,
            "group" => PrincipalKind::Group,
            "user" => PrincipalKind::User,
            _ => PrincipalKind::Unknown,
        };
        add(node, kind, value.get("role").and_then(Node::as_str).unwrap_or(Cow::Borrowed("reader")));
    }
    let named = |node: &Node<'t>| ["acl", "predefinedAcl", "predefinedDefaultObjectAcl"].iter().any(|name| node.has_key(name));
    for node in parts.parameters.into_iter().flat_map(Node::descend).filter(named) {
        let Some(text) = node.as_str() else { continue };
        match &*text.to_ascii_lowercase().replace('-', "") {
            "publicread" => add(node, PrincipalKind::Anonymous, "read".into()),
            "publicreadwrite" => add(node, PrincipalKind::Anonymous, "write".into()),
            "authenticatedread" => add(node, PrincipalKind::Everyone, "read".into()),
            _ => {}
        }
    }
    for (name, right) in [("grantRead", "read"), ("grantReadAcp", "read"), ("grantWrite", "write"), ("grantFullControl", "write")] {
        let node = parts.parameter(&["additionalFields", name]);
        if let Some(node) = node.filter(|node| node.as_str().is_some_and(|text| text.contains("/groups/global/AllUsers"))) {
            add(node, PrincipalKind::Anonymous, right.into());
        }
    }
    // A link for everyone is share type 3 of Nextcloud.
    let link = parts.parameter(&["shareType"]).filter(|node| parts.base.starts_with("nextCloud") && node.as_text().as_deref() == Some("3"));
    if let Some(node) = link {
        add(node, PrincipalKind::Anonymous, "read".into());
    }
    if let Some(node) = parts.parameter(&["scope"]).filter(|node| node.as_str().as_deref() == Some("anonymous")) {
        add(node, PrincipalKind::Anonymous, parts.text(&["type"]).unwrap_or(Cow::Borrowed("view")));
    }
}

// ------------------------------------------------------------------------------------------------------------------------ agents

fn agent<'t>(context: &mut Context<'_, 't>, parts: &NodeParts<'t>, step: StepId) {
    let instructions = [&["options", "systemMessage"][..], &["systemMessage"], &["instructions"]];
    let instructions = instructions
        .into_iter()
        .filter_map(|path| parts.parameter(path))
        .find(|node| node.as_str().is_some_and(|text| !text.trim().is_empty()));
    let tools: Vec<Cow<'t, str>> = context
        .edges
        .iter()
        .filter(|edge| edge.from == step && edge.kind == EdgeKind::Tool)
        .map(|edge| context.model.step(edge.to).name.clone())
        .collect();
    let mut element = context.element(Kind::Agent, parts, step).with(
        Fact::AgentInstructions,
        instructions.is_some(),
        instructions.map_or(parts.place(), Place::of),
    );
    if !tools.is_empty() {
        element.set(Fact::AgentTools, tools, parts.place());
    }
    context.model.add(element);
}
