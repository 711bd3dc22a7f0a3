//! Approvals: which sign-offs count for the content at hand, how sure it is that the person gave them, and what is still missing.
//!
//! A sign-off counts when it is for this very content, the person is a member of the function by policy, took no part in the change,
//! and speaks for one function only. How sure it is comes from where it was seen: in the manifest of the change itself, in the one
//! of the base commit, in the reviews of the forge, or under a signature.

use super::people::{self, AuthorSet, Identity, Part};
use super::signature;
use crate::policy::moment::Moment;
use crate::policy::people::People;
use crate::policy::tiers::Assurance;
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A sign-off as a manifest says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// As what the person approves: a function of the policy.
    pub function: String,
    /// Who.
    pub by: String,
    /// When.
    pub on: Option<String>,
    /// Whether it says `approve`.
    pub approves: bool,
    /// The content that was looked at.
    pub digest: Option<String>,
    /// The signature, read from the file that the sign-off names; an error says why there is none.
    pub signature: Option<Result<Vec<u8>, String>>,
}

/// Why a sign-off does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It does not approve.
    Declined,
    /// It names no content.
    Unbound,
    /// It is for other content than this.
    Stale,
    /// The policy has no such function.
    UnknownFunction,
    /// The person is no member of the function.
    NotAMember,
    /// The person took part in the change.
    Author(Part),
    /// The person already speaks for another function.
    SecondFunction(String),
    /// Its signature does not hold.
    BadSignature(String),
    /// Its date cannot be read, or lies in the future.
    BadDate,
    /// It counts, but it is not as sure as the gate wants.
    Unsure,
}

impl Flaw {
    /// Why, behind the name of the person.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Declined => "has not approved".into(),
            Self::Unbound => "does not say which content was approved (`input_digest`)".into(),
            Self::Stale => "approved other content than this".into(),
            Self::UnknownFunction => "signs for a function that the policy does not know".into(),
            Self::NotAMember => "is no member of that function in the policy".into(),
            Self::Author(part) => part.words().into(),
            Self::SecondFunction(function) => format!("already signs as `{}`", super::short(function)),
            Self::BadSignature(why) => format!("has a signature that does not hold: {why}"),
            Self::BadDate => "has a date that cannot be read or lies in the future".into(),
            Self::Unsure => "is named in a way that is not sure enough for this gate".into(),
        }
    }
}

/// A sign-off that counts, for one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The function.
    pub function: String,
    /// Who, as it was written.
    pub by: String,
    /// How sure it is.
    pub assurance: Assurance,
    /// Number of the sign-off in the manifest; none for a review of the forge.
    pub statement: Option<usize>,
}

/// What became of the sign-offs of an app.
#[derive(Clone, Debug, Default)]
pub struct Approvals {
    /// Why each sign-off of the manifest does not count, in their order; `None` where it does.
    pub flaws: Vec<Option<Flaw>>,
    /// How sure each sign-off of the manifest is, in their order.
    pub assurances: Vec<Assurance>,
    /// People who may speak for a function, at least for one of several: those of the manifest, then those of the reviews.
    candidates: Vec<(Identity, Vec<String>, Assurance, Option<usize>)>,
}

/// A review of the forge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Who.
    pub by: String,
    /// What it says.
    pub stand: Stand,
    /// The commit that was looked at.
    pub commit: String,
}

/// What a review says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// The change may go on.
    Approves,
    /// It may not.
    Declines,
    /// Nothing any more.
    Dismissed,
}

/// What sign-offs are held against.
#[derive(Clone, Copy)]
pub struct Against<'r> {
    /// The digest of the content at hand; none where it is not known, so that nothing counts.
    pub digest: Option<&'r str>,
    /// The people of the policy.
    pub people: &'r People,
    /// Those who made the change.
    pub authors: &'r AuthorSet,
    /// The sign-offs of the same app in the base commit.
    pub base: &'r [Statement],
    /// The reviews of the forge.
    pub reviews: &'r [Review],
    /// The commits whose review is one of this content: the head, and what a merge made of it.
    pub heads: &'r [String],
    /// The time of the run.
    pub now: Timestamp,
}

/// Holds sign-offs of a manifest and reviews of the forge against the content at hand.
#[must_use]
pub fn judge(statements: &[Statement], against: &Against<'_>) -> Approvals {
    let mut approvals = Approvals::default();
    let reviewed = |who: &Identity| {
        approving(against.reviews, against.heads).any(|review| people::is(against.people, &Identity::parse(&review.by), who))
    };
    let mut spoken: Vec<(Identity, &str)> = Vec::new();
    for (number, statement) in statements.iter().enumerate() {
        let who = Identity::parse(&statement.by);
        let mut flaw = flaw(statement, &who, against);
        let mut assurance = Assurance::SelfAsserted;
        if flaw.is_none() {
            if let Some((_, function)) =
                spoken.iter().find(|(other, of)| *of != statement.function && people::may_be(against.people, other, &who))
            {
                flaw = Some(Flaw::SecondFunction((*function).to_owned()));
            } else {
                spoken.push((who.clone(), &statement.function));
            }
        }
        if flaw.is_none() {
            if against.base.iter().any(|known| known.is_same(statement)) {
                assurance = Assurance::BaseBranch;
            }
            if reviewed(&who) {
                assurance = Assurance::ForgeReview;
            }
            match signed(statement, &who, against) {
                Some(Ok(())) => assurance = Assurance::Signed,
                Some(Err(why)) => flaw = Some(Flaw::BadSignature(why)),
                None => {}
            }
        }
        if flaw.is_none() {
            approvals.candidates.push((who, vec![statement.function.clone()], assurance, Some(number)));
        }
        approvals.flaws.push(flaw);
        approvals.assurances.push(assurance);
    }
    approvals.add_reviews(&Assured { people: against.people, authors: against.authors, reviews: against.reviews, heads: against.heads });
    approvals
}

/// What reviews are held against.
#[derive(Clone, Copy)]
pub struct Assured<'r> {
    /// The people of the policy.
    pub people: &'r People,
    /// Those who made the change.
    pub authors: &'r AuthorSet,
    /// The reviews of the forge.
    pub reviews: &'r [Review],
    /// The commits whose review is one of this content.
    pub heads: &'r [String],
}

/// Holds reviews of the forge alone against the change at hand.
#[must_use]
pub fn of_reviews(against: &Assured<'_>) -> Approvals {
    let mut approvals = Approvals::default();
    approvals.add_reviews(against);
    approvals
}

impl Approvals {
    fn add_reviews(&mut self, against: &Assured<'_>) {
        for review in approving(against.reviews, against.heads) {
            let who = Identity::parse(&review.by);
            let known = self.candidates.iter().any(|(other, ..)| people::may_be(against.people, other, &who));
            let functions: Vec<String> = people::functions_of(against.people, &who).map(str::to_owned).collect();
            if !known && !functions.is_empty() && against.authors.part_of(&who, against.people).is_none() {
                self.candidates.push((who, functions, Assurance::ForgeReview, None));
            }
        }
    }
}

/// The approving reviews of the commit at hand.
fn approving<'r>(reviews: &'r [Review], heads: &'r [String]) -> impl Iterator<Item = &'r Review> {
    reviews
        .iter()
        .filter(move |review| review.stand == Stand::Approves && heads.iter().any(|head| head.eq_ignore_ascii_case(&review.commit)))
}

fn flaw(statement: &Statement, who: &Identity, against: &Against<'_>) -> Option<Flaw> {
    let declines = |review: &Review| review.stand == Stand::Declines && people::is(against.people, &Identity::parse(&review.by), who);
    if !statement.approves || against.reviews.iter().any(declines) {
        return Some(Flaw::Declined);
    }
    if !against.people.has(&statement.function) {
        return Some(Flaw::UnknownFunction);
    }
    if !people::is_member(against.people, who, &statement.function) {
        return Some(Flaw::NotAMember);
    }
    if let Some(part) = against.authors.part_of(who, against.people) {
        return Some(Flaw::Author(part));
    }
    let Some(digest) = &statement.digest else { return Some(Flaw::Unbound) };
    if against.digest != Some(digest.as_str()) {
        return Some(Flaw::Stale);
    }
    let on = statement.on.as_ref().map(|on| Moment::parse(on));
    on.is_some_and(|on| on.is_none_or(|on| on.begin() > against.now)).then_some(Flaw::BadDate)
}

fn signed(statement: &Statement, who: &Identity, against: &Against<'_>) -> Option<Result<(), String>> {
    let signature = match statement.signature.as_ref()? {
        Ok(signature) => signature,
        Err(why) => return Some(Err(why.clone())),
    };
    Some(signature::verify(signature, against.digest?, who, &statement.function, against.people))
}

impl Statement {
    /// Whether both say the same of the same content.
    fn is_same(&self, other: &Self) -> bool {
        (&self.function, &self.by, self.approves, &self.digest) == (&other.function, &other.by, other.approves, &other.digest)
    }
}

/// A function of which nobody's approval counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The function.
    pub function: String,
    /// The sign-off of the manifest that comes nearest: its number, and why it does not count.
    pub nearest: Option<(usize, Flaw)>,
}

impl Approvals {
    /// Who speaks for each of `functions`, and which of them lack somebody whose approval is at least as sure as `assurance`. One human
    /// speaks for one function: where there is a choice, it is made so that as many functions as possible have somebody.
    #[must_use]
    pub fn settle(&self, functions: &[String], assurance: Assurance) -> (Vec<Approval>, Vec<Missing>) {
        let functions: Vec<&String> = functions.iter().collect::<BTreeSet<_>>().into_iter().collect();
        let sure: Vec<_> = self.candidates.iter().filter(|candidate| candidate.2 >= assurance).collect();
        let mut speaker: HashMap<usize, usize> = HashMap::new();
        for wanted in 0..functions.len() {
            let mut asked = vec![false; sure.len()];
            assign(wanted, &functions, &sure, &mut speaker, &mut asked);
        }
        let spoken: BTreeMap<usize, usize> = speaker.into_iter().map(|(person, function)| (function, person)).collect();
        let (mut approvals, mut missing) = (Vec::new(), Vec::new());
        for (number, function) in functions.into_iter().enumerate() {
            match spoken.get(&number).map(|person| sure[*person]) {
                Some((who, _, assurance, statement)) => approvals.push(Approval {
                    function: function.clone(),
                    by: who.shown.clone(),
                    assurance: *assurance,
                    statement: *statement,
                }),
                None => missing.push(Missing { function: function.clone(), nearest: None }),
            }
        }
        (approvals, missing)
    }

    /// The same, with the sign-off of `statements` that comes nearest to each function that is missing.
    #[must_use]
    pub fn settle_with(&self, statements: &[Statement], functions: &[String], assurance: Assurance) -> (Vec<Approval>, Vec<Missing>) {
        let (approvals, mut missing) = self.settle(functions, assurance);
        for gap in &mut missing {
            // The last one: people add below.
            let of_function = statements.iter().enumerate().rev().filter(|(_, statement)| statement.function == gap.function);
            gap.nearest = of_function.map(|(number, _)| (number, self.flaws.get(number).cloned().flatten().unwrap_or(Flaw::Unsure))).next();
        }
        (approvals, missing)
    }
}

type Candidate = (Identity, Vec<String>, Assurance, Option<usize>);

/// Finds somebody for function number `wanted`, where needed by asking who has spoken already to speak for another one. The depth is
/// bounded by the number of functions, of which a policy has a handful; more than [`MAX_FUNCTIONS`] are not shuffled.
fn assign(wanted: usize, functions: &[&String], people: &[&Candidate], speaker: &mut HashMap<usize, usize>, asked: &mut [bool]) -> bool {
    let can: Vec<usize> = (0..people.len()).filter(|person| people[*person].1.contains(functions[wanted])).collect();
    for person in can {
        if std::mem::replace(&mut asked[person], true) {
            continue;
        }
        let free = match speaker.get(&person).copied() {
            None => true,
            Some(other) => functions.len() <= MAX_FUNCTIONS && assign(other, functions, people, speaker, asked),
        };
        if free {
            speaker.insert(person, wanted);
            return true;
        }
    }
    false
}

/// Most functions that a gate is expected to want.
const MAX_FUNCTIONS: usize = 32;

// ---------------------------------------------------------------------------------------------------------------------- reviews

/// A review in the file of reviews: our own short form, or what GitHub's API gives for `GET /repos/{owner}/{repo}/pulls/{n}/reviews`.
#[derive(Deserialize)]
#[serde(untagged)]
enum ReviewFile {
    Short {
        by: String,
        state: String,
        commit: String,
    },
    GitHub {
        user: Option<User>,
        state: String,
        commit_id: Option<String>,
        #[serde(default)]
        submitted_at: Option<String>,
    },
}

#[derive(Deserialize)]
struct User {
    login: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ReviewsFile {
    List(Vec<ReviewFile>),
    Named {
        reviews: Vec<ReviewFile>,
    },
    /// Several pages of the API, put together by `gh api --paginate --slurp`.
    Pages(Vec<Vec<ReviewFile>>),
}

/// Reads a file of reviews: the last word of each person, in the order in which they were first seen.
///
/// # Errors
/// When it is no such file.
pub fn reviews_of(text: &str) -> Result<Vec<Review>, String> {
    let file: ReviewsFile = serde_json::from_str(text).map_err(|_| {
        "no file of reviews: a list of {\"by\", \"state\", \"commit\"}, or what GitHub gives for pulls/NUMBER/reviews".to_owned()
    })?;
    let list = match file {
        ReviewsFile::List(list) | ReviewsFile::Named { reviews: list } => list,
        ReviewsFile::Pages(pages) => pages.into_iter().flatten().collect(),
    };
    let mut words: Vec<(Option<Timestamp>, Review)> = Vec::new();
    for review in list {
        let (by, state, commit, at) = match review {
            ReviewFile::Short { by, state, commit } => (by, state, commit, None),
            ReviewFile::GitHub { user, state, commit_id, submitted_at } => {
                // The account is gone, so nobody speaks.
                let Some(user) = user else { continue };
                (user.login, state, commit_id.unwrap_or_default(), submitted_at)
            }
        };
        let stand = match state.to_ascii_lowercase().replace('-', "_").as_str() {
            "approved" | "approve" => Stand::Approves,
            "changes_requested" => Stand::Declines,
            "dismissed" => Stand::Dismissed,
            // A comment takes nothing back, and a review that is not sent says nothing.
            "commented" | "pending" => continue,
            other => return Err(format!("`{}` is no state of a review", super::short(other))),
        };
        words.push((at.and_then(|at| at.parse().ok()), Review { by, stand, commit }));
    }
    // Of the same time, or without one: the order of the file.
    words.sort_by_key(|(at, _)| *at);
    let mut last: Vec<Review> = Vec::new();
    for (_, review) in words {
        match last.iter_mut().find(|known| known.by.eq_ignore_ascii_case(&review.by)) {
            Some(known) => *known = review,
            None => last.push(review),
        }
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::super::people::tests::people;
    use super::*;

    const DIGEST: &str = "sha256:11";

    fn statement(function: &str, by: &str) -> Statement {
        let (function, by) = (function.to_owned(), by.to_owned());
        Statement { function, by, approves: true, digest: Some(DIGEST.into()), ..Statement::default() }
    }

    fn team() -> People {
        people("functions: { security: { members: [ana, bo] }, it: { members: [ivan, ana] }, business: { members: [biz] } }")
    }

    fn with<'r>(
        people: &'r People,
        authors: &'r AuthorSet,
        reviews: &'r [Review],
        base: &'r [Statement],
        heads: &'r [String],
    ) -> Against<'r> {
        let now = "2026-11-21T12:00:00Z".parse().expect("an instant");
        Against { digest: Some(DIGEST), people, authors, base, reviews, heads, now }
    }

    fn flaws(statements: &[Statement], authors: &AuthorSet) -> Vec<Option<Flaw>> {
        judge(statements, &with(&team(), authors, &[], &[], &[])).flaws
    }

    #[test]
    fn a_sign_off_counts_only_for_this_content_from_a_member_who_made_nothing_of_it() {
        let mut authors = AuthorSet::default();
        authors.add(Part::Author, Identity::of_commit("Ivan", "9+ivan@users.noreply.github.com"));
        let good = statement("security", "bo");
        let cases = [
            (good.clone(), None),
            (Statement { approves: false, ..good.clone() }, Some(Flaw::Declined)),
            (Statement { digest: None, ..good.clone() }, Some(Flaw::Unbound)),
            (Statement { digest: Some("sha256:22".into()), ..good.clone() }, Some(Flaw::Stale)),
            (Statement { on: Some("2026-11-22".into()), ..good.clone() }, Some(Flaw::BadDate)),
            (Statement { on: Some("soon".into()), ..good.clone() }, Some(Flaw::BadDate)),
            (Statement { on: Some("2026-11-20T09:12:00Z".into()), ..good }, None),
            (statement("security", "biz"), Some(Flaw::NotAMember)),
            (statement("legal", "bo"), Some(Flaw::UnknownFunction)),
            (statement("it", "ivan"), Some(Flaw::Author(Part::Author))),
        ];
        for (statement, flaw) in cases {
            assert_eq!(flaws(std::slice::from_ref(&statement), &authors), [flaw], "{statement:?}");
        }
        let unknown = Against { digest: None, ..with(&team(), &authors, &[], &[], &[]) };
        assert_eq!(judge(&[statement("security", "bo")], &unknown).flaws, [Some(Flaw::Stale)], "without a digest nothing counts");
    }

    #[test]
    fn one_human_speaks_for_one_function() {
        let both = [statement("security", "ana"), statement("it", "Ana")];
        assert_eq!(flaws(&both, &AuthorSet::default()), [None, Some(Flaw::SecondFunction("security".into()))]);
        // Ana could do either by her review, Bo only one: both functions have somebody.
        let head = ["c0ffee".to_owned()];
        let review = |by: &str| Review { by: by.into(), stand: Stand::Approves, commit: "C0FFEE".into() };
        let (team, authors, wanted) = (team(), AuthorSet::default(), ["it".to_owned(), "security".to_owned()]);
        for reviews in [[review("ana"), review("bo")], [review("bo"), review("ana")]] {
            let approvals = judge(&[], &with(&team, &authors, &reviews, &[], &head));
            let (given, missing) = approvals.settle(&wanted, Assurance::ForgeReview);
            assert!(missing.is_empty(), "{missing:?}");
            assert_eq!(given.iter().map(|one| (&*one.function, &*one.by)).collect::<Vec<_>>(), [("it", "ana"), ("security", "bo")]);
        }
        let alone = [review("ana")];
        let (given, missing) = judge(&[], &with(&team, &authors, &alone, &[], &head)).settle(&wanted, Assurance::ForgeReview);
        assert_eq!((given.len(), missing.len()), (1, 1));
    }

    #[test]
    fn where_a_sign_off_was_seen_says_how_sure_it_is() {
        let (team, authors, statements) = (team(), AuthorSet::default(), [statement("security", "bo")]);
        let head = ["aa".to_owned()];
        let review = |commit: &str, stand| [Review { by: "bo".into(), stand, commit: commit.into() }];
        let sure = |against: &Against<'_>| judge(&statements, against).assurances[0];
        assert_eq!(sure(&with(&team, &authors, &[], &[], &head)), Assurance::SelfAsserted);
        assert_eq!(sure(&with(&team, &authors, &[], &statements, &head)), Assurance::BaseBranch);
        assert_eq!(sure(&with(&team, &authors, &review("aa", Stand::Approves), &[], &head)), Assurance::ForgeReview);
        assert_eq!(sure(&with(&team, &authors, &review("bb", Stand::Approves), &[], &head)), Assurance::SelfAsserted, "of another commit");
        let declined = judge(&statements, &with(&team, &authors, &review("bb", Stand::Declines), &[], &head));
        assert_eq!(declined.flaws, [Some(Flaw::Declined)], "no line of a manifest outweighs what the person says");
        let unsure = judge(&statements, &with(&team, &authors, &[], &[], &head));
        let (_, missing) = unsure.settle_with(&statements, &["security".to_owned()], Assurance::ForgeReview);
        assert_eq!(missing[0].nearest, Some((0, Flaw::Unsure)));
    }

    #[test]
    fn the_last_word_of_each_person_counts() {
        let github = r#"[
            {"id": 1, "user": {"login": "bo", "id": 7}, "body": "", "state": "APPROVED", "submitted_at": "2026-11-20T10:00:00Z", "commit_id": "aa"},
            {"id": 3, "user": {"login": "Bo"}, "state": "CHANGES_REQUESTED", "submitted_at": "2026-11-20T12:00:00Z", "commit_id": "bb"},
            {"id": 2, "user": {"login": "ana"}, "state": "APPROVED", "submitted_at": "2026-11-20T11:00:00Z", "commit_id": "bb"},
            {"id": 4, "user": {"login": "ana"}, "state": "COMMENTED", "submitted_at": "2026-11-20T13:00:00Z", "commit_id": "bb"},
            {"id": 5, "user": null, "state": "APPROVED", "submitted_at": "2026-11-20T13:00:00Z", "commit_id": "bb"}]"#;
        let said = |text: &str| -> Vec<(String, Stand, String)> {
            reviews_of(text).expect("reviews").into_iter().map(|one| (one.by, one.stand, one.commit)).collect()
        };
        let expected = [("Bo".to_owned(), Stand::Declines, "bb".to_owned()), ("ana".to_owned(), Stand::Approves, "bb".to_owned())];
        assert_eq!(said(github), expected);
        assert_eq!(said(&format!("[{github}]")), expected, "pages");
        let short = r#"{"reviews": [{"by": "ana", "state": "approved", "commit": "bb"}]}"#;
        assert_eq!(said(short), expected[1..]);
        for wrong in ["{}", "[1]", r#"[{"by": "ana", "state": "great", "commit": "b"}]"#, r#"[{"by": "ana", "state": "approved"}]"#, "x"] {
            assert!(reviews_of(wrong).is_err(), "{wrong}");
        }
    }
}
