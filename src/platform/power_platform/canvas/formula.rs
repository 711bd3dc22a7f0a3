//! What formulas say without being parsed: addresses in their texts, and whom they let in by name.

use super::{Lowering, literal};
use crate::model::address::{self, Url, is_placeholder_host};
use crate::model::secret::{Position, is_secret_name};
use crate::model::vocabulary::{Origin, SecretPlace, Verb};
use crate::model::{Element, Fact, Kind, Output, Place, Step};
use crate::platform::power_platform::literal::Spot;
use crate::tree::Node;
use std::borrow::Cow;
use std::ops::Range;

/// The texts of a formula, without their quotes; a quote within is doubled.
fn texts(script: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let bytes = script.as_bytes();
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'"', &bytes[at..]).map(|open| at + open + 1) {
        let mut close = open;
        loop {
            match memchr::memchr(b'"', &bytes[close..]) {
                Some(next) if bytes.get(close + next + 1) == Some(&b'"') => close += next + 2,
                Some(next) => {
                    close += next;
                    break;
                }
                None => return found,
            }
        }
        found.push(open..close);
        at = close + 1;
    }
    found
}

/// Hosts in names of vocabularies, which nobody calls.
fn is_name(host: &str) -> bool {
    host == "www.w3.org" || host.starts_with("schemas.") || host.starts_with("ns.") || host.ends_with("purl.org")
}

impl<'t> Lowering<'_, '_, 't> {
    /// What one formula says.
    pub(super) fn formula(&mut self, node: Node<'t>, script: &str) {
        for range in texts(script) {
            let before = script[..range.start - 1].trim_end();
            // Either somebody is sent there, or it is all that the property holds: a picture, a film, a page.
            let opened = before.ends_with('(') && before[..before.len() - 1].trim_end().ends_with("Launch");
            let alone = before.trim_start_matches('=').is_empty() && script[range.end + 1..].trim().is_empty();
            if opened || alone {
                self.address(node, script, range.clone(), if opened { "Launch" } else { "show" });
            }
            if let Some(name) = variable(before).filter(|name| is_secret_name(name)) {
                let owner = self.owner(Cow::Owned(format!("variable.{name}")));
                let field = Some(Cow::Owned(name.to_owned()));
                let spot = Spot { node, field, position: Position::Variable, place: SecretPlace::Code };
                literal::scan_but(self.context, &owner, &spot, Some(range.clone()), super::is_studio_link);
            }
            if is_person(before, &script[range.clone()]) {
                let id = self.ids.unique(&format!("person.{}", &script[range.clone()]));
                self.setting("person-check", id, Cow::Owned(script[range.clone()].to_owned()), Place::part(node, range));
            }
        }
    }

    fn address(&mut self, node: Node<'t>, script: &str, range: Range<usize>, operation: &'static str) {
        let literal = &script[range.clone()];
        let Some(url) =
            Url::parse(literal).filter(|url| matches!(url.scheme, "http" | "https") && !url.host.is_empty() && !is_name(url.host))
        else {
            return;
        };
        let place = Place::part(node, range);
        let id = self.ids.unique(&format!("address.{}", literal.split('?').next().unwrap_or(literal)));
        let step =
            self.context.model.add_step(Step { name: self.name.clone(), app: self.app, place, output: Output::Own(Origin::DataSource) });
        let action = Element::new(Kind::Action, self.app, id.clone(), self.name.clone(), place)
            .at_step(step)
            .with(Fact::ActionOperation, operation, place)
            .with(Fact::ActionVerb, Verb::Read, place);
        self.context.model.add(action);
        let mut endpoint = Element::new(Kind::Endpoint, self.app, id, self.name.clone(), place)
            .at_step(step)
            .with(Fact::EndpointUrl, literal.to_owned(), place)
            .with(Fact::EndpointScheme, url.scheme.to_owned(), place)
            .with(Fact::EndpointNetwork, address::network(url.host), place)
            .with(Fact::EndpointHostFrom, vec![Origin::Literal], place)
            .with(Fact::EndpointAuthenticated, false, place);
        if !is_placeholder_host(url.host) {
            endpoint.set(Fact::EndpointHost, url.host.to_ascii_lowercase(), place);
        }
        self.context.model.add(endpoint);
    }
}

/// The variable that a text behind `before` is given to: `Set(name, "…")`.
fn variable(before: &str) -> Option<&str> {
    let (call, name) = before.strip_suffix(',')?.rsplit_once('(')?;
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | ' ');
    (call.trim_end().ends_with("Set") && name.chars().all(is_name)).then(|| name.trim().trim_matches('\''))
}

/// Whether the text is the address of a person that the user is compared with: `User().Email = "…"`.
fn is_person(before: &str, text: &str) -> bool {
    let Some(left) = before.strip_suffix(['=']).map(|left| left.trim_end().trim_end_matches(')').trim_end()) else { return false };
    (left.ends_with("User().Email") || left.ends_with("User.Email")) && text.contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_formulas_end_where_their_quotes_end() {
        let script = r#"=If(a, "one ""two""", "three"); "open"#;
        let found: Vec<&str> = texts(script).into_iter().map(|range| &script[range]).collect();
        assert_eq!(found, [r#"one ""two"""#, "three"]);
    }

    #[test]
    fn a_user_is_compared_with_a_person() {
        assert!(is_person("If(User().Email = ".trim_end(), "kim@contoso.com"));
        assert!(is_person("If(Lower(User().Email) =", "kim@contoso.com"));
        assert!(!is_person("Set(x, User().Email &", "@contoso.com") && !is_person("Set(mail =", "kim@contoso.com"));
    }
}
