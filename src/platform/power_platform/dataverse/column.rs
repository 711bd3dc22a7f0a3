//! Columns that hold what is worth protecting, by their names: the export says nothing else of their content.

use super::{Context, member};
use crate::model::secret::is_secret_name;
use crate::model::vocabulary::{DataSourceKind, Sensitivity};
use crate::model::{AppId, Element, Fact, Kind, Place};
use crate::platform::column::personal_column;
use crate::tree::Node;

/// Types that hold what somebody wrote, picked or counted; not references, keys of rows, flags and what the platform computes.
const HOLDING: [&str; 9] = ["nvarchar", "ntext", "memo", "datetime", "money", "decimal", "int", "float", "picklist"];

pub(super) fn lower<'t>(context: &mut Context<'_, 't>, app: AppId, table: &str, node: Node<'t>) {
    let Some((physical, place)) = member(node, "@PhysicalName") else { return };
    let Some((kind, _)) = member(node, "Type") else { return };
    let Some(sensitive) = sensitivity(&physical, &kind.to_ascii_lowercase()) else { return };
    let id = format!("{table}.{}", physical.to_ascii_lowercase());
    let shown = node.at(&["displaynames", "displayname"]).and_then(|name| member(name, "@description"));
    let name = shown.map_or(physical, |(shown, _)| shown);
    let place = Place::of(place);
    let secured = member(node, "IsSecured");
    let protected = secured.as_ref().map_or(place, |(_, node)| Place::of(*node));
    let element = Element::new(Kind::DataSource, app, id.clone(), name, place)
        .with(Fact::DataSourceKind, DataSourceKind::Table, place)
        .with(Fact::DataSourceResource, id, place)
        .with(Fact::DataSourceSensitive, sensitive, place)
        .with(Fact::DataSourceProtected, secured.is_some_and(|(secured, _)| secured == "1"), protected);
    context.model.add(element);
}

fn sensitivity(physical: &str, kind: &str) -> Option<Sensitivity> {
    if !HOLDING.contains(&kind) {
        return None;
    }
    // `contoso_PassportNumber`: the publisher's letters stand before the first underscore.
    let own = physical.split_once('_').map_or(physical, |(_, own)| own);
    let named = personal_column(own);
    let secret = || (matches!(kind, "nvarchar" | "ntext" | "memo") && is_secret_name(own)).then_some(Sensitivity::Credential);
    named.or_else(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_told_by_name_and_type() {
        let cases = [
            ("new_PassportNumber", "nvarchar", Some(Sensitivity::IdentityNumber)),
            ("new_DateOfBirth", "datetime", Some(Sensitivity::BirthDate)),
            ("contoso_annualbasesalary", "money", Some(Sensitivity::Salary)),
            ("contoso_ClientSecret", "nvarchar", Some(Sensitivity::Credential)),
            ("contoso_maxtokens", "int", None),
            ("contoso_IsSasTokenSet", "bit", None),
            ("contoso_maximumsalary", "money", None),
            ("contoso_processnamevalue", "nvarchar", None),
        ];
        for (name, kind, expected) in cases {
            assert_eq!(sensitivity(name, kind), expected, "{name}");
        }
    }
}
