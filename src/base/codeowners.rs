//! Who has to agree to a change of which path, as `CODEOWNERS` says it.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Where forges look for the file: GitHub takes the first of the first three, GitLab looks into the last, too.
pub(super) const PATHS: [&str; 4] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// The lines of one file.
#[derive(Default)]
pub(super) struct Owners {
    lines: Vec<Line>,
}

struct Line {
    /// From 1.
    number: u32,
    paths: GlobSet,
    owners: Vec<String>,
}

impl Owners {
    pub(super) fn parse(text: &str) -> Self {
        let line = |(number, line): (u32, &str)| {
            let line = line.split('#').next().unwrap_or_default().trim();
            // A section of GitLab only groups lines.
            let mut words = line.split_whitespace().filter(|_| !line.starts_with('['));
            let paths = globs(words.next()?)?;
            let mut owners: Vec<String> = words.map(str::to_lowercase).collect();
            owners.sort();
            owners.dedup();
            Some(Line { number, paths, owners })
        };
        Self { lines: (1u32..).zip(text.lines()).filter_map(line).collect() }
    }

    /// The owners of a path, and the number of the line that says so: the last one that fits.
    pub(super) fn of(&self, path: &str) -> (&[String], Option<u32>) {
        match self.lines.iter().rev().find(|line| line.paths.is_match(path)) {
            Some(line) => (&line.owners, Some(line.number)),
            None => (&[], None),
        }
    }
}

/// A pattern as ignore files have them, which also means everything below what it fits.
fn globs(pattern: &str) -> Option<GlobSet> {
    let folder = pattern.trim_end_matches('/');
    let anchored = folder.contains('/');
    let path = folder.trim_start_matches('/');
    let path = if anchored { path.to_owned() } else { format!("**/{path}") };
    let mut set = GlobSetBuilder::new();
    let mut add = |pattern: &str| {
        GlobBuilder::new(pattern).literal_separator(true).build().ok().map(|glob| {
            set.add(glob);
        })
    };
    if path.is_empty() {
        add("**")?;
    }
    if !pattern.ends_with('/') {
        add(&path)?;
    }
    add(&format!("{path}/**"))?;
    set.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_fits_decides() {
        let owners = Owners::parse("* @all # everybody\n/.flowgate/ @Sec @ana\n*.yaml @yaml\n[Section]\ndocs/* @docs\n/apps/ \n");
        let of = |path: &str| owners.of(path).0.join(" ");
        assert_eq!(of("README.md"), "@all");
        assert_eq!(of(".flowgate/waivers/one"), "@ana @sec");
        assert_eq!(of(".flowgate/policy.yaml"), "@yaml");
        assert_eq!(of("sub/.flowgate/x"), "@all");
        assert_eq!(of("docs/a.md"), "@docs");
        assert_eq!(of("apps/a/b.json"), "", "a line without owners takes them away");
        assert_eq!(owners.of(".flowgate/policy.yaml").1, Some(3));
    }
}
