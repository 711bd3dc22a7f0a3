//! The life of an elevation: a right that somebody has for a time, from the request to the day on which the export lacks it again.

use super::Known;
use crate::model::vocabulary::{ElevationDefect as Defect, ElevationState as State, Verb};
use crate::model::{AppId, Element, Fact, Kind, Model, Place};
use crate::policy::manifest::{ElevationRequest, Manifest, PrivilegeFile, Status, Times, said};
use crate::policy::people::People;
use crate::policy::tiers::ElevationTerms;
use crate::tree::de::Spanned;
use globset::{GlobBuilder, GlobMatcher};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// How far an elevation is. One without an end has ended: nobody has agreed to a right for ever.
#[must_use]
pub fn state_of(request: &ElevationRequest, times: Times, now: Timestamp) -> State {
    match request.status.as_ref().map(|status| status.value) {
        Some(Status::Revoked) => State::Revoked,
        Some(Status::Pending) => State::Pending,
        Some(Status::Expired) => State::Expired,
        Some(Status::Active) | None if times.end.is_none_or(|end| end.is_past(now)) => State::Expired,
        Some(Status::Active) | None if times.start.is_some_and(|start| start.begin() > now) => State::Pending,
        Some(Status::Active) | None => State::Active,
    }
}

// ---------------------------------------------------------------------------------------------------------------------- the request

/// One thing that is wrong with an elevation: what, at which fact, and what would be right.
struct Wrong {
    defect: Defect,
    at: Fact,
    expected: String,
}

/// States how far the elevations of an app are and what is wrong with them.
pub(super) fn state(model: &mut Model<'_>, app: AppId, manifest: &Manifest, known: &Known<'_>) {
    let is_request = |element: &Element<'_>| element.kind == Kind::Elevation && element.app == app;
    // The elements stand in the order of the manifest.
    let numbers: Vec<usize> = (0..model.elements.len()).filter(|number| is_request(&model.elements[*number])).collect();
    for (number, (request, times)) in numbers.into_iter().zip(manifest.file.elevations.iter().zip(&manifest.elevations)) {
        let state = state_of(request, *times, known.now);
        let element = &mut model.elements[number];
        element.set(Fact::ElevationState, state, element.place);
        let base = element.clone();
        for Wrong { defect, at, expected } in wrongs(request, *times, state, known) {
            let place = base.place_of(at);
            let id = if expected.is_empty() {
                format!("{} {}", base.id, defect.name())
            } else {
                format!("{} {} {expected}", base.id, defect.name())
            };
            let mut element = Element::new(Kind::Elevation, app, id, base.name.clone(), place).with(Fact::ElevationDefect, defect, place);
            for fact in [
                Fact::ElevationRequester,
                Fact::ElevationPrincipal,
                Fact::ElevationAction,
                Fact::ElevationResource,
                Fact::ElevationStart,
                Fact::ElevationEnd,
            ] {
                if let Some(value) = base.fact(fact) {
                    element.set(fact, value.clone(), base.place_of(fact));
                }
            }
            if !expected.is_empty() {
                element.set(Fact::ElevationExpected, expected, place);
            }
            model.add(element);
        }
    }
}

/// All that is wrong with a request. What was closed is history: nothing is asked of it any more.
fn wrongs(request: &ElevationRequest, times: Times, state: State, known: &Known<'_>) -> Vec<Wrong> {
    let closed = request.status.as_ref().is_some_and(|status| matches!(status.value, Status::Expired | Status::Revoked));
    if closed {
        return Vec::new();
    }
    let none = ElevationTerms::default();
    let terms = known.policy.and_then(|policy| policy.tiers.elevation()).unwrap_or(&none);
    let nobody = People::default();
    let people = known.policy.map_or(&nobody, |policy| &policy.people);
    let mut wrongs = basics(request);
    wrongs.extend(of_time(times, state, terms));
    wrongs.extend(of_approvers(request, terms, people));
    wrongs
}

/// What every request says.
fn basics(request: &ElevationRequest) -> Vec<Wrong> {
    let lacks = |text: Option<&Spanned<String>>, defect, at| said(text).is_none().then_some(Wrong { defect, at, expected: String::new() });
    let privilege = request.privilege.as_ref().map(|privilege| &privilege.value);
    [
        lacks(request.requester.as_ref(), Defect::NoRequester, Fact::ElevationRequester),
        lacks(request.justification.as_ref(), Defect::NoJustification, Fact::ElevationJustification),
        lacks(privilege.and_then(|privilege| privilege.principal.as_ref()), Defect::NoPrivilege, Fact::ElevationPrincipal),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_time(times: Times, state: State, terms: &ElevationTerms) -> Vec<Wrong> {
    let wrong = |defect, at, expected: String| Wrong { defect, at, expected };
    let mut wrongs = Vec::new();
    match times.end {
        None => wrongs.push(wrong(Defect::NoExpiry, Fact::ElevationEnd, String::new())),
        Some(_) if state == State::Expired => wrongs.push(wrong(Defect::Expired, Fact::ElevationEnd, String::new())),
        Some(_) => {}
    }
    if let (Some(start), Some(end)) = (times.start, times.end) {
        let length = start.begin().duration_until(end.end());
        if length <= SignedDuration::ZERO {
            wrongs.push(wrong(Defect::EndsBeforeStart, Fact::ElevationEnd, String::new()));
        } else if let Some(max) = terms.max.filter(|max| length > *max) {
            wrongs.push(wrong(Defect::TooLong, Fact::ElevationEnd, hours(max)));
        }
    }
    match times.start {
        None if terms.max.is_some() || terms.window.is_some() => {
            wrongs.push(wrong(Defect::NoStart, Fact::ElevationStart, String::new()));
        }
        Some(start) if terms.window.as_ref().is_some_and(|window| !window.holds(start)) => {
            let window = terms.window.as_ref().map(ToString::to_string).unwrap_or_default();
            wrongs.push(wrong(Defect::OutsideWindow, Fact::ElevationStart, window));
        }
        _ => {}
    }
    wrongs
}

/// A length of time as people say it.
fn hours(length: SignedDuration) -> String {
    match length.as_hours() {
        hours if hours % 24 == 0 && hours > 24 => format!("{} days", hours / 24),
        hours => format!("{hours} hours"),
    }
}

fn of_approvers(request: &ElevationRequest, terms: &ElevationTerms, people: &People) -> Vec<Wrong> {
    let mut wrongs = Vec::new();
    let mut wrong = |defect, expected: String| wrongs.push(Wrong { defect, at: Fact::ElevationApprovers, expected });
    let requester = said(request.requester.as_ref());
    let mut approvers: BTreeSet<String> = BTreeSet::new();
    // One human speaks for one function: the first that they are named for.
    let mut functions: BTreeSet<&str> = BTreeSet::new();
    for approver in &request.approvers {
        let Some(who) = said(approver.id.as_ref()) else { continue };
        if requester.is_some_and(|requester| people.same(requester, who)) {
            wrong(Defect::SelfApproved, who.value.clone());
            continue;
        }
        let function = said(approver.function.as_ref());
        if let Some(function) = function.filter(|function| people.functions().next().is_some() && !people.acts_as(who, function)) {
            wrong(Defect::WrongFunction, format!("{} ({})", who.value, function.value));
            continue;
        }
        if approvers.insert(people.id(who).to_lowercase()) {
            functions.extend(function.map(|function| function.value.as_str()));
        }
    }
    if approvers.len() < terms.min_approvers as usize {
        wrong(Defect::TooFewApprovers, terms.min_approvers.to_string());
    }
    for function in terms.functions.iter().filter(|function| !functions.contains(function.as_str())) {
        wrong(Defect::MissingFunction, function.clone());
    }
    wrongs
}

// ------------------------------------------------------------------------------------------------------------------------- the grant

/// States on the grants of an export which elevation has given them, and what has become of it.
pub(super) fn of_grants(model: &mut Model<'_>, manifest: &Manifest, now: Timestamp) {
    let requests = manifest.file.elevations.iter().zip(&manifest.elevations);
    let rights: Vec<(Right, State, String, String)> = requests
        .enumerate()
        .filter_map(|(nth, (request, times))| {
            let id = said(request.id.as_ref()).map_or_else(|| format!("number {}", nth + 1), |id| id.value.clone());
            let end = said(request.expires.as_ref()).map_or_else(|| "never set".to_owned(), |end| end.value.clone());
            Some((Right::new(request.privilege.as_ref()?)?, state_of(request, *times, now), id, end))
        })
        .collect();
    for element in model.elements.iter_mut().filter(|element| element.kind == Kind::Grant && !rights.is_empty()) {
        // A right that is asked for anew holds, whatever became of it before.
        let matching = rights.iter().filter(|(right, ..)| right.is_of(element));
        let Some((_, state, id, end)) = matching.min_by_key(|(_, state, ..)| *state) else { continue };
        let place: Place = element.place;
        element.set(Fact::GrantElevation, *state, place);
        element.set(Fact::GrantElevationId, id.clone(), place);
        element.set(Fact::GrantElevationEnd, end.clone(), place);
    }
}

/// A right, as patterns.
struct Right {
    principal: GlobMatcher,
    action: Option<(GlobMatcher, Option<Verb>)>,
    resource: Option<GlobMatcher>,
}

impl Right {
    /// None where nobody is named who gets it: that would be everybody.
    fn new(privilege: &PrivilegeFile) -> Option<Self> {
        let pattern = |text: Option<&Spanned<String>>| {
            let text = &said(text)?.value;
            GlobBuilder::new(text.trim()).literal_separator(false).case_insensitive(true).build().ok().map(|glob| glob.compile_matcher())
        };
        let verb = |text: &str| match text.trim().to_lowercase().as_str() {
            "read" => Some(Verb::Read),
            "create" | "update" | "write" => Some(Verb::Write),
            "delete" => Some(Verb::Delete),
            _ => None,
        };
        let action = privilege.action.as_ref();
        Some(Self {
            principal: pattern(privilege.principal.as_ref())?,
            action: pattern(action).map(|glob| (glob, action.and_then(|action| verb(&action.value)))),
            resource: pattern(privilege.resource.as_ref()),
        })
    }

    fn is_of(&self, grant: &Element<'_>) -> bool {
        let named = |fact, glob: &GlobMatcher| grant.text(fact).is_some_and(|text| glob.is_match(text));
        let acts = self
            .action
            .as_ref()
            .is_none_or(|(glob, verb)| named(Fact::GrantAction, glob) || verb.is_some_and(|verb| grant.is(Fact::GrantVerb, verb.name())));
        // Where a grant covers several tables, one of them is enough.
        let about = self.resource.as_ref().is_none_or(|glob| {
            let resource = grant.text(Fact::GrantResource).or_else(|| grant.text(Fact::GrantAction)).unwrap_or_default();
            resource.split(',').any(|one| glob.is_match(one.trim()))
                || grant.text(Fact::GrantAction).is_some_and(|action| ends(action, glob))
        });
        named(Fact::GrantPrincipal, &self.principal) && acts && about
    }
}

/// Whether the name of a right ends in the name of the table that it is about: `prvDeletecontoso_Invoice`.
fn ends(action: &str, glob: &GlobMatcher) -> bool {
    const BEFORE: [&str; 9] = ["prvcreate", "prvread", "prvwrite", "prvdelete", "prvappendto", "prvappend", "prvassign", "prvshare", "prv"];
    let lower = action.to_lowercase();
    BEFORE.iter().filter_map(|before| lower.strip_prefix(before)).any(|table| !table.is_empty() && glob.is_match(table))
}
