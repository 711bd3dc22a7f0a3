//! From names to commits.

use super::{Error, FETCH_ALL, Repository};
use gix_hash::ObjectId;
use std::path::Path;

/// Where a short name may stand, in the order in which git looks.
const SPACES: [&str; 4] = ["refs/tags/", "refs/heads/", "refs/remotes/", "refs/"];

/// Most references that one leads through.
const MAX_STEPS: usize = 5;

/// Shortest beginning of an id.
const SHORTEST_ID: usize = 7;

/// The commit that `name` means.
pub(super) fn resolve(repository: &Repository, name: &str) -> Result<ObjectId, Error> {
    let start = name.find(['~', '^', '@', ':']).unwrap_or(name.len());
    let (base, steps) = name.split_at(start);
    // `@` alone is what is checked out.
    let (base, steps) = match (base, steps.strip_prefix('@')) {
        ("", Some(rest)) if !rest.starts_with('{') => ("HEAD", rest),
        _ => (base, steps),
    };
    let mut id = repository.peeled(named(repository, base, name)?, name)?;
    let mut rest = steps;
    while !rest.is_empty() {
        let (parent, count, behind) = step(rest).ok_or_else(|| Error::Unknown {
            name: name.to_owned(),
            help: "write a branch, a tag or the id of a commit, with `~2` or `^1` behind it where an ancestor is meant".into(),
        })?;
        for _ in 0..count {
            id = repository.parent(id, parent, name)?;
        }
        rest = behind;
    }
    Ok(id)
}

/// The first step of `~2^1`: which parent, how often, and what is behind it.
fn step(text: &str) -> Option<(usize, usize, &str)> {
    let (mark, rest) = text.split_at_checked(1)?;
    if let Some(behind) = rest.strip_prefix("{commit}").or_else(|| rest.strip_prefix("{}")).filter(|_| mark == "^") {
        return Some((0, 0, behind));
    }
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number = if digits == 0 { 1 } else { rest[..digits].parse().ok().filter(|number| *number <= 100_000)? };
    match mark {
        "~" => Some((0, number, &rest[digits..])),
        "^" if number == 0 => Some((0, 0, &rest[digits..])),
        "^" => Some((number - 1, 1, &rest[digits..])),
        _ => None,
    }
}

/// The object that a name without steps means: an id before all else, so that no reference can pass for one.
fn named(repository: &Repository, base: &str, name: &str) -> Result<ObjectId, Error> {
    let objects = &repository.0.objects;
    let hex = base.len() >= SHORTEST_ID && base.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex && base.len() == objects.format.len_in_hex() {
        return ObjectId::from_hex(base.to_ascii_lowercase().as_bytes()).map_err(|_| unknown(repository, name, base));
    }
    let mut found: Vec<(String, ObjectId)> = Vec::new();
    let mut add = |full: String| {
        if let Some(id) = read(repository, &full) {
            found.push((full, id));
        }
    };
    if base.starts_with("refs/") || base.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') {
        add(base.to_owned());
    }
    SPACES.iter().for_each(|space| add(format!("{space}{base}")));
    add(format!("refs/remotes/{base}/HEAD"));
    if hex {
        match objects.beginning(base) {
            Some(Ok(id)) => found.push((id.to_string(), id)),
            Some(Err(())) => {
                return Err(Error::Ambiguous { name: name.to_owned(), all: vec![format!("several ids beginning with `{base}`")] });
            }
            None => {}
        }
    }
    let Some((_, first)) = found.first() else { return Err(unknown(repository, name, base)) };
    let first = *first;
    let commits = found.iter().map(|(_, id)| repository.peeled(*id, name)).collect::<Result<Vec<_>, _>>()?;
    if commits.iter().any(|commit| *commit != commits[0]) {
        return Err(Error::Ambiguous { name: name.to_owned(), all: found.into_iter().map(|(full, _)| full).collect() });
    }
    Ok(first)
}

fn unknown(repository: &Repository, name: &str, base: &str) -> Error {
    let remote = format!("origin/{base}");
    let help = if read(repository, &format!("refs/remotes/{remote}")).is_some() {
        format!("the branch was fetched as `{remote}`: write that")
    } else if read(repository, "HEAD").is_none() {
        "the repository has no commit yet: leave --base out".into()
    } else if repository.is_shallow() {
        let branch = base.strip_prefix("origin/").unwrap_or(base);
        format!("this clone is shallow; {FETCH_ALL}; or `git fetch origin {branch}`")
    } else {
        let branch = base.strip_prefix("origin/").unwrap_or(base);
        format!("fetch it first: `git fetch origin {branch}`")
    };
    Error::Unknown { name: name.to_owned(), help }
}

/// The object that the reference with that full name leads to.
pub(super) fn read(repository: &Repository, full: &str) -> Option<ObjectId> {
    let inside = &*repository.0;
    let mut name = full.to_owned();
    for _ in 0..MAX_STEPS {
        if !is_plain(&name) {
            return None;
        }
        let text = [&inside.git, &inside.common].iter().find_map(|folder| loose(folder, &name));
        let text = text.or_else(|| packed(&inside.common, &name))?;
        match text.strip_prefix("ref:") {
            Some(target) => target.trim().clone_into(&mut name),
            // Behind an id, FETCH_HEAD says where it comes from.
            None => return ObjectId::from_hex(text.split_whitespace().next()?.as_bytes()).ok(),
        }
    }
    None
}

fn loose(folder: &Path, name: &str) -> Option<String> {
    let path = folder.join(name);
    if path.metadata().ok()?.len() > 1024 * 1024 {
        return None;
    }
    std::fs::read_to_string(path).ok()
}

fn packed(common: &Path, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(common.join("packed-refs")).ok()?;
    text.lines().filter_map(|line| line.split_once(' ')).find(|(_, known)| *known == name).map(|(id, _)| id.to_owned())
}

/// Whether a name may be a path below the git folder.
fn is_plain(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.to_ascii_lowercase().ends_with(".lock");
    let special = |c: char| c.is_control() || matches!(c, '\\' | ' ' | '~' | '^' | ':' | '?' | '*' | '[');
    !name.contains(special) && !name.contains("..") && name.split('/').all(part) && (name.starts_with("refs/") || !name.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_of_git() {
        assert_eq!(step("~"), Some((0, 1, "")));
        assert_eq!(step("~3^2"), Some((0, 3, "^2")));
        assert_eq!(step("^2~"), Some((1, 1, "~")));
        assert_eq!(step("^0"), Some((0, 0, "")));
        assert_eq!(step("^{commit}~1"), Some((0, 0, "~1")));
        for wrong in ["@{1}", ":path", "^{tree}", "~99999999999999999999"] {
            assert_eq!(step(wrong).filter(|step| !step.2.starts_with('{')), None, "{wrong}");
        }
    }

    #[test]
    fn names_stay_below_the_git_folder() {
        for name in ["HEAD", "refs/heads/main", "refs/remotes/origin/feature/one"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["", "/etc/passwd", "../x", "refs/../../x", "a/b", "refs//x", "refs/x.lock", "refs/a b", "C:\\x", "refs/.x"] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
