//! Visitors without login: what the profile of a site lets them do, and which records are shared with them.
//!
//! A profile opens an object, a sharing rule the records, and the site both to the internet; each is a file of its own.

use super::super::Context;
use super::holder::{Holder, ObjectRight, grant};
use crate::model::vocabulary::{PrincipalKind, RightPower, Scope, Verb};
use crate::model::{AppId, Element, Fact, Kind, Place};
use crate::platform::HashMap;
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

/// A name without what distinguishes the names of one site: a name of metadata, a label, the name of a bundle (`Help_Center1`), the
/// profile (`Help Center Profile`).
fn plain(name: &str) -> String {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let name = name.strip_suffix("profile").unwrap_or(&name);
    name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned()
}

/// Places with what stands there, by what they are about.
type Told<K> = HashMap<K, Vec<(String, Place)>>;

/// Most places of one sort that a finding shows.
const RELATED: usize = 4;

/// What belongs together in the several files that open something to visitors.
pub(super) struct Chains {
    /// The rules that share records, by site and object.
    shares: Told<(String, String)>,
    /// The profiles that open an object, by site and object.
    profiles: Told<(String, String)>,
    /// The sites.
    sites: Told<String>,
}

impl Chains {
    pub(super) fn of<'t>(context: &Context<'_, 't>, holders: &[Holder<'t>]) -> Self {
        let mut chains = Self { shares: Told::default(), profiles: Told::default(), sites: Told::default() };
        for share in &context.access.shares {
            let key = (plain(&share.site), share.object.to_string());
            note(&mut chains.shares, key, || format!("`{}` shares the records", share.name), share.place);
        }
        for holder in holders.iter().filter(|holder| holder.is_guest()) {
            let site = plain(&holder.name);
            for (right, place) in holder.objects.iter().filter_map(|right| Some((right, right.read?))) {
                let key = (site.clone(), right.object.to_string());
                note(&mut chains.profiles, key, || format!("`{}` opens the object", holder.name), place);
            }
        }
        for site in &context.access.sites {
            let what = if site.opened.is_some() { "is open to visitors" } else { "is what visitors see" };
            let place = site.opened.unwrap_or(site.place);
            note(&mut chains.sites, plain(&site.name), || format!("the site `{}` {what}", site.name), place);
        }
        chains
    }
}

fn note<K: std::hash::Hash + Eq>(told: &mut Told<K>, key: K, what: impl FnOnce() -> String, place: Place) {
    let places = told.entry(key).or_default();
    if places.len() < RELATED {
        places.push((what(), place));
    }
}

fn relate<K: std::hash::Hash + Eq>(element: &mut Element<'_>, told: &Told<K>, key: &K) {
    told.get(key).into_iter().flatten().for_each(|(what, place)| element.relate(what.clone(), *place));
}

/// Adds what the profile of a guest user allows.
pub(super) fn judge<'t>(context: &mut Context<'_, 't>, chains: &Chains, holder: &Holder<'t>) {
    let app = context.package(holder.place);
    for right in &holder.objects {
        object(context, chains, holder, app, right);
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
        relate(&mut element, &chains.sites, &plain(&holder.name));
        context.model.add(element);
    }
}

/// The strongest that the profile allows with the rows of others.
fn object<'t>(context: &mut Context<'_, 't>, chains: &Chains, holder: &Holder<'t>, app: AppId, right: &ObjectRight<'t>) {
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
    let key = (plain(&holder.name), right.object.to_string());
    relate(&mut element, &chains.shares, &key);
    relate_object(context, &mut element, &right.object);
    relate(&mut element, &chains.sites, &key.0);
    context.model.add(element);
}

/// Adds what is shared with guest users by rules.
pub(super) fn judge_shares(context: &mut Context<'_, '_>, chains: &Chains) {
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
        let key = (plain(&share.site), share.object.to_string());
        relate(&mut element, &chains.profiles, &key);
        relate_object(context, &mut element, &share.object);
        relate(&mut element, &chains.sites, &key.0);
        context.model.add(element);
    }
}

fn relate_object(context: &Context<'_, '_>, element: &mut Element<'_>, object: &str) {
    if let Some(place) = context.data.objects.get(object) {
        element.relate(format!("the object `{object}`"), *place);
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_site_has_many_names() {
        assert_eq!(plain("Help_Center"), "helpcenter");
        assert_eq!((plain("Help Center Profile"), plain("Help_Center1")), (plain("Help_Center"), plain("Help Center")));
        assert_ne!(plain("Help_Center"), plain("Shop"));
    }
}
