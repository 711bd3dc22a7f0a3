//! What somebody does who wants to get something past the gate, and what a damaged or malicious export may do to a run.

use flowgate::lint::{Input, Options, lint};
use flowgate::report::{self, FORMATS, Report};
use flowgate::rule::{Profile, RuleSet};

/// Made up; only its shape is real.
const TOKEN: &str = "ghp_Zq8vT3xWm2Lk9Rb5Yd7Nc1Hf6Jg4Ps0AuEiO";
/// Of a flow in a solution.
const NAME: &str = "Workflows/Run-0F8FAD5B-D9CB-469F-A165-70867728950E.json";

fn judge(files: &[(&str, &[u8])]) -> Report {
    let rules = RuleSet::builtin().unwrap_or_else(|errors| panic!("{errors}")).select(Profile::Strict, |_| true);
    let options = Options::new(&rules);
    let inputs: Vec<Input> = files.iter().map(|(name, bytes)| Input::Bytes { name: (*name).into(), bytes: bytes.to_vec() }).collect();
    lint(&inputs, &options).expect("nothing is missing")
}

fn rules(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| &*finding.rule).collect()
}

fn printed(report: &Report) -> String {
    let mut out = Vec::new();
    for format in FORMATS {
        (format.write)(report, &report::Options { verbose: true, ..report::Options::default() }, &mut out).expect("memory");
    }
    String::from_utf8(out).expect("text")
}

/// A cloud flow with that trigger, those actions, and what else lies beside the definition.
fn flow(trigger: &str, actions: &str, beside: &str) -> String {
    format!(
        r#"{{"properties": {{"connectionReferences": {{}}, "definition": {{"contentVersion": "1.0.0.0", "triggers": {{"manual": {trigger}}},
            "actions": {{{actions}}}}}{beside}}}, "schemaVersion": "1.0.0.0"}}"#
    )
}

const TIMER: &str = r#"{"type": "Recurrence", "recurrence": {"frequency": "Day", "interval": 1}}"#;

#[test]
fn an_open_door_is_found_however_it_is_written() {
    for trigger in [
        r#"{"type": "Request", "kind": "Http", "inputs": {"triggerAuthenticationType": "All"}}"#,
        r#"{"type": "REQUEST", "kind": "http", "inputs": {"triggerAuthenticationType": "ALL"}}"#,
        r#"{"type": "Request ", "kind": " Http", "inputs": {"triggerAuthenticationType": "All "}}"#,
        r#"{"Type": "Request", "Kind": "Http", "Inputs": {"TriggerAuthenticationType": "All"}}"#,
        r#"{"kind": "Button", "kind": "Http", "type": "Request", "inputs": {"triggerAuthenticationType": "All"}}"#,
        r#"{"t\u0079pe": "\u0052equest", "kind": "Htt\u0070", "inputs": {"trigger\u0041uthenticationType": "\u0041ll"}}"#,
    ] {
        let text = flow(trigger, "", "");
        let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for bytes in [text.as_bytes(), format!("\u{feff}{text}").as_bytes(), &wide, text.replace("\"triggers\"", "\"Triggers\"").as_bytes()]
        {
            for name in [NAME, "Workflows/run.json", "run.txt", "run"] {
                let report = judge(&[(name, bytes)]);
                assert!(rules(&report).contains(&"open-entry-point"), "{name} {trigger}: {:?}", report.coverage);
            }
        }
    }
}

#[test]
fn a_secret_is_found_wherever_it_stands_in_a_flow() {
    let (one, two) = TOKEN.split_at(20);
    let escaped = TOKEN.replace('g', "\\u0067").replace('_', "\\u005f");
    let http =
        |inputs: &str| format!(r#""Call": {{"type": "Http", "inputs": {{"method": "GET", "uri": "https://api.contoso.com", {inputs}}}}}"#);
    let header = |value: &str| flow(TIMER, &http(&format!(r#""headers": {{"Authorization": "{value}"}}"#)), "");
    let exports = [
        header(&format!("@concat('Bearer {one}', '{two}')")),
        header(&format!("Bearer @{{'{one}'}}@{{'{two}'}}")),
        header(&format!("@{{'Bearer {TOKEN}'}}")),
        header("Basic @{base64('svc-orders:Tr0ub4dor&3xyz')}"),
        header("@concat('Basic ', base64('svc-orders:Tr0ub4dor&3xyz'))"),
        flow(TIMER, &http(r#""Authentication": {"Type": "Basic", "Username": "svc", "Password": "Tr0ub4dor&3xyz"}"#), ""),
        flow(TIMER, &http(&format!(r#""Headers": {{"authorization": "Bearer {TOKEN}"}}"#)).replace("\"inputs\"", "\"Inputs\""), ""),
        flow(TIMER, &format!(r#""Call {TOKEN}": {{"type": "Compose", "inputs": "x"}}"#), ""),
        flow(TIMER, &format!(r#""Note": {{"type": "Compose", "inputs": "x", "metadata": {{"note": "{TOKEN}"}}}}"#), ""),
        flow(TIMER, &format!(r#""Say": {{"type": "Compose", "inputs": {{"x": "{escaped}"}}}}"#), ""),
        flow(
            TIMER,
            &format!(
                r#""S": {{"type": "Switch", "expression": "@triggerBody()", "cases": {{"C": {{"case": "{TOKEN}", "actions": {{}}}}}}}}"#
            ),
            "",
        ),
        flow(TIMER, r#""Set": {"type": "SetVariable", "inputs": {"name": "password", "value": "@concat('Tr0ub4dor', '&3xyz')"}}"#, ""),
        flow(TIMER, "", &format!(r#", "displayName": "Orders {TOKEN}""#)),
        flow(TIMER, "", &format!(r#", "summary": "{TOKEN}""#)),
    ];
    for export in &exports {
        let report = judge(&[(NAME, export.as_bytes())]);
        let found = rules(&report).into_iter().filter(|rule| matches!(*rule, "literal-secret" | "secret-in-plain-variable")).count();
        assert_eq!(found, 1, "{export}: {:?}", rules(&report));
        let text = printed(&report);
        assert!(!text.contains(&TOKEN[4..14]) && !text.contains(&TOKEN[24..34]) && !text.contains("Tr0ub4dor&3"), "{export}: {text}");
    }
}

#[test]
fn what_is_built_of_data_is_no_secret() {
    for actions in [
        r#""Call": {"type": "Http", "inputs": {"method": "GET", "uri": "https://api.contoso.com", "headers": {"Authorization": "Bearer @{body('Get_token')?['access_token']}", "X-Date": "@{formatDateTime(utcNow(), 'yyyy-MM-dd')}"}}}"#,
        r#""Set": {"type": "SetVariable", "inputs": {"name": "password", "value": "@concat(variables('a'), variables('b'))"}}"#,
    ] {
        let report = judge(&[(NAME, flow(TIMER, actions, "").as_bytes())]);
        assert!(
            !rules(&report).iter().any(|rule| matches!(*rule, "literal-secret" | "secret-in-plain-variable")),
            "{actions}: {:?}",
            rules(&report)
        );
    }
}

#[test]
fn levels_of_privileges_count_in_any_case() {
    let role = |level: &str| {
        format!(
            r#"<Role id="{{0f8fad5b-d9cb-469f-a165-70867728950e}}" name="Orders User"><RolePrivileges>
            <RolePrivilege name="prvAssignRole" level="{level}"/></RolePrivileges></Role>"#
        )
    };
    let found = |level: &str| judge(&[("Roles/Orders User.xml", role(level).as_bytes())]).findings.len();
    assert!(found("Global") > 0);
    assert!(found("GLOBAL") >= found("Global") && found(" global ") >= found("Global"));
}

#[test]
fn what_cannot_be_read_is_told_without_the_secrets_in_it() {
    let long = format!("When_a_request_is_received {TOKEN} {}", "x".repeat(40));
    let broken = flow(TIMER, "", "").replace("\"manual\": {", &format!("\"{long}\": 1, \"manual\": {{"));
    let torn = format!("<ImportExportXml><a.{TOKEN}></ImportExportXml>");
    for (name, text) in [(NAME, &broken), ("customizations.xml", &torn)] {
        let report = judge(&[(name, text.as_bytes())]);
        assert!(!report.findings.is_empty() || !report.coverage.unreadable.is_empty(), "{text}");
        let text = printed(&report);
        assert!((0..34).all(|at| !text.contains(&TOKEN[at..at + 6]) || at == 0), "{text}");
    }
}

#[test]
fn a_packed_app_that_is_none_is_never_clean() {
    let pointer: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 3\n";
    for bytes in [&b"no archive"[..], b"PK\x03\x04", b"", pointer] {
        let report = judge(&[("CanvasApps/orders.msapp", bytes), (NAME, flow(TIMER, "", "").as_bytes())]);
        assert_eq!(report.coverage.unreadable.len(), 1, "{:?}", report.coverage);
    }
}

#[test]
fn circles_and_crowds_end() {
    let crowd = |nth: &dyn Fn(usize) -> String| (0..3000).map(nth).collect::<Vec<_>>().join(",");
    let step = |nth: usize, after: usize| {
        format!(
            r#""A{nth}": {{"type": "Http", "runAfter": {{"A{after}": ["Failed"]}}, "inputs": {{"method": "GET", "uri": "https://a.contoso.com/@{{body('A{after}')}}"}}}}"#
        )
    };
    let mut nested = "\"x\": 1".to_owned();
    for nth in 0..100 {
        nested = format!(r#""S{nth}": {{"type": "Scope", "actions": {{{nested}}}}}"#);
    }
    let variable = |nth: usize| {
        format!(r#""V{nth}": {{"type": "SetVariable", "inputs": {{"name": "v{nth}", "value": "@variables('v{}')"}}}}"#, (nth + 1) % 3000)
    };
    for actions in [crowd(&|nth| step(nth, (nth + 1) % 3000)), crowd(&|nth| step(nth, nth)), crowd(&variable), nested] {
        let report = judge(&[(NAME, flow(TIMER, &actions, "").as_bytes())]);
        assert_eq!((report.apps, report.coverage.unreadable), (1, Vec::new()));
    }
    let template = format!(
        r#"{{"$schema": "https://schema.management.azure.com/schemas/2015-01-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0",
            "variables": {{{}}}, "resources": [{{"type": "Microsoft.Logic/workflows", "name": "[variables('v0')]",
            "properties": {{"definition": {{"triggers": {{}}, "actions": {{}}}}}}}}]}}"#,
        crowd(&|nth| format!(r#""v{nth}": "[concat(variables('v{}'), variables('v{}'))]""#, (nth + 1) % 3000, nth * 7 % 3000))
    );
    let report = judge(&[("template.json", template.as_bytes())]);
    assert_eq!(report.coverage.unreadable, []);
    assert!(report.apps > 0);
}

/// An update set with one change, whose record is packed as `payload`.
fn update_set(payload: &str) -> String {
    format!(
        "<unload unload_date=\"2026-03-02 08:15:00\"><sys_remote_update_set><name>Desk</name></sys_remote_update_set>\n\
         <sys_update_xml action=\"INSERT_OR_UPDATE\"><payload>{payload}</payload></sys_update_xml></unload>"
    )
}

#[test]
fn a_change_says_the_same_however_it_is_packed() {
    let record = "<?xml version=\"1.0\"?><record_update table=\"sys_ws_operation\"><sys_ws_operation action=\"INSERT_OR_UPDATE\">\
                  <name>run</name><operation_script><![CDATA[eval(request.body.data); // a && b]]></operation_script>\
                  <requires_authentication>false</requires_authentication></sys_ws_operation></record_update>";
    let cdata = |text: &str| format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"));
    let escaped = record.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let numbers = record.chars().map(|sign| format!("&#{};", u32::from(sign))).collect::<Vec<_>>().concat();
    let pieces = cdata(record).replace("fal", "fal]]><![CDATA[");
    for payload in [cdata(record), escaped.clone(), escaped.replace("false", "<![CDATA[fal]]>se"), numbers, pieces] {
        let text = update_set(&payload);
        let report = judge(&[("set.xml", text.as_bytes())]);
        let found = rules(&report);
        assert!(["open-entry-point", "command-injection"].iter().all(|rule| found.contains(rule)), "{payload}: {:?}", report.coverage);
        for finding in &report.findings {
            let end = finding.location.end.offset;
            assert!(finding.location.inner.is_empty() && end <= text.len() as u64, "{payload}");
        }
    }
}

#[test]
fn an_update_set_that_nobody_can_read_is_never_clean() {
    let deep = format!("<![CDATA[<record_update>{}{}</record_update>]]>", "<a>".repeat(2000), "</a>".repeat(2000));
    let wrong = ["", "none", "<![CDATA[<record_update>]]>", "&lt;a&gt;", "<![CDATA[<record_update/></payload><payload>]]>", "<b/>", &deep];
    for payload in wrong {
        let report = judge(&[("set.xml", update_set(payload).as_bytes())]);
        assert_eq!(report.coverage.unreadable.len(), 1, "{payload}");
    }
    let empty = "<unload unload_date=\"2026-03-02 08:15:00\"><sys_remote_update_set><name>Desk</name></sys_remote_update_set></unload>";
    assert_eq!(judge(&[("set.xml", empty.as_bytes())]).coverage.unreadable.len(), 1);
}
