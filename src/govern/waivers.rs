//! Which waivers hold, and which findings they mark.
//!
//! A waiver never takes a finding away: it marks it. One that does not hold marks nothing, and what is wrong with it is said as a
//! problem of the waiver itself, by the rule `invalid-waiver`.

use super::people::{self, AuthorSet, Identity};
use crate::finding::{Finding, Label, Severity, State, Waived};
pub use crate::model::vocabulary::WaiverProblem as Problem;
use crate::model::{Element, Fact, Kind, Model, Place};
use crate::policy::file::WaiversFile;
use crate::policy::moment::Moment;
use crate::policy::people::People;
use crate::policy::waiver::{ApproverFile, Waiver};
use crate::source::Span;
use crate::tree::NodeId;
use crate::tree::de::Spanned;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};

/// Days before its end from which on a waiver is told to expire soon.
pub const SOON_DAYS: i64 = 14;

/// Rules whose findings cannot be waived, whatever the policy says: they guard the waivers themselves.
pub const NEVER_WAIVABLE: &[&str] = &["invalid-waiver", "weakened-gate", "missing-sign-off"];

/// What an organisation lets waivers do, by policy.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a waiver may last from its approval, in days, by the severity of the finding.
    pub max_days: BTreeMap<Severity, u32>,
    /// The function that has to approve; where none is named, any function of the policy may.
    pub approver: Option<String>,
    /// Rules, by id or number, whose findings nobody may waive.
    pub not_waivable: Vec<String>,
    /// How often a waiver may be prolonged.
    pub max_renewals: u32,
    /// How many may hold at once.
    pub max_open: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        let days = [(Severity::Critical, 14), (Severity::High, 30), (Severity::Medium, 90), (Severity::Low, 180), (Severity::Info, 180)];
        Self { max_days: days.into(), approver: None, not_waivable: Vec::new(), max_renewals: 2, max_open: None }
    }
}

impl Limits {
    /// What a policy says; what it does not say is as usual.
    #[must_use]
    pub fn new(file: &WaiversFile) -> Self {
        let days = &file.max_days;
        let said = [
            (Severity::Critical, days.critical),
            (Severity::High, days.high),
            (Severity::Medium, days.medium),
            (Severity::Low, days.low),
            (Severity::Info, days.info),
        ];
        let usual = Self::default();
        let max_days: BTreeMap<Severity, u32> = said.into_iter().filter_map(|(severity, days)| Some((severity, days?))).collect();
        Self {
            max_days: if max_days.is_empty() { usual.max_days } else { max_days },
            approver: file.approver.as_ref().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            not_waivable: file.not_waivable.iter().map(|name| name.value.clone()).collect(),
            max_renewals: file.max_renewals.unwrap_or(usual.max_renewals),
            max_open: file.max_open.map(|most| most as usize),
        }
    }

    /// Most days that a waiver for a finding of that severity may last.
    #[must_use]
    pub fn days(&self, severity: Severity) -> u32 {
        // What the policy does not name is as strict as the next worse severity that it names, or as usual.
        let named = self.max_days.range(severity..).next().map(|(_, days)| *days);
        named.or_else(|| Self::default().max_days.get(&severity).copied()).unwrap_or_default()
    }

    /// Whether findings of that rule may be waived.
    #[must_use]
    pub fn lets_waive(&self, rule: &str, tags: &[String]) -> bool {
        let named = |known: &str| known == rule || tags.iter().any(|tag| tag == known);
        !NEVER_WAIVABLE.contains(&rule) && !self.not_waivable.iter().any(|known| named(known))
    }
}

/// Whether a waiver with that problem holds all the same.
#[must_use]
pub const fn is_warning(problem: Problem) -> bool {
    matches!(problem, Problem::Unused | Problem::ExpiringSoon)
}

/// A place in the file of a waiver.
pub type At = (Span, NodeId);

fn at<T>(value: &Spanned<T>) -> At {
    (value.span, value.node)
}

/// A problem with its place in the file of the waiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What is wrong.
    pub problem: Problem,
    /// Where.
    pub at: At,
    /// What exactly, for the sentence: a name, a day, a number; empty where the problem says it all.
    pub detail: String,
}

/// What became of a waiver.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What is wrong with it, in the order of [`Problem`].
    pub problems: Vec<Told>,
    /// The findings that it names, by their numbers; they are marked when it holds.
    pub findings: Vec<usize>,
    /// Who approved it, as it was written; none where nobody could.
    pub approved_by: Option<String>,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

impl Outcome {
    /// Whether it holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.problems.iter().all(|told| is_warning(told.problem))
    }
}

/// What the run knows of the app that a finding is about.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// What it is called beside its id and name in the platform: the `app.id` of its manifest.
    pub names: Vec<String>,
    /// The digest of its content.
    pub digest: Option<String>,
    /// Those who made it and its change.
    pub authors: AuthorSet,
}

/// What waivers are held against.
#[derive(Clone, Copy)]
pub struct Against<'r> {
    /// What the policy allows.
    pub limits: &'r Limits,
    /// The people of the policy.
    pub people: &'r People,
    /// What is known of the app of each finding.
    pub around: &'r dyn Fn(&Finding) -> Around,
    /// Whether an app of that name was judged, or all apps that waivers can be about: else nobody can tell whether a waiver is used.
    pub judged: &'r dyn Fn(Option<&str>) -> bool,
    /// The time of the run.
    pub now: Timestamp,
}

/// Holds `waivers` against `findings`; the outcomes are in the order of the waivers.
#[must_use]
pub fn judge(waivers: &[Waiver], findings: &[Finding], against: &Against<'_>) -> Vec<Outcome> {
    let index = Index::new(findings);
    let mut outcomes: Vec<Outcome> = waivers.iter().map(|waiver| Judging::new(waiver, findings, against).judge(&index)).collect();
    limit_open(waivers, &mut outcomes, against);
    for outcome in &mut outcomes {
        outcome.problems.sort_by_key(|told| (told.problem, told.at.0));
    }
    outcomes
}

/// Findings by what waivers call them.
struct Index<'f> {
    of_fingerprint: HashMap<&'f str, Vec<usize>>,
    of_element: HashMap<(&'f str, &'f str, &'f str), Vec<usize>>,
}

impl<'f> Index<'f> {
    fn new(findings: &'f [Finding]) -> Self {
        let mut index = Self { of_fingerprint: HashMap::new(), of_element: HashMap::new() };
        for (number, finding) in findings.iter().enumerate() {
            index.of_fingerprint.entry(&*finding.fingerprint).or_default().push(number);
            if let Some(element) = &finding.element {
                index.of_element.entry((&*finding.rule, &*element.kind, &*element.name)).or_default().push(number);
            }
        }
        index
    }
}

/// One waiver in the making of its outcome.
struct Judging<'j, 'r> {
    waiver: &'j Waiver,
    findings: &'j [Finding],
    against: &'j Against<'r>,
    outcome: Outcome,
}

impl<'j, 'r> Judging<'j, 'r> {
    fn new(waiver: &'j Waiver, findings: &'j [Finding], against: &'j Against<'r>) -> Self {
        Self { waiver, findings, against, outcome: Outcome::default() }
    }

    fn tell(&mut self, problem: Problem, at: At, detail: impl Into<String>) {
        self.outcome.problems.push(Told { problem, at, detail: detail.into() });
    }

    fn judge(mut self, index: &Index<'_>) -> Outcome {
        self.find(index);
        self.rule();
        self.renewals();
        let approved = self.approval();
        self.expiry(approved);
        self.outcome
    }

    /// Finds what it names.
    fn find(&mut self, index: &Index<'_>) {
        let file = &self.waiver.file;
        let named = match (&file.fingerprint, &file.element) {
            (Some(fingerprint), _) if !fingerprint.contains('*') => index.of_fingerprint.get(fingerprint.trim()).cloned(),
            (None, Some(element)) if file.app.is_some() && !element.name.contains('*') => {
                index.of_element.get(&(file.rule.trim(), element.kind.trim(), element.name.trim())).cloned()
            }
            (given, element) => {
                let place = given.as_ref().map(at).or(element.as_ref().map(at));
                return self.tell(Problem::TooBroad, place.unwrap_or(at(&file.rule)), "");
            }
        };
        let named = named.unwrap_or_default();
        let (own, other): (Vec<usize>, Vec<usize>) = named.into_iter().partition(|number| self.is_about(&self.findings[*number]));
        if own.is_empty()
            && file.fingerprint.is_some()
            && let Some(other) = other.first()
        {
            let finding = &self.findings[*other];
            let rule = file.rule.trim() == &*finding.rule;
            let of = finding.app.as_ref().map_or("", |app| if app.name.is_empty() { &app.id } else { &app.name });
            let (place, detail) = match &file.app {
                Some(app) if rule => (at(app), super::short(of)),
                _ => (at(&file.rule), finding.rule.to_string()),
            };
            self.tell(Problem::Mismatched, place, detail);
        } else if own.is_empty() && (self.against.judged)(file.app.as_ref().map(|app| app.trim())) {
            let place = file.fingerprint.as_ref().map(at).or(file.element.as_ref().map(at));
            self.tell(Problem::Unused, place.unwrap_or(at(&file.rule)), "");
        }
        if let Some(digest) = &file.digest
            && own.iter().any(|number| (self.against.around)(&self.findings[*number]).digest.as_deref() != Some(digest.trim()))
        {
            self.tell(Problem::ChangedContent, at(digest), "");
        }
        self.outcome.findings = own;
    }

    fn is_about(&self, finding: &Finding) -> bool {
        let file = &self.waiver.file;
        let of_app = |app: &str| {
            let own = finding.app.as_ref().is_some_and(|own| own.id == app || own.name == app);
            !app.is_empty() && (own || (self.against.around)(finding).names.iter().any(|name| name == app))
        };
        *finding.rule == *file.rule.trim() && file.app.as_ref().is_none_or(|app| of_app(app.trim()))
    }

    fn rule(&mut self) {
        let rule = &self.waiver.file.rule;
        let tags = self.outcome.findings.first().map_or(&[][..], |number| &self.findings[*number].tags);
        if !self.against.limits.lets_waive(rule.trim(), tags) {
            self.tell(Problem::NotWaivable, at(rule), rule.trim());
        }
    }

    fn renewals(&mut self) {
        let (renewal, most) = (&self.waiver.file.renewal, self.against.limits.max_renewals);
        if renewal.value > most {
            self.tell(Problem::TooManyRenewals, at(renewal), most.to_string());
        }
    }

    /// The approval that counts: when it was given, or what is wrong with the last one that does not.
    fn approval(&mut self) -> Option<Moment> {
        let file = &self.waiver.file;
        let mut wrong = None;
        let mut counted: Option<Moment> = None;
        for approver in &file.approved_by {
            match self.approver(approver) {
                Ok(on) => {
                    if counted.is_none_or(|known| known.begin() < on.begin()) {
                        counted = Some(on);
                        self.outcome.approved_by = Some(approver.id.trim().to_owned());
                    }
                }
                Err(told) => wrong = Some(told),
            }
        }
        if counted.is_none() {
            let wanted = || self.against.limits.approver.clone().unwrap_or_default();
            let nobody = || Told { problem: Problem::Unapproved, at: at(&file.id), detail: wanted() };
            let told = wrong.unwrap_or_else(nobody);
            self.outcome.problems.push(told);
        }
        counted
    }

    fn approver(&self, approver: &ApproverFile) -> Result<Moment, Told> {
        let Against { people: known, limits, now, .. } = *self.against;
        let (who, function) = (Identity::parse(&approver.id), approver.function.trim());
        let told = |problem, at, detail: String| Told { problem, at, detail };
        if let Some(wanted) = limits.approver.as_ref().filter(|wanted| *wanted != function) {
            return Err(told(Problem::WrongFunction, at(&approver.function), wanted.clone()));
        }
        // Without functions nobody can be known; where the policy has some, or wants one, an approver has to be a member.
        let open = known.functions().next().is_none() && limits.approver.is_none();
        if who.shown.is_empty() || (!open && !people::is_member(known, &who, function)) {
            return Err(told(Problem::UnknownApprover, at(&approver.id), function.to_owned()));
        }
        if let Some(why) = self.is_own(&who) {
            return Err(told(Problem::SelfApproved, at(&approver.id), why));
        }
        let on = approver.on.as_ref();
        let given = on.and_then(|on| Moment::parse(on)).filter(|on| on.begin() <= now);
        given.ok_or_else(|| told(Problem::MalformedApproval, on.map_or(at(&approver.id), at), String::new()))
    }

    /// Why somebody would approve their own work.
    fn is_own(&self, who: &Identity) -> Option<String> {
        let people = self.against.people;
        let same = |other: &str| people::may_be(people, &Identity::parse(other), who);
        if same(&self.waiver.file.owner) {
            return Some("owns the waiver".into());
        }
        if same(self.waiver.requester()) {
            return Some("asked for the waiver".into());
        }
        // What was there before the change was not made by those who made the change.
        let new = self.outcome.findings.iter().map(|number| &self.findings[*number]).filter(|finding| finding.state == State::New);
        let mut parts = new.filter_map(|finding| (self.against.around)(finding).authors.part_of(who, people));
        parts.next().map(|part| part.words().to_owned())
    }

    fn expiry(&mut self, approved: Option<Moment>) {
        let Some(text) = &self.waiver.file.expires else { return self.tell(Problem::NoExpiry, at(&self.waiver.file.id), "") };
        let Some(expiry) = self.waiver.expiry() else { return self.tell(Problem::MalformedExpiry, at(text), super::short(text)) };
        self.outcome.expires = Some(expiry.end());
        if expiry.end() <= self.against.now {
            return self.tell(Problem::Expired, at(text), super::short(text));
        }
        let worst = self.outcome.findings.iter().map(|number| self.findings[*number].severity).max();
        if let (Some(approved), Some(worst)) = (approved, worst) {
            let most = self.against.limits.days(worst);
            if expiry.begin() > days_after(approved.end(), i64::from(most)) {
                let detail = format!("{most} days for a finding of severity {worst}");
                return self.tell(Problem::ExpiresTooLate, at(text), detail);
            }
        }
        if expiry.end() <= days_after(self.against.now, SOON_DAYS) {
            self.tell(Problem::ExpiringSoon, at(text), super::short(text));
        }
    }
}

fn days_after(instant: Timestamp, days: i64) -> Timestamp {
    instant.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX)
}

/// Where more waivers hold than the policy allows, the newest do not.
fn limit_open(waivers: &[Waiver], outcomes: &mut [Outcome], against: &Against<'_>) {
    let Some(most) = against.limits.max_open else { return };
    let mut open: Vec<usize> = (0..waivers.len()).filter(|number| outcomes[*number].holds()).collect();
    let granted = |number: &usize| {
        let dates = waivers[*number].file.approved_by.iter().filter_map(|approver| Moment::parse(approver.on.as_ref()?));
        (dates.map(Moment::begin).max(), &*waivers[*number].file.id)
    };
    open.sort_by(|one, other| granted(one).cmp(&granted(other)));
    for number in open.into_iter().skip(most) {
        let at = at(&waivers[number].file.id);
        outcomes[number].problems.push(Told { problem: Problem::TooManyOpen, at, detail: most.to_string() });
    }
}

/// Marks the findings that `waivers` cover. None is dropped; one that is covered twice is marked by the waiver that lasts longer.
pub fn mark(findings: &mut [Finding], waivers: &[Waiver], outcomes: &[Outcome]) {
    let mut until: HashMap<usize, Timestamp> = HashMap::new();
    for (waiver, outcome) in waivers.iter().zip(outcomes).filter(|(_, outcome)| outcome.holds()) {
        let file = &waiver.file;
        let end = outcome.expires.unwrap_or(Timestamp::MIN);
        for number in &outcome.findings {
            let Some(finding) = findings.get_mut(*number) else { continue };
            if until.get(number).is_some_and(|known| *known >= end) {
                continue;
            }
            until.insert(*number, end);
            finding.waived = Some(Waived {
                id: file.id.trim().to_owned(),
                category: file.category.value.as_str().to_owned(),
                reason: file.reason.trim().to_owned(),
                expires: file.expires.as_ref().map(|text| text.trim().to_owned()).unwrap_or_default(),
            });
        }
    }
}

/// Leads from each finding about a waiver to the finding that the waiver is about.
pub fn relate(findings: &mut [Finding], waivers: &[Waiver], outcomes: &[Outcome]) {
    let mut places: HashMap<&str, Label> = HashMap::new();
    for (waiver, outcome) in waivers.iter().zip(outcomes) {
        if let Some(finding) = outcome.findings.first().and_then(|number| findings.get(*number)) {
            let text = format!("it is about this: {}", finding.message);
            places.insert(&waiver.path, Label { text, location: finding.location.clone() });
        }
    }
    for finding in findings.iter_mut().filter(|finding| &*finding.rule == INVALID) {
        if let Some(label) = places.get(&*finding.location.file) {
            finding.related.push(label.clone());
        }
    }
}

/// The rule that says what is wrong with waivers.
const INVALID: &str = "invalid-waiver";

/// States in the model of the control files what became of the waivers. `path` tells the path of a file of the model.
pub fn state<'k>(model: &mut Model<'_>, waivers: &[Waiver], outcomes: &[Outcome], path: &'k dyn Fn(u32) -> &'k str) {
    let of_path: HashMap<&str, &Outcome> = waivers.iter().map(|waiver| &*waiver.path).zip(outcomes).collect();
    for number in 0..model.elements.len() {
        let element = &mut model.elements[number];
        if element.kind != Kind::Waiver || element.fact(Fact::WaiverProblem).is_some() {
            continue;
        }
        let Some(outcome) = of_path.get(path(element.place.file)) else { continue };
        let place = element.place;
        element.set(Fact::WaiverHolds, outcome.holds(), place);
        let base = element.clone();
        for told in &outcome.problems {
            let place = Place { span: told.at.0, node: told.at.1, ..place };
            let mut problem =
                Element::new(Kind::Waiver, base.app, format!("{} {}", base.id, told.problem.name()), base.name.clone(), place);
            for fact in [Fact::WaiverRule, Fact::WaiverApp, Fact::WaiverOwner, Fact::WaiverExpires] {
                if let Some(value) = base.fact(fact) {
                    problem.set(fact, value.clone(), base.place_of(fact));
                }
            }
            problem.set(Fact::WaiverProblem, told.problem, place);
            if !told.detail.is_empty() {
                problem.set(Fact::WaiverDetail, told.detail.clone(), place);
            }
            model.add(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::people::{Part, tests::people};
    use super::*;
    use crate::finding::tests::finding;
    use crate::finding::{AppRef, ElementRef};
    use crate::source::Source;

    const GOOD: &str = "\
id: WV-1
rule: cleartext-endpoint
app: invoice-intake
fingerprint: f1:aa
category: risk-accepted
reason: legacy scanner
owner: olga
requested_by: carl
approved_by: [{id: bo, function: security, on: 2026-11-12}]
expires: 2026-12-10
";

    fn waiver(text: &str) -> Waiver {
        Waiver::parse(&Source::from_text("w.yaml", text)).expect("a waiver")
    }

    fn found(rule: &str, fingerprint: &str) -> Finding {
        Finding {
            rule: rule.into(),
            fingerprint: fingerprint.into(),
            app: Some(AppRef { name: "Invoice intake".into(), id: "7f1c".into() }),
            element: Some(ElementRef { kind: "endpoint".into(), name: "Scanner".into() }),
            tags: ["ENC-001".to_owned()].into(),
            ..finding(Severity::High)
        }
    }

    struct World {
        limits: Limits,
        people: People,
        authors: AuthorSet,
        state: State,
    }

    fn world() -> World {
        let limits = Limits { approver: Some("security".into()), ..Limits::default() };
        let mut authors = AuthorSet::default();
        authors.add(Part::Author, Identity::of_commit("Ana", "ana@contoso.example"));
        World {
            limits,
            people: people("functions: { security: { members: [ana, bo] }, it: { members: [ivan] } }"),
            authors,
            state: State::New,
        }
    }

    impl World {
        fn judge(&self, texts: &[&str]) -> Vec<Outcome> {
            let waivers: Vec<Waiver> = texts.iter().map(|text| waiver(text)).collect();
            let findings =
                ["cleartext-endpoint", "literal-secret"].map(|rule| found(rule, if rule.len() > 14 { "f1:aa" } else { "f1:bb" }));
            let findings = findings.map(|finding| Finding { state: self.state, ..finding });
            let around = |_: &Finding| Around {
                names: vec!["invoice-intake".into()],
                digest: Some("sha256:11".into()),
                authors: self.authors.clone(),
            };
            let against = Against {
                limits: &self.limits,
                people: &self.people,
                around: &around,
                judged: &|_| true,
                now: "2026-11-21T12:00:00Z".parse().expect("an instant"),
            };
            judge(&waivers, &findings, &against)
        }

        fn problems(&self, text: &str) -> Vec<&'static str> {
            self.judge(&[text])[0].problems.iter().map(|told| told.problem.name()).collect()
        }
    }

    fn with(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        GOOD.replace(from, to)
    }

    #[test]
    fn a_waiver_that_holds_names_its_finding() {
        let outcome = &world().judge(&[GOOD])[0];
        assert!(outcome.holds() && outcome.problems.is_empty(), "{:?}", outcome.problems);
        assert_eq!((&*outcome.findings, outcome.approved_by.as_deref()), (&[0][..], Some("bo")));
        let by_element = with("fingerprint: f1:aa", "element: {kind: endpoint, name: Scanner}");
        assert_eq!(world().judge(&[&by_element])[0].findings, [0]);
        assert_eq!(world().problems(&with("risk-accepted", "false-positive\ndigest: sha256:11")), [""; 0]);
    }

    #[test]
    fn each_problem_is_told() {
        for (from, to, problem) in [
            ("expires: 2026-12-10", "expires: 2026-11-20", "expired"),
            ("expires: 2026-12-10\n", "", "no-expiry"),
            ("expires: 2026-12-10", "expires: when done", "malformed-expiry"),
            ("expires: 2026-12-10", "expires: 2026-12-14", "expires-too-late"),
            ("expires: 2026-12-10", "expires: 2026-12-01", "expiring-soon"),
            ("[{id: bo, function: security, on: 2026-11-12}]", "[]", "unapproved"),
            ("owner: olga", "owner: Bo", "self-approved"),
            ("requested_by: carl", "requested_by: bo@contoso.example", "self-approved"),
            ("id: bo,", "id: ana,", "self-approved"),
            ("function: security", "function: it", "wrong-function"),
            ("id: bo,", "id: ivan,", "unknown-approver"),
            ("on: 2026-11-12", "on: 2026-11-22", "malformed-approval"),
            (", on: 2026-11-12", "", "malformed-approval"),
            ("fingerprint: f1:aa\n", "", "too-broad"),
            ("f1:aa", "'*'", "too-broad"),
            ("app: invoice-intake\nfingerprint: f1:aa", "element: {kind: endpoint, name: Scanner}", "too-broad"),
            ("fingerprint: f1:aa", "element: {kind: endpoint, name: 'S*'}", "too-broad"),
            ("f1:aa", "f1:bb", "mismatched"),
            ("app: invoice-intake", "app: payroll", "mismatched"),
            ("f1:aa", "f1:cc", "unused"),
            ("reason:", "renewal: 3\nreason:", "too-many-renewals"),
            ("reason:", "digest: sha256:22\nreason:", "changed-content"),
        ] {
            assert_eq!(world().problems(&with(from, to)), [problem], "{from} -> {to}");
        }
    }

    #[test]
    fn what_a_policy_does_not_let_waive_stays() {
        for named in ["cleartext-endpoint", "ENC-001"] {
            let mut world = world();
            world.limits.not_waivable = vec![named.into()];
            assert_eq!(world.problems(GOOD), ["not-waivable"]);
        }
        assert!(world().problems(&with("cleartext-endpoint", "weakened-gate")).contains(&"not-waivable"));
    }

    #[test]
    fn who_made_this_change_may_approve_what_was_there_before() {
        let mut world = world();
        assert_eq!(world.problems(&with("id: bo,", "id: ana,")), ["self-approved"]);
        world.state = State::Unchanged;
        assert_eq!(world.problems(&with("id: bo,", "id: ana,")), [""; 0]);
    }

    #[test]
    fn one_approval_that_counts_is_enough_and_the_last_one_starts_the_clock() {
        let two = with("[{id: bo,", "[{id: ivan, function: security, on: 2026-11-12}, {id: bo,");
        assert_eq!(world().problems(&two), [""; 0]);
        let later = with("on: 2026-11-12}]", "on: 2026-11-12}, {id: bo, function: security, on: 2026-11-20}]").replace("12-10", "12-20");
        assert_eq!(world().problems(&later), [""; 0]);
    }

    #[test]
    fn of_too_many_open_waivers_the_newest_do_not_hold() {
        let mut world = world();
        world.limits.max_open = Some(1);
        let newer = GOOD.replace("WV-1", "WV-0").replace("on: 2026-11-12", "on: 2026-11-13");
        let outcomes = world.judge(&[&newer, GOOD]);
        assert_eq!(outcomes.iter().map(Outcome::holds).collect::<Vec<_>>(), [false, true]);
        assert_eq!(outcomes[0].problems[0].problem, Problem::TooManyOpen);
    }

    #[test]
    fn without_a_policy_anybody_else_may_approve() {
        let world = World { limits: Limits::default(), people: People::default(), ..world() };
        assert_eq!(world.problems(GOOD), [""; 0]);
        assert_eq!(world.problems(&with("id: bo,", "id: Olga,")), ["self-approved"]);
    }

    #[test]
    fn the_limit_of_days_is_that_of_the_severity_or_the_next_worse() {
        let limits = Limits { max_days: [(Severity::High, 30), (Severity::Low, 90)].into(), ..Limits::default() };
        assert_eq!([Severity::Critical, Severity::Medium, Severity::Info].map(|severity| limits.days(severity)), [14, 30, 90]);
    }
}
