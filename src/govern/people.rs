//! Who is who: the people of the policy's functions, those who made a change, and when two names are one human.
//!
//! Two comparisons, on purpose. Whether somebody *is a member* is asked narrowly: only names that the policy writes, or calls the
//! same, count. Whether an approver *made the change* is asked widely: `ana`, `Ana@contoso.example` and
//! `12345+ana@users.noreply.github.com` are one human, because the wrong answer there lets people approve their own work.

pub use crate::policy::people::People;
use std::collections::BTreeSet;

/// Domains of addresses that forges give to people who hide theirs.
const HIDDEN_MAIL: &[&str] = &["users.noreply.github.com", "users.noreply.gitlab.com", "noreply.codeberg.org"];

/// What commits to a forge's own account: a merge on a web page is made by nobody else.
const FORGES: &[&str] = &["noreply@github.com", "web-flow", "noreply@gitlab.com"];

/// Names before the `@` that are no person's.
const ROLES: &[&str] = &["admin", "dev", "git", "info", "it", "mail", "me", "noreply", "no-reply", "office", "root", "support", "user"];

/// How somebody is called: by mail, name or login, as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity {
    /// As people read it.
    pub shown: String,
    /// The exact forms: lower case, the login of a hidden address told.
    exact: BTreeSet<String>,
    /// The part of a mail address before the `@`, where it can be a login.
    local: BTreeSet<String>,
}

impl Identity {
    /// Reads `sec-ana`, `@sec-ana`, `ana@contoso.example` or `Ana Nowak <ana@contoso.example>`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let mut identity = Self { shown: text.to_owned(), ..Self::default() };
        match text.strip_suffix('>').and_then(|text| text.split_once('<')) {
            Some((name, mail)) => {
                identity.add(name);
                identity.add(mail);
            }
            None => identity.add(text),
        }
        identity
    }

    /// Somebody with a name and a mail address, as commits have it.
    #[must_use]
    pub fn of_commit(name: &str, mail: &str) -> Self {
        let mut identity = Self { shown: if name.trim().is_empty() { mail } else { name }.trim().to_owned(), ..Self::default() };
        identity.add(name);
        identity.add(mail);
        identity
    }

    fn add(&mut self, form: &str) {
        let form = form.trim().trim_start_matches('@').to_lowercase();
        if form.is_empty() {
            return;
        }
        if let Some((local, domain)) = form.rsplit_once('@') {
            if HIDDEN_MAIL.contains(&domain) {
                // `12345+login` and `77-login`: the number is the account's.
                let number = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
                let login = local.split_once(['+', '-']).filter(|(id, _)| number(id)).map_or(local, |(_, login)| login);
                self.exact.insert(login.to_owned());
            } else {
                let local = local.split_once('+').map_or(local, |(local, _)| local);
                if !local.is_empty() && !ROLES.contains(&local) {
                    self.local.insert(local.to_owned());
                }
            }
        }
        self.exact.insert(form);
    }

    /// Whether both are called the same.
    fn is(&self, other: &Self) -> bool {
        self.exact.iter().any(|form| other.exact.contains(form))
    }

    /// Whether both may be the same human, when a mail address counts as the login before its `@`.
    fn may_be(&self, other: &Self) -> bool {
        let wide = |one: &Self, other: &Self| one.local.iter().any(|local| other.exact.contains(local) || other.local.contains(local));
        self.is(other) || wide(self, other) || wide(other, self)
    }

    /// Whether this is a forge itself, not a person.
    fn is_forge(&self) -> bool {
        FORGES.iter().any(|forge| self.exact.contains(*forge))
    }
}

/// Whether somebody is a member of a function. Only names that the policy writes count.
#[must_use]
pub fn is_member(people: &People, somebody: &Identity, function: &str) -> bool {
    somebody.exact.iter().any(|name| people.members(function).any(|member| people.same(member, name)))
}

/// The functions that somebody is a member of, in order of their names.
pub fn functions_of<'p>(people: &'p People, somebody: &'p Identity) -> impl Iterator<Item = &'p str> {
    people.functions().filter(|function| is_member(people, somebody, function))
}

/// Whether both are one person, as the policy names people.
#[must_use]
pub fn is(people: &People, one: &Identity, other: &Identity) -> bool {
    one.exact.iter().any(|name| other.exact.iter().any(|known| people.same(name, known)))
}

/// Whether both may be one human: what must be different people has to be different here.
#[must_use]
pub fn may_be(people: &People, one: &Identity, other: &Identity) -> bool {
    let all = |somebody: &Identity| {
        let mut all = somebody.clone();
        for names in people.names() {
            let known: Vec<Identity> = names.iter().map(|name| Identity::parse(name)).collect();
            if known.iter().any(|name| name.may_be(somebody)) {
                for name in known {
                    all.exact.extend(name.exact);
                    all.local.extend(name.local);
                }
            }
        }
        all
    };
    one.may_be(other) || all(one).may_be(&all(other))
}

/// How somebody has taken part in a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Wrote a commit.
    Author,
    /// Put a commit into the repository.
    Committer,
    /// Is named as co-author in the message of a commit.
    CoAuthor,
    /// Is the maker, by manifest.
    Maker,
    /// Made, changed or owns the app, by export.
    Creator,
}

impl Part {
    /// What they did, behind their name.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Author => "wrote a commit of this change",
            Self::Committer => "committed this change",
            Self::CoAuthor => "is a co-author of this change",
            Self::Maker => "is the maker of the app",
            Self::Creator => "made, changed or owns the app, as its export says",
        }
    }
}

/// Those who made a change. None of them may approve it.
#[derive(Clone, Debug, Default)]
pub struct AuthorSet(BTreeSet<(Part, Identity)>);

impl AuthorSet {
    /// Adds somebody; a forge that commits by itself is nobody.
    pub fn add(&mut self, part: Part, somebody: Identity) {
        if !somebody.exact.is_empty() && !somebody.is_forge() {
            self.0.insert((part, somebody));
        }
    }

    /// Adds everybody whom a commit message names as co-author.
    pub fn add_co_authors(&mut self, message: &str) {
        for line in message.lines() {
            let Some((key, value)) = line.trim().split_once(':') else { continue };
            if key.eq_ignore_ascii_case("co-authored-by") {
                self.add(Part::CoAuthor, Identity::parse(value));
            }
        }
    }

    /// The first part that somebody has in the change.
    #[must_use]
    pub fn part_of(&self, somebody: &Identity, people: &People) -> Option<Part> {
        self.0.iter().find(|(_, author)| may_be(people, author, somebody)).map(|(part, _)| *part)
    }

    /// Everybody, in the order of their parts.
    pub fn iter(&self) -> impl Iterator<Item = (Part, &str)> {
        self.0.iter().map(|(part, somebody)| (*part, &*somebody.shown))
    }

    /// Both sets as one.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.0.extend(other.0.iter().cloned());
        self
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// People by function, and by their names: `security: { members: [ana] }`.
    pub(in crate::govern) fn people(functions: &str) -> People {
        let policy = crate::policy::Policy::parse(&crate::source::Source::from_text("policy.yaml", functions));
        policy.expect("a policy").people
    }

    fn maybe(one: &str, other: &str) -> bool {
        may_be(&People::default(), &Identity::parse(one), &Identity::parse(other))
    }

    #[test]
    fn one_human_is_known_by_mail_name_and_login() {
        for (one, other) in [
            ("sec-ana", "Sec-Ana"),
            ("@sec-ana", "12345+sec-ana@users.noreply.github.com"),
            ("sec-ana", "sec-ana@users.noreply.github.com"),
            ("sec-ana", "77-sec-ana@users.noreply.gitlab.com"),
            ("Ana Nowak <ana.nowak@contoso.example>", "ANA.NOWAK@contoso.example"),
            ("Ana Nowak", "ana nowak <x@contoso.example>"),
            ("ana.nowak", "ana.nowak+git@contoso.example"),
            ("ana.nowak@contoso.example", "ana.nowak@fabrikam.example"),
        ] {
            assert!(maybe(one, other) && maybe(other, one), "{one} / {other}");
        }
        for (one, other) in [("ana", "bo"), ("info@contoso.example", "info@fabrikam.example"), ("", ""), ("ana", "anabel@contoso.example")]
        {
            assert!(!maybe(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn membership_takes_only_names_that_the_policy_gives() {
        let member = |people: &People, name: &str| is_member(people, &Identity::parse(name), "security");
        let alone = people("functions: { security: { members: [sec-ana] } }");
        assert!(member(&alone, "Sec-Ana") && member(&alone, "9+sec-ana@users.noreply.github.com"));
        assert!(!member(&alone, "sec-ana@evil.example"), "anyone may have that name at another host");
        let known =
            people("functions: { security: { members: [sec-ana] } }\npeople: { sec-ana: { aliases: [ana@contoso.example, Ana N] } }");
        assert!(member(&known, "Ana <ana@contoso.example>"));
        assert!(may_be(&known, &Identity::of_commit("ana n", "x@fabrikam.example"), &Identity::parse("sec-ana")));
        assert!(!may_be(&known, &Identity::parse("bo"), &Identity::parse("sec-ana")));
    }

    #[test]
    fn everybody_who_took_part_is_an_author_but_a_forge_is_nobody() {
        let mut authors = AuthorSet::default();
        authors.add(Part::Author, Identity::of_commit("Carl", "carl@contoso.example"));
        authors.add(Part::Committer, Identity::of_commit("GitHub", "noreply@github.com"));
        authors.add_co_authors("Add a step\n\nco-authored-by: Dana <5+dana@users.noreply.github.com>\nReviewed-by: Ana <ana@x.example>");
        let people = People::default();
        let part = |name: &str| authors.part_of(&Identity::parse(name), &people);
        assert_eq!((part("carl"), part("dana"), part("ana"), part("GitHub")), (Some(Part::Author), Some(Part::CoAuthor), None, None));
        assert_eq!(authors.iter().count(), 2);
    }
}
