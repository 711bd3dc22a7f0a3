//! Agents as scripts: lines whose indentation says what belongs to what.

use super::tool::{self, Confirmed, Tool};
use super::{Audience, Known, Label, add};
use crate::model::vocabulary::{Exposure, Identity};
use crate::model::{Edge, EdgeKind, Fact, Place};
use crate::platform::HashMap;
use crate::platform::salesforce::{Context, component};
use crate::tree::Node;
use std::borrow::Cow;
use std::ops::Range;

/// Whether a text has a block that every agent begins with.
pub(super) fn is_script(text: &str) -> bool {
    let begins =
        |line: &str| ["start_agent ", "subagent ", "topic "].iter().any(|word| line.starts_with(word)) || line.trim_end() == "config:";
    text.lines().any(begins)
}

/// One line that says something: `key: value`, below others.
struct Line<'t> {
    /// The keys of the blocks around it, outermost first, and its own.
    path: Vec<&'t str>,
    /// Without quotes.
    value: &'t str,
    /// Bytes of the value, or of the key where there is none.
    range: Range<usize>,
}

/// Deepest nesting that is read; scripts stay below ten.
const MAX_DEPTH: usize = 32;

/// How a script calls an action by itself.
const RUN: &str = "run ";

/// The lines of a script. Text for the model is told by a `|`, or stands below what is called so; it says nothing here.
fn lines(script: &str) -> Vec<Line<'_>> {
    let mut found = Vec::new();
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    for raw in script.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim();
        let indent = raw.len() - raw.trim_start().len();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        while open.last().is_some_and(|(outer, _)| *outer >= indent) {
            open.pop();
        }
        let offset = |part: &str| part.as_ptr() as usize - script.as_ptr() as usize;
        if let Some(value) = line.strip_prefix(RUN) {
            let path = open.iter().map(|(_, key)| *key).chain([RUN]).collect();
            found.push(Line { path, value, range: offset(value)..offset(value) + value.len() });
            continue;
        }
        let prose = line.starts_with('|') || open.iter().any(|(_, key)| *key == "instructions");
        let Some((key, rest)) = line.split_once(':').filter(|_| !prose && open.len() < MAX_DEPTH) else { continue };
        let key = key.trim();
        let value = unquoted(rest.trim());
        let range = if value.is_empty() { start + indent..start + indent + key.len() } else { offset(value)..offset(value) + value.len() };
        open.push((indent, key));
        found.push(Line { path: open.iter().map(|(_, key)| *key).collect(), value, range });
    }
    found
}

/// A value without its quotes, and without a comment behind it.
fn unquoted(value: &str) -> &str {
    match value.strip_prefix('"') {
        Some(rest) => rest.split('"').next().unwrap_or(rest),
        None => value.split(" #").next().unwrap_or(value).trim_end(),
    }
}

/// An action as a script defines it.
#[derive(Default)]
struct Action<'t> {
    name: &'t str,
    label: Option<&'t str>,
    target: Option<(&'t str, Range<usize>)>,
    confirmed: Option<(bool, Range<usize>)>,
    /// The subagent that may use it.
    holder: &'t str,
}

/// Adds the agent that a script defines.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, known: &Known<'t>, root: Node<'t>) {
    let lines = lines(root.tree().text());
    let place = |range: &Range<usize>| Place::part(root, range.clone());
    let config = |name: &str| lines.iter().find(|line| line.path == ["config", name]).filter(|line| !line.value.is_empty());
    let file = component::name(context.export.file(root).path);
    let id = config("developer_name").or_else(|| config("agent_name"));
    let label = config("agent_label").or(id);
    let begin = lines.first().map_or_else(|| Place::of(root), |line| place(&line.range));
    let label = Label {
        id: id.map_or_else(|| file.clone(), |line| Cow::Borrowed(line.value)),
        name: label.map_or(file, |line| Cow::Borrowed(line.value)),
        place: label.map_or(begin, |line| place(&line.range)),
    };
    let audience = audience(config("agent_type"), config("default_agent_user"), root, label.place);
    let instructed = lines.iter().any(|line| line.path.last() == Some(&"instructions"));
    let (agent, element) = add(context, &label, audience, instructed);
    let mut tools = Vec::new();
    let called = references(&lines);
    for action in actions(&lines) {
        let Some((target, at)) = &action.target else { continue };
        let (kind, target) = target.split_once("://").unwrap_or(("", target));
        let here = place(at);
        let (by_person, confirmed) = action.confirmed.as_ref().map_or((false, here), |(by, at)| (*by, place(at)));
        // What is only run by the script itself is not the model's to choose.
        let is_tool = called.get(&(action.holder, action.name)) != Some(&Caller::Script);
        let name = action.label.unwrap_or(action.name);
        let tool = Tool {
            id: format!("{}.{}", action.holder, action.name).into(),
            label: name.into(),
            kind: kind.into(),
            target: target.into(),
            names: Vec::new(),
            place: here,
            confirmed: Confirmed { by_person, place: confirmed },
            by_model: is_tool,
        };
        let step = tool::lower(context, known, agent.app, &tool, agent.identity);
        let kind = if is_tool { EdgeKind::Tool } else { EdgeKind::Next };
        context.model.edges.push(Edge { from: agent.step, to: step, kind });
        tools.push(Cow::Borrowed(name));
    }
    if !tools.is_empty() {
        context.model.element_mut(element).set(Fact::AgentTools, tools, label.place);
    }
}

/// Who may talk to the agent: its type says it; one with a user of its own is there for people who have none.
fn audience(kind: Option<&Line<'_>>, user: Option<&Line<'_>>, root: Node<'_>, here: Place) -> Audience {
    let place = |line: &Line<'_>| Place::part(root, line.range.clone());
    match (kind, user) {
        (Some(line), _) if line.value.to_ascii_lowercase().contains("employee") => {
            Audience { exposure: Exposure::Tenant, identity: Some(Identity::Invoker), place: place(line) }
        }
        (Some(line), _) | (None, Some(line)) => {
            Audience { exposure: Exposure::Public, identity: Some(Identity::Service), place: place(line) }
        }
        (None, None) => Audience { exposure: Exposure::Unknown, identity: None, place: here },
    }
}

/// The name of a block: `subagent orders` is `orders`.
fn block<'t>(line: &Line<'t>) -> Option<&'t str> {
    let (kind, name) = line.path.first()?.split_once(' ')?;
    matches!(kind, "start_agent" | "subagent" | "topic").then(|| name.trim())
}

/// The actions that are defined below `actions` of a subagent, and not below what it does with them.
fn actions<'t>(lines: &[Line<'t>]) -> Vec<Action<'t>> {
    let mut found: Vec<Action<'t>> = Vec::new();
    for line in lines {
        let Some(holder) = block(line) else { continue };
        let [_, "actions", name, rest @ ..] = &line.path[..] else { continue };
        match rest {
            [] => found.push(Action { name, holder, ..Action::default() }),
            [member] => {
                let Some(action) = found.last_mut() else { continue };
                match *member {
                    "target" => action.target = Some((line.value, line.range.clone())),
                    "label" if !line.value.is_empty() => action.label = Some(line.value),
                    "require_user_confirmation" => {
                        action.confirmed = Some((line.value.eq_ignore_ascii_case("true"), line.range.clone()));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    found
}

/// Who calls an action.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    Script,
    Model,
}

/// Who calls the actions of each subagent: the model may choose among those below `reasoning`, the script runs others.
fn references<'t>(lines: &[Line<'t>]) -> HashMap<(&'t str, &'t str), Caller> {
    let mut found = HashMap::default();
    for line in lines {
        let (Some(holder), Some(name)) = (block(line), line.value.strip_prefix("@actions.")) else { continue };
        let name = name.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or(name);
        let model = line.path.contains(&"reasoning") && line.path.last() != Some(&RUN);
        let known = found.entry((holder, name)).or_insert(Caller::Script);
        if model {
            *known = Caller::Model;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{actions, is_script, lines};

    const SCRIPT: &str = "config:\n  agent_type: \"AgentforceServiceAgent\" # public\nsubagent orders:\n  actions:\n    cancel:\n      \
        target: \"flow://Cancel_Order\"\n      require_user_confirmation: True\n  reasoning:\n    instructions: ->\n      | target: \"flow://Other\"\n    \
        actions:\n      go: @actions.cancel\n        with id = ...\n";

    #[test]
    fn a_script_is_read_by_its_indentation() {
        assert!(is_script(SCRIPT) && !is_script("name: x\nversion: 1\n"));
        let lines = lines(SCRIPT);
        let kind = lines.iter().find(|line| line.path == ["config", "agent_type"]).expect("a type");
        assert_eq!((kind.value, &SCRIPT[kind.range.clone()]), ("AgentforceServiceAgent", "AgentforceServiceAgent"));
        let actions = actions(&lines);
        assert_eq!(actions.len(), 1);
        assert_eq!(actions[0].target.as_ref().map(|found| found.0), Some("flow://Cancel_Order"));
        assert_eq!(actions[0].confirmed.as_ref().map(|found| found.0), Some(true));
    }
}
