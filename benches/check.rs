//! How long a check takes, beside the floor: the same files read and parsed by the same number of threads, and nothing else: JSON as
//! `serde_json::Value`, XML by roxmltree, YAML to the events of its parser.
//!
//! Every group runs over a generated corpus and, where they are there, over the shared ones; compare within one run only. Archives are
//! left out: the floor has none.

use divan::Bencher;
use divan::counter::BytesCount;
use flowgate::lint::{Input, Options, lint};
use flowgate::model::Model;
use flowgate::model::secret::tokens;
use flowgate::platform::{Export, File, PLATFORMS};
use flowgate::rule::{Profile, RuleSet, Selected, check};
use flowgate::tree::{Tree, json};
use rayon::prelude::*;
use std::borrow::Cow;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::LazyLock;

fn main() {
    divan::main();
}

/// Files to measure on.
struct Corpus {
    name: &'static str,
    folder: PathBuf,
    texts: Vec<String>,
}

impl Corpus {
    fn read(name: &'static str, folder: PathBuf) -> Self {
        let files = walkdir::WalkDir::new(&folder)
            .sort_by_file_name()
            .into_iter()
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_file());
        let texts =
            files.filter_map(|entry| std::fs::read_to_string(entry.path()).ok()).map(|text| text.trim_start_matches('\u{feff}').to_owned());
        Self { name, texts: texts.collect(), folder }
    }

    fn bytes(&self) -> BytesCount {
        BytesCount::new(self.texts.iter().map(String::len).sum::<usize>())
    }
}

impl std::fmt::Debug for Corpus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} files)", self.name, self.texts.len())
    }
}

static CORPORA: LazyLock<Vec<Corpus>> = LazyLock::new(|| {
    let generated = std::env::temp_dir().join("flowgate-bench");
    generate(&generated);
    let mut corpora = vec![Corpus::read("generated", generated)];
    for name in ["n8n", "power-platform", "logic-apps", "salesforce"] {
        let shared = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus").join(name);
        if shared.is_dir() {
            corpora.push(Corpus::read(name, shared));
        }
    }
    corpora
});

/// Corpora of n8n, whose files are read one by one in the groups of parts.
fn workflows() -> impl Iterator<Item = &'static Corpus> {
    CORPORA.iter().filter(|corpus| matches!(corpus.name, "generated" | "n8n"))
}

/// What the check is told to leave out, and the floor leaves out too.
fn is_archive(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|extension| extension == "zip" || extension == "msapp")
}

/// Whether the bytes are a document of the syntax that the name says; anything else is no document.
fn parses(path: &std::path::Path) -> bool {
    let syntax = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    match &*syntax {
        "json" | "txt" => serde_json::from_slice::<serde_json::Value>(&std::fs::read(path).expect("a file")).is_ok(),
        "xml" | "xaml" => {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            roxmltree::Document::parse(text.trim_start_matches('\u{feff}')).is_ok()
        }
        "yaml" | "yml" => {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            granit_parser::Parser::new_from_str(&text).all(|event| event.is_ok())
        }
        "" if path.file_name().is_some_and(|name| name == "data") => {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            granit_parser::Parser::new_from_str(&text).all(|event| event.is_ok())
        }
        // Salesforce names a file by what it holds: `.permissionset`, `.flow`.
        _ => {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let text = text.trim_start_matches('\u{feff}');
            text.starts_with('<') && roxmltree::Document::parse(text).is_ok()
        }
    }
}

/// Writes workflows of the usual sizes: about fifteen steps, expressions, code, notes, captured data. The same on every machine.
fn generate(folder: &std::path::Path) {
    std::fs::create_dir_all(folder).expect("a folder for generated files");
    for number in 0..400usize {
        let steps = 6 + number * 7 % 24;
        let mut nodes = String::new();
        let mut connections = String::new();
        for step in 0..steps {
            let (kind, parameters) = match step % 6 {
                0 if step == 0 => ("webhook", r#"{"httpMethod": "POST", "path": "intake", "responseMode": "responseNode", "options": {}}"#.to_owned()),
                1 => ("set", r#"{"assignments": {"assignments": [{"id": "a", "name": "customer", "type": "string", "value": "={{ $json.body.customer }}"}]}, "options": {}}"#.to_owned()),
                2 => ("httpRequest", format!(r#"{{"method": "POST", "url": "=https://api{number}.contoso.example/v1/{{{{ $json.id }}}}", "sendHeaders": true, "headerParameters": {{"parameters": [{{"name": "Accept", "value": "application/json"}}]}}, "options": {{}}}}"#)),
                3 => ("code", format!(r#"{{"jsCode": "{}return $input.all().map(item => ({{json: {{id: item.json.id}}}}));"}}"#, "const total = items.reduce((sum, item) => sum + item.json.amount, 0);\\n".repeat(1 + number % 20))),
                4 => ("stickyNote", format!(r#"{{"content": "{}", "height": 300, "width": 500}}"#, "## What this part does\\nIt takes the order and asks the shop for its state. ".repeat(4))),
                _ => ("if", r#"{"conditions": {"options": {"version": 2}, "combinator": "and", "conditions": [{"leftValue": "={{ $json.status }}", "rightValue": "open", "operator": {"type": "string", "operation": "equals"}}]}}"#.to_owned()),
            };
            let comma = if step + 1 == steps { "" } else { "," };
            let _ = write!(
                nodes,
                "    {{\n      \"parameters\": {parameters},\n      \"id\": \"{number:08x}-0000-4000-8000-{step:012x}\",\n      \"name\": \"Step {step}\",\n      \"type\": \"n8n-nodes-base.{kind}\",\n      \"typeVersion\": 2,\n      \"position\": [{}, 300]\n    }}{comma}\n",
                step * 200
            );
            let _ = writeln!(
                connections,
                "    \"Step {step}\": {{\"main\": [[{{\"node\": \"Step {}\", \"type\": \"main\", \"index\": 0}}]]}}{comma}",
                step + 1
            );
        }
        let text = format!(
            "{{\n  \"name\": \"Flow {number}\",\n  \"nodes\": [\n{nodes}  ],\n  \"connections\": {{\n{connections}  }},\n  \"active\": true,\n  \"settings\": {{}},\n  \"pinData\": {{}}\n}}\n"
        );
        std::fs::write(folder.join(format!("flow-{number:04}.json")), text).expect("a generated file");
    }
}

fn rules() -> Selected {
    RuleSet::builtin().expect("the rules load").select(Profile::Recommended, |_| true)
}

/// The floor: walk, read and parse, nothing else.
#[divan::bench(args = CORPORA.iter())]
fn floor(bencher: Bencher<'_, '_>, corpus: &Corpus) {
    bencher.counter(corpus.bytes()).bench(|| {
        let entries = walkdir::WalkDir::new(&corpus.folder).into_iter().filter_map(Result::ok);
        let files = entries.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path);
        let files: Vec<PathBuf> = files.filter(|path| !is_archive(path)).collect();
        files.par_iter().filter(|path| parses(path)).count()
    });
}

/// The whole check: walk, read, parse, schema, lower, link, all recommended rules.
#[divan::bench(args = CORPORA.iter())]
fn whole_check(bencher: Bencher<'_, '_>, corpus: &Corpus) {
    let rules = rules();
    let mut archives = globset::GlobSetBuilder::new();
    for glob in ["**/*.zip", "**/*.msapp"] {
        archives.add(globset::Glob::new(glob).expect("a glob"));
    }
    let archives = archives.build().expect("two globs");
    let options = Options { exclude: Some(&archives), ..Options::new(&rules) };
    let inputs = [Input::Path(corpus.folder.clone())];
    bencher.counter(corpus.bytes()).bench(|| lint(&inputs, &options).expect("the corpus is there").findings.len());
}

/// Text to tree.
#[divan::bench(args = workflows())]
fn tree(bencher: Bencher<'_, '_>, corpus: &Corpus) {
    bencher
        .counter(corpus.bytes())
        .bench(|| corpus.texts.par_iter().filter_map(|text| json::parse(text).ok()).map(|tree| tree.len()).sum::<usize>());
}

/// Hands the linked model of an n8n export to `ask`.
fn with_model(tree: &Tree<'_>, ask: &mut dyn FnMut(&Model<'_>) -> usize) -> usize {
    let platform = PLATFORMS[0];
    let tokens = tokens(tree.text());
    let file = File { path: "export.json", tree, tokens: &tokens };
    let export = Export { name: "export.json", files: vec![file], documents: platform.recognise(&file), ..Export::default() };
    let mut model = platform.lower(&export);
    model.link();
    ask(&model)
}

/// Tree to linked model.
#[divan::bench(args = workflows())]
fn lowering(bencher: Bencher<'_, '_>, corpus: &Corpus) {
    let trees: Vec<_> = corpus.texts.iter().filter_map(|text| json::parse(text).ok()).collect();
    bencher
        .counter(corpus.bytes())
        .bench(|| trees.par_iter().map(|tree| with_model(tree, &mut |model| model.elements.len())).sum::<usize>());
}

/// Tree to linked model to findings: what it takes beyond `lowering` is what the rules take.
#[divan::bench(args = workflows())]
fn asking_rules(bencher: Bencher<'_, '_>, corpus: &Corpus) {
    let rules = rules();
    let trees: Vec<_> = corpus.texts.iter().filter_map(|text| json::parse(text).ok()).collect();
    let ask = |model: &Model<'_>| check(&rules, model, &|text| Cow::Borrowed(text)).len();
    bencher.counter(corpus.bytes()).bench(|| trees.par_iter().map(|tree| with_model(tree, &mut |model| ask(model))).sum::<usize>());
}
