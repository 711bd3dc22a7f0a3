//! Desktop flows: programs that work on a machine like a person would, or run commands there.

use super::robin::{self, Statement};
use super::script::Script;
use super::solution::{self, Solution};
use crate::model::address::{self, Url};
use crate::model::secret::{self, Position};
use crate::model::vocabulary::{
    AppKind, Auth, Capability, ComponentKind, ErrorHandler, Exposure, Language, Network, OnError, Origin, Publisher, SecretPlace,
    TriggerKind, Verb,
};
use crate::model::{AppId, Edge, EdgeKind, Element, Fact, Kind, Output, Place, Reference, Sink, Source, Step, StepId};
use crate::platform::power_platform::Context;
use crate::platform::secrets::scan_part;
use crate::tree::{Node, json};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// A desktop flow whose script has yet to be read.
pub(in crate::platform::power_platform) struct Desktop<'t> {
    path: &'t str,
    id: String,
    app: AppId,
    entry: StepId,
}

pub(in crate::platform::power_platform) fn lower<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let Some(package) = super::package(root) else { return };
    let export = context.export;
    let path = export.file(root).path;
    let place = Place::key_of(package);
    let header = solution::name_and_id(path).1;
    let own = root.get("name").and_then(Node::as_str).map(|name| name.to_lowercase());
    let desktop = app(context, path, header.or(own).unwrap_or_default(), place);
    context.desktops.push(desktop);
}

/// Adds a desktop flow with the entry that cloud flows and people start it by.
fn app<'t>(context: &mut Context<'_, 't>, path: &'t str, id: String, place: Place) -> Desktop<'t> {
    let export = context.export;
    let header = context.solution.get_or_insert_with(|| Solution::of(export)).header_of(&id);
    let name = header.name.unwrap_or(Cow::Borrowed(solution::name_and_id(path).0));
    let own = id.clone();
    let app = context.model.add_app(id.into(), name.clone(), place);
    let element = context.model.app(app).element;
    let element = context.model.element_mut(element);
    element.set(Fact::AppKind, AppKind::Flow, place);
    element.set(Fact::AppName, name, place);
    element.set(Fact::AppErrorHandler, ErrorHandler::Absent, place);
    element.set(Fact::AppStartedBy, vec![TriggerKind::AppCall], place);
    if let Some(state) = header.state {
        element.set(Fact::AppEnabled, state.as_str().is_some_and(|state| state.trim() == "1"), Place::of(state));
    }
    let step = Step { name: "start".into(), app, place, output: Output::Own(Origin::Caller) };
    let entry = context.model.add_step(step);
    let trigger = Element::new(Kind::Trigger, app, "start", "start", place)
        .at_step(entry)
        .with(Fact::TriggerKind, TriggerKind::AppCall, place)
        .with(Fact::TriggerExposure, Exposure::Internal, place)
        .with(Fact::TriggerAuth, Auth::Platform, place);
    context.model.add(trigger);
    Desktop { path, id: own, app, entry }
}

/// The script of a desktop flow, as a solution keeps it for people to read.
pub(in crate::platform::power_platform) struct Definition<'t> {
    id: String,
    node: Node<'t>,
    script: Script<'t>,
}

/// What a solution calls desktop flows.
const CATEGORY: &str = "6";

/// Keeps the script that the header of a desktop flow holds. Otherwise headers are read by [`Solution`], for the flows that they are about.
pub(in crate::platform::power_platform) fn gather<'t>(context: &mut Context<'_, 't>, header: Node<'t>) {
    let text = |name: &str| header.get(name).and_then(Node::as_str);
    if text("Category").is_none_or(|category| category.trim() != CATEGORY) {
        return;
    }
    let id = text("@WorkflowId").map(|id| id.trim_matches(['{', '}']).to_lowercase()).unwrap_or_default();
    mask_inputs(context, header);
    let script = header.get("Definition").and_then(|node| Some((node, Script::of_definition(node)?)));
    context.definitions.extend(script.map(|(node, script)| Definition { id, node, script }));
}

/// Hides the values that variables of the flow have by themselves: the script, where they are told, has them too.
fn mask_inputs(context: &mut Context<'_, '_>, header: Node<'_>) {
    let Some(node) = header.get("Inputs").map(|inputs| inputs.get("#text").unwrap_or(inputs)) else { return };
    let Some(text) = node.as_str() else { return };
    let Ok(tree) = json::parse(&text) else { return };
    for input in tree.root().at(&["schema", "properties"]).into_iter().flat_map(Node::members) {
        for value in ["default", "value"].into_iter().filter_map(|name| input.get(name)) {
            let held = value.as_str().unwrap_or_default();
            if !held.is_empty() && !secret::detect(&held, input.key().as_deref(), Position::Variable).is_empty() {
                let span = value.content_span();
                context.model.secrets.push(Place::part(node, span.start as usize..span.end as usize));
            }
        }
    }
}

/// Reads the scripts of flows without a package.
pub(super) fn finish(context: &mut Context<'_, '_>) {
    for Definition { id, node, script } in std::mem::take(&mut context.definitions) {
        let path = context.export.file(node).path;
        let desktop = app(context, path, id, Place::key_of(node));
        read(context, &desktop, &script);
    }
}

pub(in crate::platform::power_platform) fn lower_script<'t>(context: &mut Context<'_, 't>, root: Node<'t>) {
    let path = context.export.file(root).path;
    let owner = context.desktops.iter().position(|desktop| path.strip_prefix(desktop.path).is_some_and(|rest| rest.starts_with('/')));
    let desktop = match owner {
        Some(at) => context.desktops.swap_remove(at),
        None => app(context, path, String::new(), Place::of(root)),
    };
    let script = Script::of_file(root);
    // What people can read is shown rather than the inside of an archive, where both say the same.
    let told = context.definitions.iter().position(|one| one.id == desktop.id && !one.id.is_empty() && one.script.says_the_same(&script));
    let script = told.map_or(script, |at| context.definitions.swap_remove(at).script);
    read(context, &desktop, &script);
}

fn read<'t>(context: &mut Context<'_, 't>, desktop: &Desktop<'t>, script: &Script<'t>) {
    let statements = robin::statements(&script.text);
    let mut reader = Reader { context, script, app: desktop.app, before: desktop.entry, entry: desktop.entry, counts: HashMap::new() };
    let variables = reader.variables(&statements);
    for (name, value) in robin::inputs(&script.text) {
        reader.secret("INPUT", name, value, (name, (Position::Variable, SecretPlace::Variable)));
    }
    for statement in &statements {
        reader.secrets(statement);
        if !statement.action.is_empty() {
            reader.action(statement, &variables);
        }
    }
}

/// What an action does, by its module and name.
struct Meaning {
    verb: Verb,
    language: Option<Language>,
    capability: Option<Capability>,
    /// The arguments that are run.
    runs: &'static [&'static str],
}

fn meaning(action: &str) -> Meaning {
    let mut parts = action.split('.');
    let (module, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let command = |language, runs| Meaning { verb: Verb::Execute, language: Some(language), capability: Some(Capability::Command), runs };
    let plain = |verb| Meaning { verb, language: None, capability: None, runs: &[] };
    match (module, name) {
        ("System", "RunDOSCommand") => command(Language::Shell, &["DOSCommandOrApplication"]),
        ("System", "RunApplication") => command(Language::Shell, &["ApplicationPath", "CommandLineArguments"]),
        ("Cmd", "Write") => command(Language::Shell, &["Command"]),
        ("Cmd", "Open") => command(Language::Shell, &[]),
        ("Scripting", _) if name.contains("JavaScript") || name.contains("Javascript") => {
            command(Language::Javascript, &["Javascript", "JavaScript", "Script"])
        }
        ("Scripting", _) if name.contains("Python") => command(Language::Python, &["PythonScript", "Script"]),
        ("Scripting", _) => command(Language::Shell, &["Script", "VBScriptCode", "Code"]),
        ("Services" | "System", _) if name.contains("Terminate") || name.contains("Service") => plain(Verb::Execute),
        ("File" | "Folder" | "Compression", _) => Meaning { capability: Some(Capability::Files), ..plain(by_words(name)) },
        ("Database", "ExecuteSqlStatement") => Meaning { language: Some(Language::Sql), ..plain(Verb::Execute) },
        ("Web" | "FTP" | "SFTP", _) => plain(if name.contains("Download") { Verb::Read } else { Verb::Write }),
        ("Outlook" | "Exchange" | "Email", _) if name.contains("Send") || name.contains("Respond") => plain(Verb::Send),
        ("Outlook" | "Exchange" | "Email", _) => plain(Verb::Read),
        ("ActiveDirectory", _) => plain(Verb::Admin),
        ("Text" | "Variables" | "DateTime" | "Cryptography" | "Json" | "XML" | "Pdf" | "Clipboard", _) => plain(Verb::Transform),
        _ => plain(Verb::Control),
    }
}

fn by_words(name: &str) -> Verb {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["Delete", "Empty"]) {
        Verb::Delete
    } else if has(&["Write", "Create", "Copy", "Move", "Rename", "Zip", "Append"]) {
        Verb::Write
    } else {
        Verb::Read
    }
}

struct Reader<'r, 'c, 't, 's> {
    context: &'r mut Context<'c, 't>,
    script: &'s Script<'t>,
    app: AppId,
    /// The step that was added last.
    before: StepId,
    entry: StepId,
    /// How often each action was seen: the same one is told apart by that.
    counts: HashMap<&'s str, usize>,
}

impl<'t, 's> Reader<'_, '_, 't, 's> {
    /// A step for each variable that the script sets, made of all that it is set to.
    fn variables(&mut self, statements: &[Statement<'s>]) -> HashMap<&'s str, StepId> {
        let mut steps: HashMap<&'s str, StepId> = HashMap::new();
        for statement in statements {
            for name in &statement.results {
                if !steps.contains_key(name) {
                    let place = self.place(&statement.range);
                    let step = Step { name: (*name).to_owned().into(), app: self.app, place, output: Output::Pass };
                    steps.insert(name, self.context.model.add_step(step));
                }
            }
        }
        let mut made: HashMap<StepId, Vec<Reference<'t>>> = HashMap::new();
        for statement in statements {
            for name in &statement.results {
                let mut parts = Vec::new();
                if statement.action.is_empty() {
                    statement.arguments.iter().for_each(|argument| parts.extend(self.references(&argument.1, &steps)));
                } else {
                    let from = Source::Origin(Origin::DataSource);
                    parts.push(Reference { from, place: self.place(&statement.range) });
                }
                made.entry(steps[name]).or_default().extend(parts);
            }
        }
        for (step, parts) in made {
            self.context.model.steps[step.0 as usize].output = Output::Made(parts);
        }
        steps
    }

    fn place(&self, range: &Range<usize>) -> Place {
        self.script.place(range)
    }

    /// What a value is made of. A variable that the script never sets is given by whoever starts it.
    fn references(&self, value: &Range<usize>, steps: &HashMap<&'s str, StepId>) -> Vec<Reference<'t>> {
        let place = self.place(value);
        let names = robin::variables(&self.script.text, value).into_iter();
        names.map(|name| Reference { from: Source::Step(*steps.get(name).unwrap_or(&self.entry), None), place }).collect()
    }

    fn action(&mut self, statement: &Statement<'s>, variables: &HashMap<&'s str, StepId>) {
        let meaning = meaning(statement.action);
        let place = self.place(&statement.range);
        let count = self.counts.entry(statement.action).or_default();
        *count += 1;
        let id = if *count == 1 { statement.action.to_owned() } else { format!("{}#{count}", statement.action) };
        let name = statement.action.rsplit('.').next().unwrap_or(statement.action);
        let step = Step { name: name.to_owned().into(), app: self.app, place, output: Output::Own(Origin::DataSource) };
        let step = self.context.model.add_step(step);
        self.context.model.edges.push(Edge { from: self.before, to: step, kind: EdgeKind::Next });
        self.before = step;
        let element = |kind| Element::new(kind, self.app, id.clone(), name.to_owned(), place).at_step(step);
        let mut action = element(Kind::Action)
            .with(Fact::ActionConnector, statement.action.to_owned(), place)
            .with(Fact::ActionVerb, meaning.verb, place)
            .with(Fact::ActionIsTool, false, place)
            .with(Fact::ActionOnError, OnError::Unknown, place);
        if let Some(language) = meaning.language {
            action.set(Fact::ActionLanguage, language, place);
        }
        if let Some(algorithm) = hash(&self.script.text, statement) {
            action.set(Fact::ActionAlgorithm, algorithm, place);
        }
        if let Some(capability) = meaning.capability
            && !self.counts.contains_key(capability.name())
        {
            self.counts.insert(capability.name(), 1);
            let component = element(Kind::Component)
                .with(Fact::ComponentKind, ComponentKind::Host, place)
                .with(Fact::ComponentPackage, statement.action.to_owned(), place)
                .with(Fact::ComponentPublisher, Publisher::Platform, place)
                .with(Fact::ComponentCapability, capability, place);
            self.context.model.add(component);
        }
        let endpoint = element(Kind::Endpoint);
        let action = self.context.model.add(action);
        for (argument, value) in &statement.arguments {
            let parts = self.references(value, variables);
            let fact = match *argument {
                name if meaning.runs.contains(&name) => Fact::ActionCommandFrom,
                "Statement" | "SqlStatement" if meaning.language == Some(Language::Sql) => Fact::ActionQueryFrom,
                // A browser shows many pages, and people tell flows which; only an address that is written here is judged.
                "Url" | "URL"
                    if statement.action.starts_with("Web.") || statement.action.starts_with("WebAutomation.") && parts.is_empty() =>
                {
                    self.endpoint(endpoint.clone(), value, parts);
                    continue;
                }
                _ => continue,
            };
            if !parts.is_empty() {
                self.context.model.sinks.push(Sink { element: action, step, fact, parts, place: self.place(value) });
            }
        }
    }

    fn endpoint(&mut self, element: Element<'t>, value: &Range<usize>, parts: Vec<Reference<'t>>) {
        let range = robin::text_of(&self.script.text, value).unwrap_or_else(|| value.clone());
        let text = &self.script.text[range.clone()];
        let place = self.place(&range);
        let mut element = element.with(Fact::EndpointUrl, text.to_owned(), place);
        let url = Url::parse(text);
        if let Some(url) = &url {
            element.set(Fact::EndpointScheme, url.scheme.to_ascii_lowercase(), place);
        }
        if let Some(url) = url.filter(|url| !url.host.contains('%')) {
            let network = address::network(url.host);
            element.set(Fact::EndpointNetwork, network, place);
            if network != Network::Unknown {
                element.set(Fact::EndpointHost, url.host.to_ascii_lowercase(), place);
            }
            element.set(Fact::EndpointHostFrom, vec![Origin::Literal], place);
            self.context.model.add(element);
            return;
        }
        element.set(Fact::EndpointNetwork, Network::Unknown, place);
        let step = element.step;
        let element = self.context.model.add(element);
        if let Some(step) = step.filter(|_| !parts.is_empty()) {
            self.context.model.sinks.push(Sink { element, step, fact: Fact::EndpointHostFrom, parts, place });
        }
    }

    fn secrets(&mut self, statement: &Statement<'s>) {
        let holder = if statement.action.is_empty() { "SET" } else { statement.action };
        let name = statement.results.first().copied().filter(|_| statement.action.is_empty()).unwrap_or(holder);
        let password = types_password(&self.script.text, statement);
        for (argument, value) in &statement.arguments {
            let (field, position) =
                if password && *argument == "Text" { ("Password", CREDENTIAL) } else { (*argument, position(statement, argument)) };
            self.secret(holder, name, value.clone(), (field, position));
        }
    }

    /// Adds the secrets in a value.
    fn secret(&mut self, holder: &str, name: &str, value: Range<usize>, (field, position): (&str, (Position, SecretPlace))) {
        let text = &self.script.text;
        let Some(range) = robin::text_of(text, &value).filter(|range| !range.is_empty()) else { return };
        let mut found = Vec::new();
        let field = Cow::Owned(field.to_owned());
        scan_part(&|range| self.script.place(&range), text, range, Some(&field), position.0, position.1, &mut found);
        for hit in found {
            self.context.model.secrets.push(hit.place);
            let element = hit.element(self.app, holder, name.to_owned().into());
            self.context.model.add(element);
        }
    }
}

const CREDENTIAL: (Position, SecretPlace) = (Position::CredentialField, SecretPlace::CredentialField);

/// Whether the action types into a field for passwords, which is told by the name of the field.
fn types_password(script: &str, statement: &Statement<'_>) -> bool {
    const WORDS: [&str; 5] = ["password", "passwd", "passwort", "senha", "contrase"];
    let types = statement.action.contains("Populate") && statement.action.contains("Field");
    let field = statement.arguments.iter().find(|argument| matches!(argument.0, "Control" | "TextField" | "Element"));
    field.filter(|_| types).is_some_and(|field| {
        let name = script[field.1.clone()].to_lowercase();
        let own = name.rsplit('[').next().unwrap_or_default();
        WORDS.iter().any(|word| own.contains(word))
    })
}

/// What the place of a text says about it.
fn position(statement: &Statement<'_>, name: &str) -> (Position, SecretPlace) {
    if statement.action.is_empty() {
        return (Position::Variable, SecretPlace::Variable);
    }
    match name {
        "Password" | "EncryptionKey" | "DecryptionKey" | "PassPhrase" | "ClientSecret" | "AccessKey" | "SecretKey" => CREDENTIAL,
        "ConnectionString" => (Position::ConnectionString, SecretPlace::ConnectionString),
        "CustomHeaders" | "Headers" => (Position::Header, SecretPlace::Header),
        "Url" | "URL" => (Position::QueryParameter, SecretPlace::Query),
        "RequestBody" | "Body" => (Position::BodyField, SecretPlace::Body),
        _ if meaning(statement.action).runs.contains(&name) => (Position::Code, SecretPlace::Code),
        _ => (Position::Other, SecretPlace::Other),
    }
}

/// The algorithm of a hash: `Algorithm: Cryptography.HashAlgorithm.MD5`.
fn hash(script: &str, statement: &Statement<'_>) -> Option<String> {
    let argument = statement.arguments.iter().find(|argument| argument.0 == "Algorithm")?;
    let name = script[argument.1.clone()].rsplit('.').next()?.trim();
    statement.action.starts_with("Cryptography.Hash").then(|| name.to_ascii_lowercase().replace('-', ""))
}
