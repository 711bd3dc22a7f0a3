//! An estate in which every text ends with the same one, which may try to be something else.

use flowgate::finding::Severity;
use flowgate::model::inventory::Record;
use flowgate::model::vocabulary::Tier;
use flowgate::report::estate::{Approval, Estate, Floor, Gate, Governance, Moment, Stake, Term, Waiver};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// An estate with all that one may have. `file` is that of a finding.
pub(crate) fn estate(file: &str, text: &str) -> Estate {
    let says = |word: &str| format!("{word}{text}");
    let term = |factor, word: &str, weight, times| Term {
        factor,
        word: says(word),
        weight,
        times,
        points: weight * times,
        origin: says("`Webhook`, flows/intake.json:8"),
    };
    let stake = Stake {
        name: says("Intake"),
        file: says("flows/flowgate.app.yaml"),
        governed: true,
        tier: Tier::High,
        inherent: 31,
        because: says("anyone can make it change something"),
        terms: vec![term("class", "internal", 1, 3), term("entry", "public", 5, 2)],
        floors: vec![Floor { tier: Tier::High, reason: "anyone can make it change, send or run something", origin: says("`Run`") }],
    };
    let other = Stake {
        name: says("Sync"),
        file: says("flows/sync.json"),
        governed: false,
        tier: Tier::Low,
        inherent: 4,
        floors: Vec::new(),
        ..stake.clone()
    };
    Estate {
        stakes: vec![stake, other],
        of_file: BTreeMap::from([(file.to_owned(), 0)]),
        records: vec![record(text)],
        governance: Some(governance(text)),
        trend: vec![moment("2026-10-01T08:00:00Z", "BLOCKED", 7, text), moment("2026-11-01T08:00:00Z", "PASSED", 3, text)],
    }
}

fn governance(text: &str) -> Governance {
    let says = |word: &str| format!("{word}{text}");
    let waiver = Waiver {
        id: says("WV-0042"),
        file: says(".flowgate/waivers/wv-0042.yaml"),
        category: "risk-accepted",
        reason: says("legacy scanner"),
        expires: says("2026-12-12"),
        days: Some(9),
        approved_by: Some(says("ciso@contoso.example")),
        findings: 1,
        holds: true,
        problems: vec![says("expiring soon")],
    };
    let ended = Waiver { id: says("WV-0007"), days: Some(-3), approved_by: None, holds: false, ..waiver.clone() };
    Governance {
        policy: Some(says(".flowgate/policy.yaml")),
        base: Some((says("main"), says("0123456789abcdef0123"))),
        head: Some(says("fedcba9876543210fedc")),
        environment: Some(says("prod")),
        actor: Some(says("olga")),
        authors: vec![says("max@contoso.example")],
        gates: vec![Gate {
            tier: Tier::High,
            block: BTreeSet::from([Severity::Critical, Severity::High, Severity::Medium]),
            signoffs: BTreeMap::from([(says("prod"), vec![says("security")])]),
            assurance: "forge-review",
            artifacts: vec!["threat_model"],
        }],
        waivers: vec![ended, waiver],
        approvals: vec![Approval { function: says("security"), by: says("ciso"), assurance: says("forge-review") }],
        files: vec![(says(".flowgate/policy.yaml"), true), (says("flows/flowgate.app.yaml"), false)],
        growth: BTreeMap::from([("connectors", 2)]),
    }
}

fn moment(time: &str, verdict: &str, high: usize, text: &str) -> Moment {
    Moment {
        time: format!("{time}{text}"),
        commit: Some(format!("{text}0123456789")),
        verdict: format!("{verdict}{text}"),
        severities: BTreeMap::from([(Severity::High, high), (Severity::Low, 2)]),
        blocking: high,
        waived: 1,
    }
}

/// An app with an item of each kind that the page lists.
fn record(text: &str) -> Record {
    let says = |word: &str| format!("{word}{text}");
    let item = |kind: &str, name: &str, facts: serde_json::Value| json!({ "kind": kind, "id": says(name), "name": says(name), "facts": facts, "location": null });
    let app = |name: &str| {
        json!({
            "id": says(name), "name": says(name), "kind": "flow", "enabled": true, "digest": "sha256:00",
            "items": [
                item("entry-point", "Webhook", json!({ "kind": ["http"], "exposure": ["public"], "auth": ["none"], "methods": [says("POST")] })),
                item("connector", "n8n-nodes-base.postgres", json!({ "verb": ["read", "write"], "operation": [says("insert")] })),
                item("endpoint", "erp.contoso.example", json!({ "host": [says("erp.contoso.example")], "verb": ["write"], "network": ["public"] })),
                item("recipient", "orders@contoso.example", json!({ "domain": [says("organisation")] })),
                item("identity", "postgres", json!({ "type": [says("postgres")], "identity": ["shared"] })),
                item("data-source", "orders", json!({ "connector": [says("n8n-nodes-base.postgres")], "verb": ["write"] })),
                item("data-flow", "http>orders", json!({ "from": [says("http")], "from_kind": ["entry"], "to": [says("orders")], "to_kind": ["data"], "verb": ["write"] })),
                item("agent", "Helper", json!({ "tools": [says("search")] })),
                item("grant", "Everyone", json!({ "principal": [says("everyone")], "power": ["admin"] })),
                item("component", "lodash", json!({ "kind": ["package"] })),
                item("setting", "telemetry", json!({ "value": [says("on")] })),
            ]
        })
    };
    let record =
        json!({ "platform": "n8n", "file": says("flows/intake.json"), "digest": "sha256:00", "apps": [app("Intake"), app("Sync")] });
    serde_json::from_value(record).expect("a record")
}
