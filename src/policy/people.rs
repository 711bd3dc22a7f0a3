//! Who is who: the functions of the organisation, their members, and the names by which one person is known elsewhere.

use super::wrong::Complaints;
use crate::tree::de::{Spanned, nearest};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A function of the organisation: who acts in it, and with which keys they sign.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FunctionFile {
    /// Ids of the people, or teams, that act in it.
    pub members: Vec<Spanned<String>>,
    /// Public SSH keys that its members sign with, each with the id of its member behind it: `ssh-ed25519 AAAA… ana`.
    pub keys: Vec<Spanned<String>>,
}

/// A person.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PersonFile {
    /// Other names of the same person: mail addresses, logins, the name in commits.
    pub aliases: Vec<Spanned<String>>,
}

/// A public key and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Id of the person.
    pub person: String,
    /// Kind and content, as OpenSSH writes them: `ssh-ed25519 AAAA…`.
    pub text: String,
}

/// Who is who.
#[derive(Clone, Debug, Default)]
pub struct People {
    functions: BTreeMap<String, Function>,
    /// The id of everybody who is known, by all names in lower case.
    ids: BTreeMap<String, String>,
    /// Whether the policy names the people, so that others are unknown.
    listed: bool,
}

#[derive(Clone, Debug, Default)]
struct Function {
    members: BTreeSet<String>,
    keys: Vec<Key>,
}

/// The kinds of SSH key whose signatures can be checked.
const KEY_KINDS: [&str; 2] = ["ssh-ed25519", "ecdsa-sha2-nistp256"];

impl People {
    /// From what the policy says below `functions` and `people`.
    pub(super) fn new(
        functions: BTreeMap<String, FunctionFile>,
        people: Option<BTreeMap<String, PersonFile>>,
        complaints: &mut Complaints,
    ) -> Self {
        let mut known = Self { listed: people.is_some(), ..Self::default() };
        for (id, person) in people.unwrap_or_default() {
            known.ids.insert(folded(&id), id.clone());
            for alias in person.aliases {
                match known.ids.insert(folded(&alias.value), id.clone()) {
                    Some(other) if other != id => complaints.add(
                        alias.span,
                        format!("`{}` already stands for `{other}`", alias.value),
                        Some("give each name to one person, or nobody can tell who has approved".to_owned()),
                    ),
                    _ => {}
                }
            }
        }
        for (name, file) in functions {
            let mut function = Function::default();
            for member in file.members {
                let id = known.ids.entry(folded(&member.value)).or_insert(member.value).clone();
                function.members.insert(id);
            }
            for key in file.keys {
                match known.key(&key.value, &name, &function) {
                    Ok(read) => function.keys.push(read),
                    Err((message, help)) => complaints.add(key.span, message, Some(help)),
                }
            }
            known.functions.insert(name, function);
        }
        known
    }

    fn key(&self, text: &str, name: &str, function: &Function) -> Result<Key, (String, String)> {
        let mut parts = text.split_whitespace();
        let (kind, content, person) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let (Some(content), Some(person)) = (content, person) else {
            return Err(("a key is its kind, its content and whose it is".into(), "write `ssh-ed25519 AAAA… ana`".into()));
        };
        if !KEY_KINDS.contains(&kind) {
            return Err((format!("`{kind}` is no kind of key that can be checked"), format!("allowed: {}", KEY_KINDS.join(", "))));
        }
        let person = self.id(person).to_owned();
        if !function.members.contains(&person) {
            let members: Vec<&str> = function.members.iter().map(String::as_str).collect();
            return Err((format!("`{person}` is no member of `{name}`"), format!("its members: {}", members.join(", "))));
        }
        Ok(Key { person, text: format!("{kind} {content}") })
    }

    /// The id of the person that `name` (an id, a mail address, a login) stands for; `name` itself when nobody is known by it.
    #[must_use]
    pub fn id<'n>(&'n self, name: &'n str) -> &'n str {
        self.ids.get(&folded(name)).map_or(name.trim(), String::as_str)
    }

    /// Whether two names are those of one person.
    #[must_use]
    pub fn same(&self, one: &str, other: &str) -> bool {
        folded(self.id(one)) == folded(self.id(other))
    }

    /// Whether the policy knows who that is; none when it names no people.
    #[must_use]
    pub fn knows(&self, name: &str) -> Option<bool> {
        self.listed.then(|| self.ids.contains_key(&folded(name)))
    }

    /// Whether the person acts in the function.
    #[must_use]
    pub fn acts_as(&self, name: &str, function: &str) -> bool {
        self.functions.get(function).is_some_and(|function| function.members.contains(self.id(name)))
    }

    /// Whether the policy says who acts in the function.
    #[must_use]
    pub fn has(&self, function: &str) -> bool {
        self.functions.contains_key(function)
    }

    /// The functions that the person acts in.
    pub fn functions_of<'p>(&'p self, name: &'p str) -> impl Iterator<Item = &'p str> + use<'p> {
        let id = self.id(name);
        self.functions.iter().filter(move |(_, function)| function.members.contains(id)).map(|(name, _)| name.as_str())
    }

    /// The ids of those who act in the function.
    pub fn members(&self, function: &str) -> impl Iterator<Item = &str> {
        self.functions.get(function).into_iter().flat_map(|function| function.members.iter().map(String::as_str))
    }

    /// The keys that members of the function sign with.
    pub fn keys(&self, function: &str) -> impl Iterator<Item = &Key> {
        self.functions.get(function).into_iter().flat_map(|function| &function.keys)
    }

    /// All functions.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// All names of each person: the id first.
    #[must_use]
    pub fn names(&self) -> Vec<Vec<&str>> {
        let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, id) in &self.ids {
            let of = names.entry(id).or_insert_with(|| vec![id]);
            if folded(id) != *name {
                of.push(name);
            }
        }
        names.into_values().collect()
    }

    /// Complains about names of functions that are none, where the policy says which there are.
    pub(super) fn check(&self, functions: &[Spanned<String>], complaints: &mut Complaints) {
        if self.functions.is_empty() {
            return;
        }
        let known: Vec<&str> = self.functions.keys().map(String::as_str).collect();
        for name in functions.iter().filter(|name| !self.has(&name.value)) {
            let meant = nearest(&name.value, &known).map(|meant| format!("did you mean `{meant}`? ")).unwrap_or_default();
            let help = format!("{meant}`functions` has: {}", known.join(", "));
            complaints.add(name.span, format!("`{}` is no function of this policy", name.value), Some(help));
        }
    }
}

/// A name as names are compared: people write them in any case.
fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;
    use crate::tree::{de, yaml};

    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct File {
        functions: BTreeMap<String, FunctionFile>,
        people: Option<BTreeMap<String, PersonFile>>,
    }

    fn people(text: &str) -> Result<People, String> {
        let tree = yaml::parse(text).expect("YAML");
        let file: File = de::from_node(tree.root()).expect("people");
        let mut complaints = Complaints::default();
        let people = People::new(file.functions, file.people, &mut complaints);
        complaints.settle(&Source::from_text("policy.yaml", text)).map(|()| people).map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn one_person_is_known_by_all_names() {
        let people = people(
            "functions: { security: { members: [ana], keys: ['ssh-ed25519 AAAAC3 Ana@Contoso.example'] }, it: { members: [ivan] } }\n\
             people: { ana: { aliases: [ana@contoso.example] } }",
        )
        .expect("right");
        assert!(people.same("ANA", "ana@contoso.example") && !people.same("ana", "ivan"));
        assert!(people.acts_as("ana@contoso.example", "security") && !people.acts_as("ana", "it"));
        assert_eq!((people.knows("ivan"), people.knows("olga")), (Some(true), Some(false)));
        assert_eq!(people.functions_of("ana@contoso.example").collect::<Vec<_>>(), ["security"]);
        assert_eq!(people.keys("security").map(|key| &*key.person).collect::<Vec<_>>(), ["ana"]);
        assert_eq!(People::default().knows("olga"), None);
    }

    #[test]
    fn wrong_keys_and_names_are_told_with_their_place() {
        let wrong = people("functions: { it: { members: [ivan], keys: [x, 'ssh-dss AAAA ivan', 'ssh-ed25519 AAAA olga'] } }\n")
            .expect_err("it is wrong");
        assert!(wrong.contains("1:44: a key is its kind"), "{wrong}");
        assert!(wrong.contains("`ssh-dss` is no kind") && wrong.contains("`olga` is no member of `it`"), "{wrong}");
        let wrong =
            people("people:\n  ana: { aliases: [a@contoso.example] }\n  bo: { aliases: [a@contoso.example] }\n").expect_err("it is wrong");
        assert!(wrong.contains("policy.yaml:3:19: `a@contoso.example` already stands for `ana`"), "{wrong}");
    }
}
