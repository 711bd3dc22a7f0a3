//! `when`: a CEL expression over the elements that `match` has found.
//!
//! CEL has no types at load time and would fail only when it runs, so the expression is walked when the rule is loaded: unknown
//! names, functions and numbers of arguments are refused there, facts become variables of their own, and the expressions of
//! `matches` are compiled once. An expression that cannot be evaluated (because it asks for a fact that is not known without
//! asking `has()` first) does not hold.

use super::pattern::Attribute;
use super::scope::{Scope, Unnamed, choice};
use crate::model::{ElementId, FactType, Kind, Model, Value};
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::common::types::{CelBool, CelDouble, CelList, CelString, STRING_TYPE, Type};
use cel::common::value::{CowVal, StaticVal, Val};
use cel::context::VariableResolver;
use cel::parser::Parser;
use cel::{Context, Env};
use regex::Regex;
use std::any::Any;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Longest expression, in bytes: the parser recurses.
const MAX_LENGTH: usize = 1_000;

/// Deepest nesting of brackets.
const MAX_BRACKETS: usize = 16;

/// Deepest nesting of `all`, `exists`, `exists_one`, `map` and `filter`, each of which goes through a list.
const MAX_LOOPS: usize = 2;

/// Most items of a list that an expression sees: with [`MAX_LOOPS`] it stays below a second whatever an export holds.
const MAX_ITEMS: usize = 1_000;

/// Something that is wrong with an expression, with its bytes in the text.
pub(super) struct Complaint {
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// A condition that is ready to be asked.
#[derive(Debug)]
pub(super) struct When {
    expression: IdedExpr,
    variables: Vec<Variable>,
}

/// What an identifier `$n` of a prepared expression stands for.
#[derive(Debug)]
enum Variable {
    /// Something of the element in a slot.
    Value(usize, Attribute),
    /// Whether that is known.
    Known(usize, Attribute),
    /// A regular expression.
    Regex(Pattern),
}

/// A compiled regular expression as a value of CEL.
#[derive(Clone, Debug)]
struct Pattern(Regex);

static PATTERN: Type = Type::new_unspecified_type("regex");

impl Val for Pattern {
    fn get_type(&self) -> &Type {
        &PATTERN
    }

    fn cel_type() -> &'static Type {
        &PATTERN
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Pattern {}

/// The function that `matches` becomes. No author can write this name.
const MATCHES: &str = "$matches";

fn environment() -> Arc<Env> {
    static ENVIRONMENT: OnceLock<Arc<Env>> = OnceLock::new();
    let make = || {
        let mut env = Env::stdlib();
        env.add_overload(MATCHES, MATCHES, vec![STRING_TYPE, PATTERN.to_owned()], |arguments| {
            let text = arguments.first().and_then(|text| text.downcast_ref::<CelString>());
            let pattern = arguments.get(1).and_then(|pattern| pattern.downcast_ref::<Pattern>());
            let found = text.zip(pattern).is_some_and(|(text, pattern)| pattern.0.is_match(text.inner()));
            Ok(CowVal::owned(CelBool::from(found)))
        })
        .expect("nobody else has that name");
        Arc::new(env)
    };
    Arc::clone(ENVIRONMENT.get_or_init(make))
}

impl When {
    /// Prepares an expression whose names are those of `scope`.
    pub(super) fn compile(text: &str, scope: &Scope) -> Result<Self, Vec<Complaint>> {
        let all = 0..text.len();
        let refuse = |message: String| Err(vec![Complaint { range: all.clone(), message, help: None }]);
        if text.len() > MAX_LENGTH {
            return refuse(format!("the expression has {} bytes, the limit is {MAX_LENGTH}", text.len()));
        }
        if brackets(text) > MAX_BRACKETS {
            return refuse(format!("brackets are nested deeper than {MAX_BRACKETS} levels"));
        }
        let (mut expression, info) = Parser::new()
            .parse_with_source_info(text)
            .map_err(|errors| errors.errors.iter().map(|error| syntax(text, error)).collect::<Vec<_>>())?;
        let mut walk = Walk { text, info: &info, scope, locals: Vec::new(), loops: 0, variables: Vec::new(), complaints: Vec::new() };
        walk.visit(&mut expression);
        if !walk.complaints.is_empty() {
            return Err(walk.complaints);
        }
        Ok(Self { variables: walk.variables, expression })
    }

    /// Whether it holds for the elements that were found.
    pub(super) fn holds(&self, model: &Model<'_>, found: &[Option<ElementId>]) -> bool {
        let facts = Facts { variables: &self.variables, model, found };
        let mut context = Context::with_env(environment());
        context.set_variable_resolver(&facts);
        let value = cel::Value::resolve_val(&self.expression, &context);
        value.is_ok_and(|value| value.downcast_ref::<CelBool>().is_some_and(|holds| *holds.inner()))
    }
}

/// The variables of one evaluation.
struct Facts<'m, 'a> {
    variables: &'m [Variable],
    model: &'m Model<'a>,
    found: &'m [Option<ElementId>],
}

impl Facts<'_, '_> {
    fn value(&self, slot: usize, attribute: Attribute) -> Option<CowVal<'_, '_>> {
        let element = self.model.element((*self.found.get(slot)?)?);
        match attribute {
            Attribute::Name => Some(CowVal::owned(CelString::from(&*element.name))),
            Attribute::Fact(fact) => element.fact(fact).map(|value| CowVal::Owned(boxed(value))),
        }
    }
}

impl VariableResolver for Facts<'_, '_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let number: usize = variable.strip_prefix('$')?.parse().ok()?;
        match self.variables.get(number)? {
            Variable::Value(slot, attribute) => self.value(*slot, *attribute),
            Variable::Known(slot, attribute) => Some(CowVal::owned(CelBool::from(self.value(*slot, *attribute).is_some()))),
            Variable::Regex(pattern) => Some(CowVal::Borrowed(pattern)),
        }
    }
}

/// A fact as CEL has it; texts are borrowed.
fn boxed<'v>(value: &'v Value<'_>) -> Box<dyn Val + 'v> {
    match value {
        Value::Word(word) => Box::new(CelString::from(*word)),
        Value::Text(text) => Box::new(CelString::from(&**text)),
        Value::Bool(value) => Box::new(CelBool::from(*value)),
        Value::Number(value) => Box::new(CelDouble::from(*value)),
        Value::List(values) => Box::new(CelList::from(values.iter().take(MAX_ITEMS).map(boxed).collect::<Vec<_>>())),
    }
}

/// Deepest nesting of brackets, those in strings included: an upper bound is enough.
fn brackets(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// An error of the parser, which counts lines from 1 and columns in characters.
fn syntax(text: &str, error: &cel::ParseError) -> Complaint {
    let line = usize::try_from(error.pos.0).unwrap_or_default().saturating_sub(1);
    let column = usize::try_from(error.pos.1).unwrap_or_default().saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let start = start + text[start..].chars().take(column).map(char::len_utf8).sum::<usize>();
    let end = start + text[start..].chars().next().map_or(0, char::len_utf8);
    let message = error.msg.strip_prefix("Syntax error: ").unwrap_or(&error.msg);
    Complaint { range: start..end, message: format!("the expression is no CEL: {message}"), help: None }
}

/// Functions that an expression may call: name, number of arguments as a function, and as a method.
const FUNCTIONS: [(&str, Option<usize>, Option<usize>); 8] = [
    ("size", Some(1), Some(0)),
    ("contains", None, Some(1)),
    ("startsWith", None, Some(1)),
    ("endsWith", None, Some(1)),
    ("matches", Some(2), Some(1)),
    ("int", Some(1), None),
    ("double", Some(1), None),
    ("string", Some(1), None),
];

/// What the parser makes something else of when it has the right number of arguments.
const MACROS: [(&str, &str); 6] = [
    ("has", "has(kind.fact)"),
    ("all", "list.all(item, condition)"),
    ("exists", "list.exists(item, condition)"),
    ("exists_one", "list.exists_one(item, condition)"),
    ("map", "list.map(item, value)"),
    ("filter", "list.filter(item, condition)"),
];

const OPERATORS: [&str; 18] = [
    operators::CONDITIONAL,
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::SUBSTRACT,
    operators::ADD,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::GREATER_EQUALS,
    operators::LESS_EQUALS,
    operators::GREATER,
    operators::LESS,
    operators::NEGATE,
    operators::INDEX,
    operators::IN,
];

/// Checks an expression and replaces its names by variables.
struct Walk<'w> {
    text: &'w str,
    info: &'w SourceInfo,
    scope: &'w Scope,
    /// Variables of the loops around.
    locals: Vec<String>,
    loops: usize,
    variables: Vec<Variable>,
    complaints: Vec<Complaint>,
}

impl Walk<'_> {
    /// The bytes of the token that `id` was made of.
    fn range(&self, id: u64) -> Range<usize> {
        let Some((start, stop)) = self.info.offset_for(id) else { return 0..self.text.len() };
        // The parser counts characters, the last one included.
        let mut bytes = self.text.char_indices().map(|(at, _)| at).chain([self.text.len()]);
        let start_byte = bytes.nth(start as usize).unwrap_or(self.text.len());
        let end_byte = bytes.nth((stop.max(start) - start) as usize).unwrap_or(self.text.len());
        start_byte..end_byte
    }

    /// The bytes of the first `word` in or behind the token of `id`.
    fn word(&self, id: u64, word: &str) -> Range<usize> {
        let token = self.range(id);
        match self.text[token.start..].find(word) {
            Some(offset) => token.start + offset..token.start + offset + word.len(),
            None => token,
        }
    }

    fn complain(&mut self, range: Range<usize>, message: String, help: Option<String>) {
        self.complaints.push(Complaint { range, message, help });
    }

    fn variable(&mut self, variable: Variable) -> Expr {
        self.variables.push(variable);
        Expr::Ident(format!("${}", self.variables.len() - 1))
    }

    fn visit(&mut self, node: &mut IdedExpr) {
        let id = node.id;
        match &mut node.expr {
            Expr::Literal(_) => {}
            Expr::Ident(name) => {
                if !self.locals.contains(name) {
                    let name = name.clone();
                    self.lone(id, &name);
                }
            }
            Expr::Select(_) => self.select(node),
            Expr::Call(call) => {
                let mut call = std::mem::take(call);
                node.expr = self.call(id, &mut call).unwrap_or(Expr::Call(call));
            }
            Expr::List(list) => list.elements.iter_mut().for_each(|element| self.visit(element)),
            Expr::Comprehension(comprehension) => {
                self.visit(&mut comprehension.iter_range);
                self.loops += 1;
                if self.loops == MAX_LOOPS + 1 {
                    let range = self.range(id);
                    self.complain(range, format!("loops are nested deeper than {MAX_LOOPS} levels"), None);
                }
                let before = self.locals.len();
                self.locals.extend([comprehension.iter_var.clone(), comprehension.accu_var.clone()]);
                self.locals.extend(comprehension.iter_var2.clone());
                for part in
                    [&mut comprehension.accu_init, &mut comprehension.loop_cond, &mut comprehension.loop_step, &mut comprehension.result]
                {
                    self.visit(part);
                }
                self.locals.truncate(before);
                self.loops -= 1;
            }
            Expr::Map(_) | Expr::Struct(_) => {
                let range = self.range(id);
                self.complain(range, "mappings have no use here".into(), None);
            }
            Expr::Unspecified => self.complain(0..self.text.len(), "the expression is empty".into(), None),
        }
    }

    /// A name that stands alone.
    fn lone(&mut self, id: u64, name: &str) {
        let range = self.range(id);
        if let Some(slot) = self.scope.slot(name) {
            let names = Attribute::names(self.scope.slots[slot].kind);
            let facts: Vec<String> = names.iter().map(|fact| format!("`{name}.{fact}`")).collect();
            self.complain(
                range,
                format!("`{name}` is an element; ask for one of its facts"),
                Some(format!("allowed: {}", facts.join(", "))),
            );
        } else {
            let Unnamed { message, help } = self.scope.unknown(name);
            self.complain(range, message, Some(help));
        }
    }

    fn select(&mut self, node: &mut IdedExpr) {
        let Expr::Select(select) = &mut node.expr else { return };
        let owner = match &select.operand.expr {
            Expr::Ident(name) if !self.locals.contains(name) => Some((select.operand.id, name.clone())),
            Expr::Select(inner) if !inner.test => match &inner.operand.expr {
                // `trigger.name.x`: what stands behind a fact belongs to nothing.
                Expr::Ident(role) if !self.locals.contains(role) && self.scope.slot(role).is_none() => {
                    Some((inner.operand.id, format!("{role}.{}", inner.field)))
                }
                _ => None,
            },
            _ => None,
        };
        let Some((owner_id, owner)) = owner else {
            let range = self.word(node.id, &select.field);
            return self.complain(range, format!("`.{}` is asked of something that is no element", select.field), None);
        };
        let test = select.test;
        match self.scope.find(&owner, &select.field) {
            Ok((slot, attribute)) => {
                let variable = if test { Variable::Known(slot, attribute) } else { Variable::Value(slot, attribute) };
                node.expr = self.variable(variable);
            }
            Err(Unnamed { message, help }) => {
                let start = self.range(owner_id).start;
                let known = self.scope.slot(&owner).is_some();
                let wanted = if known { select.field.as_str() } else { owner.as_str() };
                let from = if known { start + owner.len() } else { start };
                let range = self
                    .text
                    .get(from..)
                    .and_then(|rest| rest.find(wanted))
                    .map_or(from..self.text.len(), |offset| from + offset..from + offset + wanted.len());
                self.complain(range, message, Some(help));
            }
        }
    }

    fn call(&mut self, id: u64, call: &mut CallExpr) -> Option<Expr> {
        self.words(call);
        if OPERATORS.contains(&call.func_name.as_str()) || call.func_name == operators::NOT_STRICTLY_FALSE {
            call.args.iter_mut().for_each(|argument| self.visit(argument));
            return None;
        }
        if let Some(target) = &mut call.target {
            self.visit(target);
        }
        if !self.is_known(id, call) {
            return None;
        }
        if call.func_name == "matches" {
            return self.matches(id, call);
        }
        call.args.iter_mut().for_each(|argument| self.visit(argument));
        None
    }

    fn is_known(&mut self, id: u64, call: &CallExpr) -> bool {
        let name = &call.func_name;
        let range = self.function(id, name);
        if let Some((_, usage)) = MACROS.iter().find(|known| known.0 == name) {
            self.complain(range, format!("`{name}` is used in another way"), Some(format!("write `{usage}`")));
            return false;
        }
        let Some((_, function, method)) = FUNCTIONS.iter().find(|known| known.0 == name) else {
            let names: Vec<&str> = FUNCTIONS.iter().map(|known| known.0).chain(MACROS.iter().map(|known| known.0)).collect();
            self.complain(range, format!("unknown function `{name}`"), Some(choice(name, &names)));
            return false;
        };
        let (wanted, usage) = match call.target {
            Some(_) => (*method, format!("write `{name}(...)`")),
            None => (*function, format!("write `value.{name}(...)`")),
        };
        match wanted {
            Some(wanted) if wanted == call.args.len() => true,
            Some(wanted) => {
                let found = call.args.len();
                let noun = if wanted == 1 { "argument" } else { "arguments" };
                self.complain(range, format!("`{name}` takes {wanted} {noun} here, found {found}"), None);
                false
            }
            None => {
                self.complain(range, format!("`{name}` is called in another way"), Some(usage));
                false
            }
        }
    }

    /// The bytes of the name of a call: the parser notes the bracket behind it.
    fn function(&self, id: u64, name: &str) -> Range<usize> {
        let token = self.range(id);
        match self.text[..token.end].rfind(name) {
            Some(start) => start..start + name.len(),
            None => token,
        }
    }

    /// Compiles the regular expression of a call of `matches`.
    fn matches(&mut self, id: u64, call: &mut CallExpr) -> Option<Expr> {
        let mut arguments: Vec<IdedExpr> = call.target.take().map(|target| *target).into_iter().collect();
        let visited = arguments.len();
        arguments.append(&mut call.args);
        if visited == 0
            && let Some(text) = arguments.first_mut()
        {
            self.visit(text);
        }
        let pattern = arguments.pop()?;
        let range = self.range(pattern.id);
        let Expr::Literal(LiteralValue::String(text)) = &pattern.expr else {
            self.complain(range, "the expression of `matches` must stand here as a string".into(), None);
            return None;
        };
        match super::regex(text.inner()) {
            Ok(regex) => {
                let expr = self.variable(Variable::Regex(Pattern(regex)));
                arguments.push(IdedExpr { id, expr });
                Some(Expr::Call(CallExpr { func_name: MATCHES.into(), target: None, args: arguments }))
            }
            Err(message) => {
                self.complain(range, message, None);
                None
            }
        }
    }

    /// Refuses comparisons of a fact with a word that it never holds.
    fn words(&mut self, call: &CallExpr) {
        let (value, word) = match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) if matches!(right.expr, Expr::Literal(_)) => (left, right),
            (operators::EQUALS | operators::NOT_EQUALS | operators::IN, [left, right]) if matches!(left.expr, Expr::Literal(_)) => {
                (right, left)
            }
            _ => return,
        };
        let (Expr::Select(select), Expr::Literal(LiteralValue::String(text))) = (&value.expr, &word.expr) else { return };
        let owner = match &select.operand.expr {
            Expr::Ident(name) => name.clone(),
            Expr::Select(inner) => match &inner.operand.expr {
                Expr::Ident(role) => format!("{role}.{}", inner.field),
                _ => return,
            },
            _ => return,
        };
        let Ok((slot, Attribute::Fact(fact))) = self.scope.find(&owner, &select.field) else { return };
        let (FactType::Word(words) | FactType::Words(words)) = fact.fact_type() else { return };
        if !words.iter().any(|known| known.name == text.inner()) {
            let kind: Kind = self.scope.slots[slot].kind;
            let names: Vec<&str> = words.iter().map(|word| word.name).collect();
            let range = self.range(word.id);
            self.complain(
                range,
                format!("`{}.{}` is never `{}`", kind.name(), fact.name(), text.inner()),
                Some(choice(text.inner(), &names)),
            );
        }
    }
}
