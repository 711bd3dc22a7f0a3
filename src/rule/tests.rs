//! Rules asked of models that are built by hand.

use super::*;
use crate::model::{AppId, Edge, EdgeKind, Element, Model, Output, Place, Step, StepId};
use crate::tree::NodeId;
use proptest::prelude::*;
use std::borrow::Cow;

/// A rule with this `match` and what follows it.
fn rule(matched: &str) -> Arc<Rule> {
    let (matched, rest) = matched.split_once("\n---\n").unwrap_or((matched, ""));
    let given = |key: &str| rest.starts_with(key) || rest.contains(&format!("\n{key}"));
    let message = if given("message:") { "" } else { "message: found\n" };
    let text = format!(
        "id: sample\ntitle: Sample\nseverity: medium\nconfidence: medium\nprofile: recommended\ntags: []\nwhy: Because.\nfix: Do it.\n\
         match:\n{matched}\n{}{message}{}false-positives: none\nexamples:\n  bad: [{{ platform: n8n, export: '{{}}' }}]\n  \
         good: [{{ platform: n8n, export: '{{}}' }}]\n",
        part(rest, &["when", "at", "label"]),
        part(rest, &["message", "levels", "labels"]),
    );
    Arc::new(Rule::load(Source::from_text("test/sample.yaml", text)).unwrap_or_else(|errors| panic!("{errors}")))
}

/// The members of `rest` with these keys; each begins at the start of a line.
fn part(rest: &str, keys: &[&str]) -> String {
    let mut taken = String::new();
    let mut taking = false;
    for line in rest.lines() {
        if !line.starts_with(' ') {
            taking = keys.iter().any(|key| line.starts_with(&format!("{key}:")));
        }
        if taking {
            taken.push_str(line);
            taken.push('\n');
        }
    }
    taken
}

fn place(number: u32) -> Place {
    Place { file: 0, node: NodeId(number), span: Span::new(number, number + 1) }
}

/// A model of one app; elements are numbered by their places, from 1.
struct Sample {
    model: Model<'static>,
}

impl Sample {
    fn new() -> Self {
        let mut model = Model::new("n8n");
        model.add_app("app-1".into(), "App".into(), place(0));
        Self { model }
    }

    fn step(&mut self, name: &'static str) -> StepId {
        let at = place(100 + self.model.steps.len() as u32);
        self.model.add_step(Step { name: name.into(), app: AppId(0), place: at, output: Output::Pass })
    }

    fn edges(mut self, edges: &[(u32, u32)]) -> Self {
        self.model.edges.extend(edges.iter().map(|(from, to)| Edge { from: StepId(*from), to: StepId(*to), kind: EdgeKind::Next }));
        self
    }

    /// Adds an element of this kind at a new step of its name.
    fn with(mut self, kind: Kind, name: &'static str, facts: &[(Fact, crate::model::Value<'static>)]) -> Self {
        let step = self.step(name);
        self.and(kind, name, step.0, facts)
    }

    /// Adds an element at a step that is there.
    fn and(mut self, kind: Kind, name: &'static str, step: u32, facts: &[(Fact, crate::model::Value<'static>)]) -> Self {
        let number = self.model.elements.len() as u32;
        let mut element = Element::new(kind, AppId(0), name, name, place(number)).at_step(StepId(step));
        for (fact, value) in facts {
            element.set(*fact, value.clone(), place(number * 10));
        }
        self.model.add(element);
        self
    }

    fn app(mut self, fact: Fact, value: impl Into<crate::model::Value<'static>>) -> Self {
        let app = self.model.apps[0].element;
        self.model.element_mut(app).set(fact, value, place(0));
        self
    }

    fn hits(&self, rule: &Arc<Rule>) -> Vec<Hit> {
        check(&Selected::new([Arc::clone(rule)]), &self.model, &|text| Cow::Borrowed(text))
    }

    /// The names of the elements for which it holds.
    fn names(&self, matched: &str) -> Vec<String> {
        self.hits(&rule(matched)).iter().map(|hit| self.model.element(hit.element).name.to_string()).collect()
    }
}

fn word(word: &'static str) -> crate::model::Value<'static> {
    crate::model::Value::Word(word)
}

/// Two webhooks, one open; the open one leads over a condition to code and to a message, the other to the message only.
fn sample() -> Sample {
    let methods = || vec!["GET", "POST"].into();
    Sample::new()
        .app(Fact::AppEnabled, true)
        .with(
            Kind::Trigger,
            "Open",
            &[
                (Fact::TriggerKind, word("http")),
                (Fact::TriggerExposure, word("public")),
                (Fact::TriggerAuth, word("none")),
                (Fact::TriggerMethods, methods()),
            ],
        )
        .with(Kind::Trigger, "Closed", &[(Fact::TriggerKind, word("form")), (Fact::TriggerAuth, word("header"))])
        .with(Kind::Action, "If", &[(Fact::ActionVerb, word("control"))])
        .with(Kind::Action, "Code", &[(Fact::ActionVerb, word("execute")), (Fact::ActionLanguage, word("python"))])
        .with(Kind::Action, "Mail", &[(Fact::ActionVerb, word("send")), (Fact::ActionRecipient, "a@example.com".into())])
        .and(Kind::Connection, "Mail login", 4, &[(Fact::ConnectionType, "smtp".into()), (Fact::ConnectionEncrypted, false.into())])
        .edges(&[(0, 2), (2, 3), (3, 4), (1, 4)])
}

#[test]
fn facts_decide_which_elements_are_found() {
    let sample = sample();
    for (matched, names) in [
        ("  trigger: {}", &["Open", "Closed"][..]),
        ("  trigger: { auth: none }", &["Open"]),
        ("  trigger: { auth: [none, header] }", &["Open", "Closed"]),
        ("  trigger: { auth: { not: none } }", &["Closed"]),
        ("  trigger: { auth: { not: [none, header] } }", &[]),
        ("  trigger: { exposure: { exists: false } }", &["Closed"]),
        ("  trigger: { exposure: { not: public } }", &["Closed"]),
        ("  trigger: { methods: POST }", &["Open"]),
        ("  trigger: { methods: { not: POST } }", &["Closed"]),
        ("  trigger: { methods: [PUT, { regex: '^G' }] }", &["Open"]),
        ("  trigger: { kind: http, auth: header }", &[]),
        ("  trigger: { name: { glob: '*pen' } }", &["Open"]),
        ("  action: { recipient: { glob: '*@example.com', not: { regex: '^b' } } }", &["Mail"]),
        ("  connection: { encrypted: false }", &["Mail login"]),
        ("  app: { enabled: true, name: { exists: false } }", &["App"]),
        ("  secret: {}", &[]),
    ] {
        assert_eq!(sample.names(matched), names, "{matched}");
    }
}

#[test]
fn other_elements_decide_too() {
    let sample = sample();
    for (matched, names) in [
        ("  trigger: {}\n  app: { enabled: true }", &["Open", "Closed"][..]),
        ("  trigger: {}\n  app: { enabled: false }", &[]),
        ("  action: {}\n  connection: { type: smtp }", &["Mail"]),
        ("  action: {}\n  connection: { type: imap }", &[]),
        ("  connection: {}\n  action: { verb: send }", &["Mail login"]),
        ("  trigger: {}\n  has: { action: { verb: execute }, connection: {} }", &["Open", "Closed"]),
        ("  trigger: {}\n  has: { action: { verb: execute }, secret: {} }", &[]),
        ("  app: {}\n  has: { action: { verb: execute } }", &["App"]),
        ("  trigger: {}\n  reaches: { action: { verb: execute } }", &["Open"]),
        ("  trigger: {}\n  reaches: { action: { verb: send }, connection: { encrypted: false } }", &["Open", "Closed"]),
        ("  trigger: {}\n  reaches: { action: { verb: execute }, connection: { encrypted: false } }", &[]),
        ("  action: {}\n  reached-by: { trigger: { auth: none } }", &["If", "Code", "Mail"]),
        ("  action: {}\n  reached-by: { trigger: { auth: header } }", &["Mail"]),
        ("  action: {}\n  reaches: { action: { verb: send } }\n  reached-by: { action: {} }", &["Code"]),
        ("  app: {}\n  reaches: { action: {} }", &[]),
    ] {
        assert_eq!(sample.names(matched), names, "{matched}");
    }
}

#[test]
fn unless_takes_all_clauses_and_none_of_several_may_hold() {
    let sample = sample();
    for (matched, names) in [
        ("  trigger: {}\n  unless: { trigger: { auth: none } }", &["Closed"][..]),
        ("  trigger: {}\n  unless: { trigger: { auth: none }, app: { enabled: false } }", &["Open", "Closed"]),
        ("  trigger: {}\n  unless: { reaches: { action: { verb: execute } } }", &["Closed"]),
        ("  action: {}\n  unless: { reached-by: { trigger: { kind: form } } }", &["If", "Code"]),
        ("  action: {}\n  unless: { connection: {} }", &["If", "Code"]),
        ("  trigger: {}\n  unless: { has: { secret: {} } }", &["Open", "Closed"]),
        ("  action: {}\n  unless:\n    - connection: {}\n    - action: { verb: control }", &["Code"]),
        ("  app: {}\n  unless: { action: {} }", &["App"]),
    ] {
        assert_eq!(sample.names(matched), names, "{matched}");
    }
}

#[test]
fn a_loop_leads_back_to_its_own_step_and_nothing_else_does() {
    let matched = "  action: { verb: execute }\n  reaches: { action: { verb: execute } }";
    assert!(sample().names(matched).is_empty());
    assert_eq!(sample().edges(&[(4, 2)]).names(matched), ["Code"]);
}

#[test]
fn the_first_level_that_holds_counts() {
    let rule = rule(
        "  trigger: {}\n---\n\
         message: \"`{trigger.name}` is found\"\n\
         levels:\n  - if: { trigger: { kind: form } }\n    severity: low\n    confidence: high\n  \
         - if: { reaches: { action: { verb: execute } }, unless: { app: { enabled: false } } }\n    severity: critical\n    \
         message: \"`{action.name}` runs {action.language} for `{trigger.name}`\"\n    label: \"{trigger.methods}\"",
    );
    let hits = sample().hits(&rule);
    let told: Vec<_> = hits.iter().map(|hit| (hit.severity, hit.confidence, hit.message.as_str(), hit.label.as_str())).collect();
    assert_eq!(
        told,
        [
            (Severity::Critical, Confidence::Medium, "`Code` runs python for `Open`", "GET, POST"),
            (Severity::Low, Confidence::High, "`Closed` is found", "trigger `Closed`"),
        ]
    );
    assert_eq!(hits[0].related.iter().map(|related| related.0.as_str()).collect::<Vec<_>>(), ["then `If`", "action `Code`"]);
    assert!(hits[1].related.is_empty());
}

#[test]
fn a_level_that_fails_leaves_nothing_behind() {
    let rule = rule(
        "  trigger: { auth: none }\n---\n\
         levels:\n  - if: { reaches: { action: { verb: execute } }, unless: { app: { enabled: true } } }\n    severity: critical\n\
         labels: { action: it runs }",
    );
    let hits = sample().hits(&rule);
    assert_eq!((hits.len(), hits[0].severity, hits[0].related.len()), (1, Severity::Medium, 0));
}

#[test]
fn places_on_the_way_are_told_in_reading_order() {
    let mut sample = Sample::new().with(Kind::Trigger, "In", &[]);
    for name in ["A", "B", "C", "D", "E", "F"] {
        sample = sample.with(Kind::Action, name, &[]);
    }
    let sample = sample
        .with(Kind::Action, "Out", &[(Fact::ActionVerb, word("send"))])
        .and(Kind::Endpoint, "host", 7, &[(Fact::EndpointHost, "example.com".into())])
        .edges(&[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7)]);
    let texts = |matched: &str| -> Vec<(String, u32)> {
        let hits = sample.hits(&rule(matched));
        assert_eq!(hits.len(), 1, "{matched}");
        hits[0].related.iter().map(|(text, place)| (text.clone(), place.node.0)).collect()
    };
    let way = [("then `A`", 101), ("then `B`", 102), ("… then `E`", 105), ("then `F`", 106)];
    let owned = |all: &[(&str, u32)]| all.iter().map(|(text, at)| ((*text).to_owned(), *at)).collect::<Vec<_>>();
    assert_eq!(
        texts(
            "  trigger: {}\n  reaches: { action: { verb: send }, endpoint: {} }\n---\nlabels: { action: 'to {endpoint.host}', trigger: from here }"
        ),
        owned(&[&[("from here", 1)][..], &way, &[("to example.com", 8), ("endpoint `host`", 9)]].concat())
    );
    assert_eq!(
        texts("  action: { verb: send }\n  reached-by: { trigger: {} }\n---\nlabels: { app: in this app }"),
        owned(&[&[("trigger `In`", 1)][..], &way, &[("in this app", 0)]].concat())
    );
}

#[test]
fn the_same_kind_elsewhere_has_a_longer_name() {
    let rule = rule(
        "  action: { verb: control }\n  reaches: { action: { verb: send } }\n  has: { action: { verb: execute } }\n---\n\
         when: reaches.action.verb == 'send' && action.verb == 'control' && has.action.language == 'python'\n\
         message: \"{action.name} {reaches.action.name} {has.action.name}\"\nlabels: { reaches.action: mail, action: here }",
    );
    let hits = sample().hits(&rule);
    assert_eq!(hits[0].message, "If Mail Code");
    assert_eq!(hits[0].related.iter().map(|related| related.0.as_str()).collect::<Vec<_>>(), ["here", "then `Code`", "mail"]);
}

#[test]
fn a_finding_points_to_its_fact_and_to_where_that_comes_from() {
    let mut sample = sample();
    let (at, _) = sample.model.elements.iter().enumerate().find(|(_, element)| element.name == "Code").expect("is there");
    let code = &mut sample.model.elements[at];
    code.set(Fact::ActionCodeFrom, vec![word("trigger")], place(77));
    for step in [0, 0, 2, 9] {
        code.come_from(Fact::ActionCodeFrom, StepId(step));
    }
    let rule = rule("  action: { code_from: trigger }\n---\nat: code_from");
    let hits = sample.hits(&rule);
    assert_eq!((hits[0].place, hits[0].fact), (place(77), Some(Fact::ActionCodeFrom)));
    assert_eq!(hits[0].related, [("`Open` brings it in".into(), place(100)), ("`If` brings it in".into(), place(102))]);
    assert_eq!(hits[0].identity, ["sample", "n8n", "app-1", "action", "Code", "code_from"]);
}

#[test]
fn two_findings_of_one_name_are_told_apart() {
    let sample = Sample::new().with(Kind::Action, "Same", &[]).with(Kind::Action, "Same", &[]);
    let hits = sample.hits(&rule("  action: {}"));
    assert_eq!(hits[0].identity.len() + 1, hits[1].identity.len());
    assert_eq!(hits[1].identity.last().map(String::as_str), Some("#2"));
}

#[test]
fn what_the_export_says_is_masked_cut_and_escaped_in_every_text() {
    let secret = "hunter2-hunter2";
    let sample = Sample::new().with(Kind::Trigger, "\x1b[2Jhunter2-hunter2", &[]).with(
        Kind::Action,
        "hunter2-hunter2",
        &[(Fact::ActionVerb, word("send")), (Fact::ActionRecipient, format!("{}{secret}", "x".repeat(75)).into())],
    );
    let sample = sample.edges(&[(0, 1)]);
    let rule = rule("  action: {}\n  reached-by: { trigger: {} }\n---\nmessage: '{trigger.name} {action.recipient} {action.operation}'");
    let hits = check(&Selected::new([rule]), &sample.model, &|text| Cow::Owned(text.replace(secret, "hun***")));
    assert_eq!(hits[0].message, format!("\\u{{1b}}[2Jhun*** {}hun**… not set", "x".repeat(75)));
    assert_eq!(hits[0].label, "action `hun***`");
    assert!(!format!("{:?}", hits[0].related).contains(secret));
}

#[test]
fn conditions_in_cel_see_the_elements_that_were_found() {
    let sample = sample();
    for (matched, names) in [
        ("  trigger: {}\n---\nwhen: size(trigger.methods) > 1", &["Open"][..]),
        ("  trigger: {}\n---\nwhen: trigger.methods.size() > 1 || true", &["Open", "Closed"]),
        ("  trigger: {}\n---\nwhen: '!has(trigger.methods)'", &["Closed"]),
        ("  trigger: {}\n---\nwhen: has(trigger.methods) && 'POST' in trigger.methods", &["Open"]),
        ("  trigger: {}\n---\nwhen: trigger.methods.exists(m, m.startsWith('P') && trigger.kind == 'http')", &["Open"]),
        ("  trigger: {}\n---\nwhen: trigger.methods.all(m, trigger.methods.exists(n, n == m))", &["Open"]),
        ("  trigger: {}\n---\nwhen: trigger.methods.filter(m, m.matches('^P')).map(m, m + '!') == ['POST!']", &["Open"]),
        ("  trigger: {}\n---\nwhen: trigger.name.matches('^C.o') && app.enabled", &["Closed"]),
        ("  trigger: {}\n---\nwhen: >\n  matches(trigger.name, '(?i)^OPEN$') ? true : false", &["Open"]),
        ("  trigger: {}\n---\nwhen: trigger.methods.map(trigger, trigger) == ['GET', 'POST']", &["Open"]),
        ("  trigger: {}\n---\nwhen: trigger.name", &[]),
        ("  trigger: {}\n---\nwhen: 1 / 0 == 1", &[]),
        ("  action: {}\n  connection: {}\n---\nwhen: connection.encrypted == false && connection.name.contains('login')", &["Mail"]),
        ("  trigger: {}\n  reaches: { action: { verb: execute } }\n---\nwhen: action.language in ['python', 'shell']", &["Open"]),
    ] {
        assert_eq!(sample.names(matched), names, "{matched}");
    }
}

#[test]
fn a_rule_with_numbers_compares_them() {
    let sample = Sample::new().with(Kind::Setting, "small", &[(Fact::SettingBytes, crate::model::Value::Number(10.0))]).with(
        Kind::Setting,
        "large",
        &[(Fact::SettingBytes, crate::model::Value::Number(2e6))],
    );
    assert_eq!(sample.names("  setting: { bytes: { min: 1000 } }"), ["large"]);
    assert_eq!(sample.names("  setting: { bytes: { max: 10, not: 11 } }"), ["small"]);
    assert_eq!(sample.names("  setting: {}\n---\nwhen: setting.bytes > 1000 && setting.bytes == 2000000"), ["large"]);
}

#[test]
fn an_export_of_many_steps_is_asked_in_linear_time() {
    let mut sample = Sample::new();
    let count = 20_000;
    for at in 0..count {
        let verb = if at == count - 1 { "send" } else { "read" };
        sample = sample.with(Kind::Action, "step", &[(Fact::ActionVerb, word(verb))]);
    }
    let edges: Vec<(u32, u32)> = (1..count).map(|at| (at - 1, at)).collect();
    let sample = sample.edges(&edges);
    let start = std::time::Instant::now();
    let matched = "  action: { verb: read }\n  has: { action: { verb: send } }\n  reached-by: { action: { verb: read } }\n  \
                   unless: { reaches: { action: { verb: write } } }\n  connection: {}";
    assert_eq!(sample.names(matched).len(), 0);
    assert_eq!(sample.names("  action: { verb: write }\n  reaches: { action: { verb: send } }").len(), 0);
    assert_eq!(sample.names("  action: { verb: read }\n  unless: { reaches: { action: { verb: send } } }").len(), 0);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

fn set(rules: &[(&str, &str)]) -> Result<RuleSet, RuleErrors> {
    let rules = rules.iter().map(|(id, body)| {
        let text = format!(
            "id: {id}\ntitle: T\nseverity: low\nconfidence: low\nprofile: {}\ntags: []\nwhy: W\nfix: F\n{body}",
            if id.starts_with("audit") { "audit" } else { "recommended" }
        );
        Rule::load(Source::from_text(format!("a/{id}.yaml"), text)).unwrap_or_else(|errors| panic!("{errors}"))
    });
    RuleSet::default().with(rules.collect())
}

const MATCH: &str = "match: { trigger: {} }\nmessage: m\nfalse-positives: none\nexamples:\n  bad: [{ platform: x, export: x }]\n  good: [{ platform: x, export: x }]\n";

#[test]
fn a_profile_includes_those_before_it() {
    let set = set(&[("audit-all", MATCH), ("open", MATCH), ("unreadable", "engine: unreadable-export\n")]).expect("valid");
    let ids = |profile, keep: &dyn Fn(&Rule) -> bool| -> Vec<String> {
        set.select(profile, keep).rules().iter().map(|rule| rule.id.to_string()).collect()
    };
    assert_eq!(ids(Profile::Recommended, &|_| true), ["open", "unreadable"]);
    assert_eq!(ids(Profile::Audit, &|rule| &*rule.id != "open"), ["audit-all", "unreadable"]);
    assert_eq!(set.engine("unreadable-export").map(|rule| &*rule.id), Some("unreadable"));
    assert!(set.engine("other").is_none());
}

#[test]
fn names_and_engines_are_given_once() {
    let built_in = set(&[("open", MATCH), ("unreadable", "engine: unreadable-export\n")]).expect("valid");
    let more = |id: &str, body: &str| {
        let own = set(&[(id, body)]).expect("valid").iter().next().map(|rule| rule.source().text().to_owned()).expect("one");
        let own = Rule::load(Source::from_text(format!("own/{id}.yaml"), own)).expect("valid");
        built_in.with(vec![own]).map(|set| set.len()).map_err(|errors| errors.to_string())
    };
    assert_eq!(more("mine", MATCH), Ok(3));
    let error = more("open", MATCH).expect_err("taken");
    assert!(error.starts_with("own/open.yaml:1:5: there is a rule `open` already, in a/open.yaml\n"), "{error}");
    let error = more("mine", "engine: unreadable-export\n").expect_err("taken");
    assert!(error.starts_with("own/mine.yaml:1:5: `unreadable` describes the findings of `unreadable-export` already\n"), "{error}");
}

#[test]
fn the_pages_say_what_a_rule_finds_in_words_of_the_vocabulary() {
    let rule = rule(
        "  trigger: { exposure: public, auth: [none, url-secret], name: { not: { glob: 'x*' } } }\n  reaches: { action: { verb: execute } }\n  \
         unless: { app: { enabled: false } }\n---\nlevels:\n  - if: { trigger: { kind: form } }\n    severity: low",
    );
    let page = page::explain(&rule);
    for part in [
        "- its `trigger.auth` is `none` or `url-secret`",
        "- a step behind it has an action whose `verb` is `execute`",
        "- and not all of this:\n  - its `app.enabled` is `false`",
        "It is of severity low when:",
        "`trigger.auth`: How a caller proves who it is.",
    ] {
        assert!(page.contains(part), "{part}\n\n{page}");
    }
    let vocabulary = page::vocabulary();
    assert!(Kind::ALL.iter().all(|kind| vocabulary.contains(kind.doc().trim().split(' ').next().unwrap_or_default())));
    assert!(Fact::ALL.iter().all(|fact| vocabulary.contains(&format!("{}.{} (", fact.kind().name(), fact.name()))));
    assert!(vocabulary.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn examples_come_out_in_one_of_these_ways() {
    use verify::{Verdict, verify};
    let text = "id: sample\ntitle: T\nseverity: low\nconfidence: low\nprofile: recommended\ntags: []\nwhy: W\nfix: F\n\
        match: { trigger: {} }\nmessage: found\nlevels: [{ if: { trigger: { name: b } }, severity: high }]\nfalse-positives: none\nexamples:\n  bad:\n    \
        - { platform: t, at: /0, export: '[\"a\"]' }\n    - { platform: t, export: '[\"a\", \"b\"]' }\n    \
        - { platform: t, at: [/0, /1], export: '[\"a\", \"b\"]' }\n    - { platform: t, at: /1, export: '[\"a\"]' }\n    \
        - { platform: t, at: /0, export: '[\"a\", \"b\"]' }\n    - { platform: t, export: '[]' }\n    \
        - { platform: t, severity: high, export: '[\"b\"]' }\n    - { platform: t, severity: high, export: '[\"a\"]' }\n    \
        - { platform: u, export: '[]' }\n  good:\n    - { platform: t, export: '[]' }\n    - { platform: t, export: '[\"a\"]' }\n";
    let rule = Arc::new(Rule::load(Source::from_text("test/sample.yaml", text)).unwrap_or_else(|errors| panic!("{errors}")));
    // Each item of the list is a trigger.
    let lower: &verify::Lower<'_> = &|platform, files, _, run| {
        if platform != "t" {
            return Err(format!("no platform `{platform}`"));
        }
        let tree = crate::tree::json::parse(&files[0].1).map_err(|error| error.message)?;
        let mut model = Model::new("t");
        let app = model.add_app("".into(), "".into(), Place::of(tree.root()));
        for item in tree.root().items() {
            let name = item.as_str().unwrap_or_default();
            model.add(Element::new(Kind::Trigger, app, name.clone(), name, Place::of(item)));
        }
        run(&model, &|place| tree.node(place.node).pointer());
        Ok(())
    };
    let outcomes = verify([&rule], lower);
    let told: Vec<String> = outcomes.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "test/sample.yaml:15:7: bad example 1 of sample: reported",
            "test/sample.yaml:16:7: bad example 2 of sample: reported",
            "test/sample.yaml:17:7: bad example 3 of sample: reported",
            "test/sample.yaml:18:7: bad example 4 of sample: missing: no finding at `/1`, but at `/0`",
            "test/sample.yaml:19:7: bad example 5 of sample: noisy: a finding at `/1`: found",
            "test/sample.yaml:20:7: bad example 6 of sample: missing: no finding",
            "test/sample.yaml:21:7: bad example 7 of sample: reported",
            "test/sample.yaml:22:7: bad example 8 of sample: misjudged: the severity is low, not high",
            "test/sample.yaml:23:7: bad example 9 of sample: unreadable: no platform `u`",
            "test/sample.yaml:25:7: good example 1 of sample: validated",
            "test/sample.yaml:26:7: good example 2 of sample: noisy: a finding at `/0`: found",
        ]
    );
    assert!(
        outcomes
            .iter()
            .filter(|outcome| outcome.verdict.is_as_expected())
            .all(|outcome| matches!(outcome.verdict, Verdict::Reported | Verdict::Validated))
    );
}

proptest! {
    /// The parser of expressions is a dependency with panics in it: none may be reached from a rule file.
    #[test]
    fn no_expression_panics(text in "(trigger|app|m|\\.|name|methods|\\(|\\)|\\[|\\]|\\{|\\}|'a'|\"|\\?|:|,|==|&&|\\|\\||!|-|\\+|1u?|0x|1e9|exists|all|has|map|matches|in| |b'|r'|`|\\PC){0,40}") {
        let mut scope = scope::Scope::new(Kind::Trigger);
        scope.add(scope::Role::Reaches, Kind::Action);
        if let Ok(when) = When::compile(&text, &scope) {
            when.holds(&sample().model, &[Some(crate::model::ElementId(1)), None, None]);
        }
    }
}
