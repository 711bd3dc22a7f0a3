//! Expressions of Azure Resource Manager: texts in brackets that are worked out when a template is deployed.
//!
//! Only what a template says by itself is worked out: names of parameters with their defaults, variables, and functions that join
//! texts. Everything else is left open.

use crate::platform::HashMap;
use crate::tree::Node;
use std::rc::Rc;

/// Deepest nesting of calls, and of variables that are made of variables, that is followed.
const MAX_DEPTH: usize = 8;

/// Most calls that are worked out for one text.
const MAX_CALLS: usize = 256;

/// Most parts of a text that are kept: names and addresses have a few.
const MAX_PARTS: usize = 64;

/// The expression in a text of a template; none when the text means itself.
pub(super) fn expression(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('[').filter(|rest| !rest.starts_with('['))?;
    inner.strip_suffix(']').map(str::trim)
}

/// Members of a template by their names in lower case: templates do not keep to one case.
type Members<'t> = Rc<HashMap<String, Node<'t>>>;

/// The parameters and variables that expressions of one template name.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope<'t> {
    parameters: Members<'t>,
    variables: Members<'t>,
}

/// What may still be done to work out one text.
#[derive(Clone, Copy, Debug)]
struct Budget {
    depth: usize,
    calls: usize,
}

impl Budget {
    /// Runs `work` one level deeper; none when too much was done already.
    fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.depth, self.calls) = (self.depth.checked_sub(1)?, self.calls.checked_sub(1)?);
        let done = work(self);
        self.depth += 1;
        Some(done)
    }
}

/// A text of which some parts are only known when it is deployed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// `None` is a part that is not known.
    parts: Vec<Option<String>>,
}

impl Text {
    fn open() -> Self {
        Self { parts: vec![None] }
    }

    fn known(text: impl Into<String>) -> Self {
        Self { parts: vec![Some(text.into())] }
    }

    fn join(texts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts: Vec<Option<String>> = texts.into_iter().flat_map(|text| text.parts).take(MAX_PARTS + 1).collect();
        if parts.len() > MAX_PARTS {
            parts = vec![None];
        }
        Self { parts }
    }

    /// The whole text, when all of it is known.
    pub(super) fn whole(&self) -> Option<String> {
        self.parts.iter().cloned().collect()
    }

    /// What stands behind the last slash, when that much is known.
    pub(super) fn last_segment(&self) -> Option<String> {
        let mut behind = String::new();
        for part in self.parts.iter().rev() {
            let part = part.as_ref()?;
            if let Some((_, rest)) = part.rsplit_once('/') {
                return Some(format!("{rest}{behind}"));
            }
            behind.insert_str(0, part);
        }
        Some(behind)
    }
}

impl<'t> Scope<'t> {
    /// The scope of the template `root`.
    pub(super) fn of(root: Node<'t>) -> Self {
        let members = |name: &str| {
            let members = root.get(name).into_iter().flat_map(Node::members);
            Rc::new(members.filter_map(|member| Some((member.key()?.to_lowercase(), member))).collect())
        };
        Self { parameters: members("parameters"), variables: members("variables") }
    }

    /// What the text of `node` becomes.
    pub(super) fn text(&self, node: Node<'t>) -> Text {
        self.text_within(node, &mut Budget { depth: MAX_DEPTH, calls: MAX_CALLS })
    }

    fn text_within(&self, node: Node<'t>, budget: &mut Budget) -> Text {
        let Some(text) = node.as_text() else { return Text::open() };
        match expression(&text) {
            Some(expression) => self.evaluate(&mut Parser { rest: expression }, budget),
            None => Text::known(text.strip_prefix("[[").map_or_else(|| text.to_string(), |rest| format!("[{rest}"))),
        }
    }

    /// The value that `node` stands for: itself, or the variable that it names and nothing else.
    pub(super) fn value(&self, node: Node<'t>) -> Node<'t> {
        let named = node.as_str().and_then(|text| named(&text, "variables"));
        named.and_then(|name| self.variables.get(&name.to_lowercase()).copied()).unwrap_or(node)
    }

    /// The parameter that the text of `node`, or a variable that it names, hands on as it is.
    pub(super) fn parameter(&self, node: Node<'t>) -> Option<Node<'t>> {
        let text = self.value(node).as_str()?;
        self.parameters.get(&named(&text, "parameters")?.to_lowercase()).copied()
    }

    fn evaluate(&self, parser: &mut Parser<'_>, budget: &mut Budget) -> Text {
        budget.deeper(|budget| self.evaluate_call(parser, budget)).unwrap_or_else(Text::open)
    }

    fn evaluate_call(&self, parser: &mut Parser<'_>, budget: &mut Budget) -> Text {
        if let Some(text) = parser.string() {
            return if parser.goes_on() { Text::open() } else { Text::known(text) };
        }
        let name = parser.word();
        if !parser.take('(') {
            return Text::open();
        }
        let arguments = self.arguments(parser, budget);
        // `reference(..).id`: a part of what a call gives.
        if parser.goes_on() {
            parser.skip_access();
            return Text::open();
        }
        let first = || arguments.first().and_then(Text::whole);
        match &*name.to_ascii_lowercase() {
            "concat" => Text::join(arguments),
            "tolower" => first().map_or_else(Text::open, |text| Text::known(text.to_lowercase())),
            "tostring" | "string" | "trim" => arguments.into_iter().next().unwrap_or_default(),
            "parameters" => self.named(&self.parameters, first(), "defaultValue", budget),
            "variables" => self.named(&self.variables, first(), "", budget),
            "format" => format(&arguments),
            // The last name of a resource is the last part of its identifier.
            "resourceid" | "subscriptionresourceid" => {
                let name = arguments.last().cloned().unwrap_or_else(Text::open);
                Text::join([Text::open(), Text::known("/"), name])
            }
            _ => Text::open(),
        }
    }

    fn arguments(&self, parser: &mut Parser<'_>, budget: &mut Budget) -> Vec<Text> {
        let mut arguments = Vec::new();
        while !parser.take(')') && !parser.rest.is_empty() && arguments.len() < MAX_PARTS {
            let before = parser.rest.len();
            arguments.push(self.evaluate(parser, budget));
            parser.go_to_separator();
            parser.take(',');
            if parser.rest.len() == before {
                break;
            }
        }
        arguments
    }

    fn named(&self, of: &Members<'t>, name: Option<String>, below: &str, budget: &mut Budget) -> Text {
        let value = name.and_then(|name| of.get(&name.to_lowercase()).copied());
        let value = if below.is_empty() { value } else { value.and_then(|value| value.get(below)) };
        value.map_or_else(Text::open, |value| self.text_within(value, budget))
    }
}

/// The name in `[parameters('name')]`, when the text is nothing else.
fn named(text: &str, function: &str) -> Option<String> {
    let mut parser = Parser { rest: expression(text)? };
    (parser.word().eq_ignore_ascii_case(function) && parser.take('(')).then_some(())?;
    let name = parser.string()?;
    (parser.take(')') && parser.rest.trim().is_empty()).then_some(name)
}

/// `format('{0}/default', name)`
fn format(arguments: &[Text]) -> Text {
    let Some((pattern, values)) = arguments.split_first().and_then(|(first, rest)| Some((first.whole()?, rest))) else {
        return Text::open();
    };
    let mut texts = Vec::new();
    let mut rest = &*pattern;
    while let Some((before, hole)) = rest.split_once('{') {
        let Some((number, after)) = hole.split_once('}') else { return Text::open() };
        texts.push(Text::known(before));
        texts.push(number.trim().parse::<usize>().ok().and_then(|number| values.get(number)).cloned().unwrap_or_else(Text::open));
        rest = after;
    }
    texts.push(Text::known(rest));
    Text::join(texts)
}

/// Reads an expression from its beginning.
struct Parser<'e> {
    rest: &'e str,
}

impl<'e> Parser<'e> {
    fn take(&mut self, mark: char) -> bool {
        self.rest = self.rest.trim_start();
        let found = self.rest.strip_prefix(mark);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn word(&mut self) -> &'e str {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '-')).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// A text in quotes; a quote in it is doubled.
    fn string(&mut self) -> Option<String> {
        let mut rest = self.rest.trim_start().strip_prefix('\'')?;
        let mut text = String::new();
        loop {
            let (part, after) = rest.split_once('\'')?;
            text.push_str(part);
            match after.strip_prefix('\'') {
                Some(more) => {
                    text.push('\'');
                    rest = more;
                }
                None => {
                    self.rest = after;
                    return Some(text);
                }
            }
        }
    }

    /// Whether a member or an item of what was read is meant.
    fn goes_on(&self) -> bool {
        self.rest.trim_start().starts_with(['.', '['])
    }

    fn skip_access(&mut self) {
        self.go_to_separator();
    }

    /// Goes to the comma or bracket behind the argument that is being read.
    fn go_to_separator(&mut self) {
        let mut open = 0_usize;
        let mut quoted = false;
        for (at, c) in self.rest.char_indices() {
            match c {
                '\'' => quoted = !quoted,
                _ if quoted => {}
                '(' | '[' => open += 1,
                ')' | ',' if open == 0 => {
                    self.rest = &self.rest[at..];
                    return;
                }
                ')' | ']' => open = open.saturating_sub(1),
                _ => {}
            }
        }
        self.rest = "";
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::json;

    const TEMPLATE: &str = r#"{
        "parameters": {"name": {"type": "string", "defaultValue": "notify"}, "key": {"type": "string"}},
        "variables": {"api": "[concat('azure', 'blob')]", "full": "[variables('api')]", "loop": "[variables('loop')]",
            "key": "[parameters('key')]"},
        "texts": [
            "[concat('/subscriptions/', subscription().subscriptionId, '/managedApis/', variables('full'))]",
            "[concat(parameters('name'), '-run')]",
            "[[not an expression]",
            "[variables('loop')]",
            "[format('{0}/{1}', parameters('Name'), 'it''s')]",
            "[resourceId('Microsoft.Web/connections', variables('api'))]",
            "[variables('key')]",
            "[concat('x', reference(resourceId('a', 'b'), '2016').keys[0].value, 'y')]",
            "[concat('open",
            "[parameters('key')"
        ]
    }"#;

    #[test]
    fn what_a_template_says_by_itself_is_worked_out() {
        let tree = json::parse(TEMPLATE).expect("JSON");
        let scope = Scope::of(tree.root());
        let text = |at: usize| scope.text(tree.root().get("texts").and_then(|texts| texts.index(at)).expect("a text"));
        assert_eq!((text(0).whole(), text(0).last_segment().as_deref()), (None, Some("azureblob")));
        assert_eq!(text(1).whole().as_deref(), Some("notify-run"));
        assert_eq!(text(2).whole().as_deref(), Some("[not an expression]"));
        assert_eq!(text(3).whole(), None);
        assert_eq!(text(4).whole().as_deref(), Some("notify/it's"));
        assert_eq!(text(5).last_segment().as_deref(), Some("azureblob"));
        assert_eq!((text(7).whole(), text(7).last_segment()), (None, None));
        let key = tree.root().get("texts").and_then(|texts| texts.index(6)).expect("a text");
        assert!(scope.parameter(key).is_some_and(|parameter| parameter.has_key("key")));
        assert_eq!(text(8).whole().as_deref(), Some("[concat('open"));
    }

    #[test]
    fn deep_and_broken_expressions_end() {
        let deep = format!(
            "[\"[{}'x'{}]\", \"[{}\", \"[concat(,,,)]\", \"[concat(')]\"]",
            "concat(".repeat(9000),
            ")".repeat(9000),
            "(".repeat(99)
        );
        let tree = json::parse(&deep).expect("JSON");
        for node in tree.root().items() {
            let _ = Scope::default().text(node).whole();
        }
    }
}
