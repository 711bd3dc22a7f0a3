//! Pages about rules and their words, as plain text for a terminal or a web page: what they say comes from the rule files and from
//! the doc comments of the vocabulary.

use super::pattern::{Attribute, Clauses, Pick, Test};
use super::{Example, Level, Rule, Subject};
use crate::finding::reference;
use crate::model::{Fact, FactType, Kind, Word};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Width of the pages, in characters.
const WIDTH: usize = 100;

/// A page that is being written; writing to it cannot fail.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.text, "{:indent$}{text}", "");
    }

    fn heading(&mut self, text: &str) {
        let _ = writeln!(self.text, "\n{text}\n");
    }

    /// Text in lines that fit; what the author separated by an empty line stays so.
    fn prose(&mut self, indent: usize, text: &str) {
        for paragraph in text.split("\n\n") {
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                if !line.is_empty() && indent + line.chars().count() + 1 + word.chars().count() > WIDTH {
                    self.line(indent, &line);
                    line.clear();
                }
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            self.line(indent, &line);
        }
    }
}

/// The page of a rule: what it finds and why, in the words of the vocabulary, with an example of both sides.
#[must_use]
pub fn explain(rule: &Rule) -> String {
    let mut page = Page::default();
    page.line(0, &format!("{}: {}", rule.id, rule.title));
    page.line(
        0,
        &format!("severity {}, confidence {}, profile {}, category {}", rule.severity, rule.confidence, rule.profile, rule.category),
    );
    page.heading("Why it matters");
    page.prose(0, &rule.why);
    page.heading("What to do");
    page.prose(0, &rule.cure());
    page.heading("What it finds");
    match &rule.subject {
        Subject::Engine(engine) => page.prose(0, &format!("Flowgate itself finds this while it works on an export (`{engine}`).")),
        Subject::Match(pattern) => {
            let mut words = BTreeSet::new();
            page.prose(0, &format!("Each {} that meets all of this:", spoken(pattern.subject)));
            clauses(&mut page, 0, &pattern.clauses, pattern.subject, &mut words);
            if rule.when.is_some() {
                page.prose(0, "- the expression under `when` in the rule file holds");
            }
            levels(&mut page, rule, pattern.subject, &mut words);
            glossary(&mut page, &words);
        }
    }
    if !rule.false_positives.is_empty() {
        page.heading("When it is no problem");
        page.prose(0, &rule.false_positives);
    }
    if !rule.tags.is_empty() {
        page.heading("References");
        for tag in rule.tags.iter() {
            let page_of = reference(tag).map_or(String::new(), |address| format!("  {address}"));
            page.line(0, &format!("{tag}{page_of}"));
        }
    }
    example(&mut page, "Example with a finding", rule.bad.first());
    example(&mut page, "Example without", rule.good.first());
    page.text
}

fn spoken(kind: Kind) -> String {
    kind.name().replace('_', " ")
}

fn clauses(page: &mut Page, indent: usize, written: &Clauses, subject: Kind, words: &mut BTreeSet<Fact>) {
    let mut item = |text: String| page.prose(indent, &format!("- {text}"));
    for text in tests(&written.subject, subject, words) {
        item(text);
    }
    for text in tests(&written.app, Kind::App, words) {
        item(text);
    }
    for pick in &written.same {
        item(format!("the same step has {}", picked(pick, words)));
    }
    for search in &written.has {
        item(format!("the app has {}", all(&search.picks, words)));
    }
    for (way, search) in [("a step behind it has", &written.reaches), ("a step before it has", &written.reached_by)] {
        if let Some(search) = search {
            item(format!("{way} {}", all(&search.picks, words)));
        }
    }
    for inner in &written.unless {
        page.line(indent, "- and not all of this:");
        clauses(page, indent + 2, inner, subject, words);
    }
}

fn tests(tests: &[Test], kind: Kind, words: &mut BTreeSet<Fact>) -> Vec<String> {
    tests.iter().map(|test| format!("its `{}.{}` {}", kind.name(), name(test.attribute, words), test.condition)).collect()
}

fn name(attribute: Attribute, words: &mut BTreeSet<Fact>) -> &'static str {
    match attribute {
        Attribute::Name => "name",
        Attribute::Fact(fact) => {
            words.insert(fact);
            fact.name()
        }
    }
}

fn picked(pick: &Pick, words: &mut BTreeSet<Fact>) -> String {
    let article = if pick.kind.name().starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    let conditions: Vec<String> = pick.tests.iter().map(|test| format!("`{}` {}", name(test.attribute, words), test.condition)).collect();
    if conditions.is_empty() {
        return format!("{article} {}", spoken(pick.kind));
    }
    format!("{article} {} whose {}", spoken(pick.kind), conditions.join(" and "))
}

fn all(picks: &[Pick], words: &mut BTreeSet<Fact>) -> String {
    picks.iter().map(|pick| picked(pick, words)).collect::<Vec<_>>().join(" and ")
}

fn levels(page: &mut Page, rule: &Rule, subject: Kind, words: &mut BTreeSet<Fact>) {
    for Level { clauses: written, severity, confidence, .. } in &rule.levels {
        let changes = [severity.map(|word| format!("severity {word}")), confidence.map(|word| format!("confidence {word}"))];
        let changes: Vec<String> = changes.into_iter().flatten().collect();
        if !changes.is_empty() {
            page.line(0, "");
            page.prose(0, &format!("It is of {} when:", changes.join(" and ")));
            clauses(page, 0, written, subject, words);
        }
    }
}

fn glossary(page: &mut Page, words: &BTreeSet<Fact>) {
    if words.is_empty() {
        return;
    }
    page.heading("In these words");
    for fact in words {
        page.prose(0, &format!("`{}.{}`: {}", fact.kind().name(), fact.name(), fact.doc().trim()));
    }
}

fn example(page: &mut Page, title: &str, example: Option<&Example>) {
    let Some(example) = example else { return };
    page.heading(&format!("{title} ({})", example.platform));
    if let Some(policy) = &example.policy {
        page.line(4, "# with this policy");
        policy.lines().for_each(|line| page.line(4, line));
        page.line(0, "");
    }
    for (number, (path, text)) in example.files.iter().enumerate() {
        if number > 0 {
            page.line(0, "");
        }
        if !path.is_empty() {
            page.line(4, &format!("# {path}"));
        }
        text.lines().for_each(|line| page.line(4, line));
    }
}

/// The page of all words that rules can use: kinds, their facts, and the words that facts hold.
#[must_use]
pub fn vocabulary() -> String {
    let mut page = Page::default();
    page.prose(
        0,
        "What rules can see. A rule names a kind of element and conditions about its facts: `kind: { fact: condition }`. A condition is a \
         value, a list of values of which one is enough, or `{ not: ..., regex: ..., glob: ..., min: ..., max: ..., exists: ... }`. Every \
         element also has a `name`.",
    );
    for kind in Kind::ALL {
        page.heading(kind.name());
        page.prose(2, kind.doc());
        for fact in kind.facts() {
            let (holds, words) = holds(fact.fact_type());
            page.line(0, "");
            page.line(2, &format!("{}.{} ({holds})", kind.name(), fact.name()));
            page.prose(4, fact.doc());
            for word in words {
                page.prose(6, &format!("{}: {}", word.name, word.doc.trim()));
            }
        }
    }
    page.text
}

const fn holds(fact_type: FactType) -> (&'static str, &'static [Word]) {
    match fact_type {
        FactType::Word(words) => ("one word", words),
        FactType::Words(words) => ("several words", words),
        FactType::Text => ("text", &[]),
        FactType::Texts => ("several texts", &[]),
        FactType::Bool => ("true or false", &[]),
        FactType::Number => ("number", &[]),
    }
}

/// A rule file to begin with: it loads, and its examples come out as they say.
#[must_use]
pub fn stub(category: &str, id: &str) -> String {
    let title = id.replace('-', " ");
    let title = title.get(..1).map_or_else(String::new, |first| first.to_uppercase() + &title[1..]);
    format!(
        r#"# rules/{category}/{id}.yaml. `flowgate rules vocabulary` prints the words that a rule can use.
id: {id}
title: {title}
severity: medium
confidence: medium
profile: strict
tags: [cwe:306]
why: >
  Anyone who learns the address of `Webhook` can run this app with the credentials that are stored in it.
fix: Set an authentication method on `{{trigger.name}}`.
match:
  trigger: {{ kind: http, auth: none }}
at: auth
label: no authentication is set here
message: "`{{trigger.name}}` accepts requests without authentication"
false-positives: >
  Addresses that are meant for everybody and start nothing but a write to a queue.
examples:
  bad:
    - platform: n8n
      export: |
        {{
          "name": "Open",
          "nodes": [
            {{
              "parameters": {{ "path": "orders" }},
              "id": "7b8d2f4e-0000-4000-8000-000000000001",
              "name": "Webhook",
              "type": "n8n-nodes-base.webhook",
              "typeVersion": 2,
              "position": [0, 0]
            }}
          ],
          "connections": {{}}
        }}
  good:
    - platform: n8n
      export: |
        {{
          "name": "Closed",
          "nodes": [
            {{
              "parameters": {{ "path": "orders", "authentication": "headerAuth" }},
              "id": "7b8d2f4e-0000-4000-8000-000000000001",
              "name": "Webhook",
              "type": "n8n-nodes-base.webhook",
              "typeVersion": 2,
              "position": [0, 0],
              "credentials": {{ "httpHeaderAuth": {{ "id": "1", "name": "Orders" }} }}
            }}
          ],
          "connections": {{}}
        }}
"#
    )
}
