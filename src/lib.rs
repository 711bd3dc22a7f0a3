//! Flowgate judges what no-code platforms export, without a network and without running any of it.
//!
//! # The way of one file
//!
//! ```text
//! path ──discover──▶ Source ──tree::{json, yaml, xml}──▶ Node, with a byte span on every value ──schema──▶ findings about shape
//!                                                          └─platform──▶ Model: elements with facts, each with its place
//! Model ──link──▶ who reaches what, where values come from ──policy, govern──▶ what is approved, by whom, for what
//!       ──rule──▶ findings ──settle──▶ Report ──report──▶ text, JSON
//! ```
//!
//! [`lint::lint`] is that story; every step lives in the module of its name. Files are judged in parallel and dropped when their
//! findings are made. [`gate::run`] is the story around it: what controls a run, the version before, and which findings block. A problem in
//! the input is a finding or an unreadable file; only wrong use is an error.
//!
//! # Layers
//!
//! `source < finding < tree < model < {platform, schema, rule, report, policy} < {discover, archive, base, govern, evidence} < lint < gate
//! < cli`: a module uses only what stands before it, and those in braces never use each other. So a rule cannot know a platform, a platform cannot know a rule, and
//! a format knows neither. `tests/layers.rs` holds that.
//!
//! # What to add where
//!
//! * A rule is one YAML file below `rules/`, with its examples.
//! * A platform is one folder in [`platform`], its schemas, its fixtures and one entry in [`platform::PLATFORMS`].
//! * A format is one file in [`report`] and one entry in [`report::FORMATS`].
//! * A fact that rules can speak of is one line in [`model::vocabulary`].
//!
//! # From a program
//!
//! ```
//! use flowgate::finding::Severity;
//! use flowgate::lint::{Input, Options, lint};
//! use flowgate::report::{Gate, Verdict};
//! use flowgate::rule::{Profile, RuleSet};
//!
//! let export = br#"{
//!     "name": "Intake",
//!     "nodes": [{ "name": "Orders", "type": "n8n-nodes-base.httpRequest", "parameters": { "url": "http://api.contoso.com/orders" } }],
//!     "connections": {}
//! }"#;
//! let rules = RuleSet::builtin()?.select(Profile::Recommended, |_| true);
//! let gate = Gate { fail_on: Severity::Critical, ..Gate::default() };
//! let options = Options { gate, ..Options::new(&rules) };
//! let report = lint(&[Input::Bytes { name: "intake.json".into(), bytes: export.to_vec() }], &options)?;
//! assert_eq!(&*report.findings[0].rule, "cleartext-endpoint");
//! assert_eq!(report.findings[0].location.pointer, "/nodes/0/parameters/url");
//! assert_eq!(report.verdict(), Verdict::Pass);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod archive;
pub mod base;
pub mod cli;
pub mod discover;
pub mod evidence;
pub mod finding;
pub mod gate;
pub mod govern;
pub mod lint;
pub mod model;
pub mod platform;
pub mod policy;
pub mod report;
pub mod rule;
pub mod schema;
pub mod source;
pub mod tree;
