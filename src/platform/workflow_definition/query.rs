//! Queries and code that a part runs.

use super::Context;
use super::connection::Used;
use super::part::Part;
use super::{expression, values};
use crate::model::vocabulary::{Language, Origin, Verb};
use crate::model::{ElementId, Fact, Place};
use crate::platform::lower_case;
use crate::tree::{Node, ValueKind};

/// The language of the text under a name, behind its last `/` and in lower case.
fn language(key: &str, connector: &str) -> Option<Language> {
    let store = connector.strip_prefix("shared_").unwrap_or(connector);
    let relational = matches!(
        store,
        "sql" | "azuresql" | "postgresql" | "mysql" | "oracle" | "teradata" | "db2" | "informix" | "snowflake" | "sqldw" | "databricks"
    );
    Some(match key {
        "query" | "sqlquery" | "commandtext" | "statement" if relational => Language::Sql,
        "$filter" | "fetchxml" | "filterexpression" => Language::Filter,
        "query" | "csl" | "querytext"
            if matches!(store, "kusto" | "azuremonitorlogs" | "azureloganalytics" | "documentdb" | "azurecosmosdb" | "bigquery") =>
        {
            Language::Query
        }
        "query" | "soql" if store == "salesforce" => Language::Query,
        _ => return None,
    })
}

/// States the query of a step of a connector, and what feeds it.
pub(super) fn lower<'t>(context: &mut Context<'_, 't>, part: &Part<'t>, used: &Used<'t>, element: ElementId) {
    let holders = ["parameters", "body", "queries"].into_iter().filter_map(|name| part.input(&[name]));
    for node in holders.flat_map(Node::descend).filter(|node| node.kind() == ValueKind::String) {
        let key = node.key().unwrap_or_default();
        // `{query: "..."}` as the whole body of a native query.
        let Some(language) = language(&lower_case(key.rsplit('/').next().unwrap_or(&key)), &used.key) else { continue };
        context.model.element_mut(element).set(Fact::ActionLanguage, language, Place::of(node));
        values::sink(context, element, part.at, Fact::ActionQueryFrom, &[node]);
        return;
    }
}

/// What a native query does, by its first words; `None` where an expression makes it up.
pub(super) fn verb(part: &Part<'_>) -> Option<Verb> {
    let holders = ["parameters", "body"].into_iter().filter_map(|name| part.input(&[name]));
    let query = holders.flat_map(Node::descend).find(|node| {
        let key = node.key().unwrap_or_default();
        matches!(&*key.rsplit('/').next().unwrap_or(&key).to_ascii_lowercase(), "query" | "commandtext" | "statement")
    })?;
    let text = query.as_str().filter(|text| !expression::is_expression(text))?;
    let first = text.split_whitespace().next()?.to_ascii_lowercase();
    Some(match first.trim_start_matches('(') {
        "select" | "with" => Verb::Read,
        "insert" | "update" | "merge" => Verb::Write,
        "delete" | "truncate" | "drop" => Verb::Delete,
        _ => Verb::Execute,
    })
}

/// Code that a part runs in the platform, and whether its text is put together from elsewhere.
pub(super) fn code<'t>(context: &mut Context<'_, 't>, part: &Part<'t>, element: ElementId) {
    let Some(code) = part.input(&["code"]).or_else(|| part.input(&["CodeFile"])) else { return };
    let language = match &*part.kind {
        "javascriptcode" => Some(Language::Javascript),
        "powershellcode" => Some(Language::Shell),
        "pythoncode" => Some(Language::Python),
        _ => None,
    };
    if let Some(language) = language {
        context.model.element_mut(element).set(Fact::ActionLanguage, language, Place::of(code));
    }
    if let Some((origin, range)) = code.as_str().and_then(|text| evaluated(&text)) {
        context.model.element_mut(element).set(Fact::ActionCodeFrom, vec![origin], Place::part(code, range));
        return;
    }
    values::sink(context, element, part.at, Fact::ActionCodeFrom, &[code]);
}

/// Where inline code makes code out of what the run hands to it: `eval(workflowContext.trigger...)`.
fn evaluated(code: &str) -> Option<(Origin, std::ops::Range<usize>)> {
    let calls = ["eval(", "new Function(", "exec("];
    calls.iter().flat_map(|call| code.match_indices(call)).find_map(|(at, call)| {
        // A name that only ends so is another one, as is a method of a pattern.
        let before = code[..at].chars().next_back();
        if before.is_some_and(|before| before.is_alphanumeric() || matches!(before, '_' | '.' | '$')) {
            return None;
        }
        let statement = code[at..].split([';', '\n']).next().unwrap_or_default();
        let origin = if statement.contains("workflowContext.trigger") {
            Origin::Trigger
        } else if statement.contains("workflowContext.actions") {
            Origin::DataSource
        } else {
            return None;
        };
        Some((origin, at..at + call.len() - 1))
    })
}
