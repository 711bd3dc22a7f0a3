//! Visitors without login: what the profile of a site lets them do, and which records are shared with them.
//!
//! A profile opens an object, a sharing rule the records, and the site both to the internet; each is a file of its own.

use super::super::Context;
use super::holder::{Holder, ObjectRight, grant};
use crate::model::vocabulary::{PrincipalKind, RightPower, Scope, Verb};
use crate::model::{AppId, Element, Fact, Kind, Place};
use std::borrow::Cow;

/// A rule that shares records of an object with the guest user of a site.
pub(in super::super) struct Shared<'t> {
    pub(in super::super) name: Cow<'t, str>,
    pub(in super::super) object: Cow<'t, str>,
    pub(in super::super) site: Cow<'t, str>,
    pub(in super::super) place: Place,
    /// What says which records.
    pub(in super::super) criteria: Place,
    /// Whether that is all of them.
    pub(in super::super) all: bool,
    pub(in super::super) writes: bool,
}

/// A site that visitors reach.
pub(in super::super) struct Site<'t> {
    pub(in super::super) name: Cow<'t, str>,
    pub(in super::super) place: Place,
    /// What opens it to visitors without login, where that is said.
    pub(in super::super) opened: Option<Place>,
}

/// Whether the names mean the same site: a name of metadata, a label, the name of a bundle (`Help_Center1`), the profile (`Help Center
/// Profile`).
pub(super) fn is_same_site(one: &str, other: &str) -> bool {
    let plain = |name: &str| -> String {
        let name: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
        let name = name.strip_suffix("profile").unwrap_or(&name);
        name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()
    };
    let (one, other) = (plain(one), plain(other));
    !one.is_empty() && one == other
}

/// Adds what the profile of a guest user allows.
pub(super) fn judge<'t>(context: &mut Context<'_, 't>, holder: &Holder<'t>) {
    let app = context.package(holder.place);
    for right in &holder.objects {
        object(context, holder, app, right);
    }
    for (name, place) in &holder.system {
        let mut element = grant(holder, app, name, *place).with(Fact::GrantScope, Scope::All, *place);
        match &**name {
            "ApiEnabled" => element.set(Fact::GrantPower, RightPower::CallApi, *place),
            "ViewAllUsers" => {
                element.set(Fact::GrantAction, "read", *place);
                element.set(Fact::GrantVerb, vec![Verb::Read], *place);
                element.set(Fact::GrantResource, "User", *place);
            }
            _ => continue,
        }
        relate_sites(context, &mut element, &holder.name);
        context.model.add(element);
    }
}

/// The strongest that the profile allows with the rows of others.
fn object<'t>(context: &mut Context<'_, 't>, holder: &Holder<'t>, app: AppId, right: &ObjectRight<'t>) {
    let (action, verb, place) = match (right.modify_all, right.delete, right.edit, right.view_all) {
        (Some(place), ..) | (_, Some(place), ..) => ("delete", Verb::Delete, place),
        (_, _, Some(place), _) => ("edit", Verb::Write, place),
        (.., Some(place)) => ("read", Verb::Read, place),
        _ => return,
    };
    let mut element = grant(holder, app, &right.object, place)
        .with(Fact::GrantAction, action, place)
        .with(Fact::GrantVerb, vec![verb], place)
        .with(Fact::GrantResource, right.object.clone(), place)
        .with(Fact::GrantScope, Scope::All, place);
    let shares = context.access.shares.iter().filter(|share| share.object == right.object && is_same_site(&share.site, &holder.name));
    for share in shares {
        element.relate(format!("`{}` shares the records", share.name), share.place);
    }
    relate_object(context, &mut element, &right.object);
    relate_sites(context, &mut element, &holder.name);
    context.model.add(element);
}

/// Adds what is shared with guest users by rules.
pub(super) fn judge_shares(context: &mut Context<'_, '_>, holders: &[Holder<'_>]) {
    for share in std::mem::take(&mut context.access.shares) {
        let app = context.package(share.place);
        let scope = if share.all { Scope::All } else { Scope::Shared };
        let (action, verb) = if share.writes { ("edit", Verb::Write) } else { ("read", Verb::Read) };
        let id = format!("sharing.{}.{}", share.object, share.name);
        let mut element = Element::new(Kind::Grant, app, id, share.name.clone(), share.place)
            .with(Fact::GrantPrincipalKind, PrincipalKind::Anonymous, share.place)
            .with(Fact::GrantPrincipal, share.site.clone(), share.place)
            .with(Fact::GrantAction, action, share.place)
            .with(Fact::GrantVerb, vec![verb], share.place)
            .with(Fact::GrantResource, share.object.clone(), share.place)
            .with(Fact::GrantScope, scope, share.criteria);
        for holder in holders.iter().filter(|holder| holder.is_guest() && is_same_site(&share.site, &holder.name)) {
            for right in holder.objects.iter().filter(|right| right.object == share.object) {
                if let Some(place) = right.read {
                    element.relate(format!("`{}` opens the object", holder.name), place);
                }
            }
        }
        relate_object(context, &mut element, &share.object);
        relate_sites(context, &mut element, &share.site);
        context.model.add(element);
    }
}

fn relate_object(context: &Context<'_, '_>, element: &mut Element<'_>, object: &str) {
    if let Some(place) = context.data.objects.get(object) {
        element.relate(format!("the object `{object}`"), *place);
    }
}

fn relate_sites(context: &Context<'_, '_>, element: &mut Element<'_>, name: &str) {
    for site in context.access.sites.iter().filter(|site| is_same_site(&site.name, name)) {
        let what = if site.opened.is_some() { "is open to visitors" } else { "is what visitors see" };
        element.relate(format!("the site `{}` {what}", site.name), site.opened.unwrap_or(site.place));
    }
}

#[cfg(test)]
mod tests {
    use super::is_same_site;

    #[test]
    fn a_site_has_many_names() {
        assert!(is_same_site("Help_Center", "Help Center Profile") && is_same_site("Help_Center1", "Help Center"));
        assert!(!is_same_site("Help_Center", "Shop") && !is_same_site("1", "2"));
    }
}
