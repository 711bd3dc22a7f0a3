//! `--shard`: which part of a run this machine judges, as it was told or as the CI system says.

use super::wrong::Wrong;
use crate::report::shard::Share;

/// The variable that stands in for the flag.
const VARIABLE: &str = "FLOWGATE_SHARD";

/// Where a CI system says which of its machines this is.
struct System {
    name: &'static str,
    index: &'static str,
    /// The number of the first machine.
    first: u32,
    count: &'static str,
    /// What to do where the count is missing.
    cure: &'static str,
}

const SYSTEMS: [System; 5] = [
    System { name: "GitLab", index: "CI_NODE_INDEX", first: 1, count: "CI_NODE_TOTAL", cure: "set `parallel: N` on the job" },
    System { name: "CircleCI", index: "CIRCLE_NODE_INDEX", first: 0, count: "CIRCLE_NODE_TOTAL", cure: "set `parallelism: N` on the job" },
    System {
        name: "Buildkite",
        index: "BUILDKITE_PARALLEL_JOB",
        first: 0,
        count: "BUILDKITE_PARALLEL_JOB_COUNT",
        cure: "set `parallelism: N` on the step",
    },
    System {
        name: "Azure Pipelines",
        index: "SYSTEM_JOBPOSITIONINPHASE",
        first: 1,
        count: "SYSTEM_TOTALJOBSINPHASE",
        cure: "set `strategy: parallel: N` on the job",
    },
    System {
        name: "Kubernetes",
        index: "JOB_COMPLETION_INDEX",
        first: 0,
        count: "FLOWGATE_SHARDS",
        cure: "set the variable FLOWGATE_SHARDS of the container to the `completions` of the job, which Kubernetes does not tell it",
    },
];

/// What was asked for by the flag, else by the variable; none judges everything.
pub(super) fn share(flag: Option<&str>) -> Result<Option<Share>, Wrong> {
    of(flag, &|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

fn of(flag: Option<&str>, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Share>, Wrong> {
    let (place, given) = match flag {
        Some(given) => ("--shard", given.to_owned()),
        None => match variable(VARIABLE) {
            Some(given) => (VARIABLE, given),
            None => return Ok(None),
        },
    };
    if given == "auto" {
        return auto(variable).map(Some);
    }
    given.parse().map(Some).map_err(|reason| {
        let help = "--shard I/N judges part I of N, counted from 1; --shard auto takes both from GitLab, CircleCI and others";
        Wrong::with_help(format_args!("{place}: {reason}"), help)
    })
}

fn auto(variable: &dyn Fn(&str) -> Option<String>) -> Result<Share, Wrong> {
    let Some(system) = SYSTEMS.iter().find(|system| variable(system.index).is_some()) else {
        let names: Vec<&str> = SYSTEMS.iter().map(|system| system.index).collect();
        let help = format!("say which one it is: --shard I/N, or {VARIABLE}=I/N, as the matrix of GitHub has to");
        let message = format!("--shard auto: nothing here says which machine this is; looked for {}", names.join(", "));
        return Err(Wrong::with_help(message, help));
    };
    let System { name, index, first, count, cure } = system;
    let told = |reason: String| Wrong::with_help(format_args!("--shard auto, on {name}: {reason}"), cure);
    let number = |name: &str| {
        let text = variable(name).ok_or_else(|| told(format!("{name} is not set")))?;
        text.trim().parse::<u32>().map_err(|_| told(format!("{name} is `{text}`, which is no number")))
    };
    let (at, count) = (number(index)?, number(count)?);
    let at = at.checked_add(1).and_then(|at| at.checked_sub(*first)).unwrap_or(0);
    Share::new(at, count).map_err(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(flag: Option<&str>, variables: &[(&str, &str)]) -> Result<Option<(u32, u32)>, String> {
        let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let share = of(flag, &variable).map(|share| share.map(|share| (share.index(), share.count())));
        share.map_err(|wrong| match wrong {
            Wrong::Told { message, help } => format!("{message}; {}", help.unwrap_or_default()),
            Wrong::Usage(error) => error.to_string(),
        })
    }

    #[test]
    fn the_flag_goes_before_the_variable() {
        assert_eq!(told(None, &[]), Ok(None));
        assert_eq!(told(None, &[(VARIABLE, "2/3")]), Ok(Some((2, 3))));
        assert_eq!(told(Some("1/7"), &[(VARIABLE, "2/3")]), Ok(Some((1, 7))));
    }

    #[test]
    fn machines_are_counted_as_their_system_counts_them() {
        let auto = |variables: &[(&str, &str)]| told(Some("auto"), variables);
        assert_eq!(auto(&[("CI_NODE_INDEX", "1"), ("CI_NODE_TOTAL", "7")]), Ok(Some((1, 7))));
        assert_eq!(auto(&[("CIRCLE_NODE_INDEX", "0"), ("CIRCLE_NODE_TOTAL", "7")]), Ok(Some((1, 7))));
        assert_eq!(auto(&[("BUILDKITE_PARALLEL_JOB", "6"), ("BUILDKITE_PARALLEL_JOB_COUNT", "7")]), Ok(Some((7, 7))));
        assert_eq!(auto(&[("SYSTEM_JOBPOSITIONINPHASE", "7"), ("SYSTEM_TOTALJOBSINPHASE", "7")]), Ok(Some((7, 7))));
        assert_eq!(auto(&[("JOB_COMPLETION_INDEX", "6"), ("FLOWGATE_SHARDS", "7")]), Ok(Some((7, 7))));
        assert_eq!(told(None, &[(VARIABLE, "auto"), ("JOB_COMPLETION_INDEX", "0"), ("FLOWGATE_SHARDS", "1")]), Ok(Some((1, 1))));
    }

    #[test]
    fn what_is_no_shard_is_told_with_the_cure() {
        for (flag, reason) in [
            ("0/3", "counted from 1"),
            ("4/3", "1/3 to 3/3"),
            ("1/0", "1 to 10000 shards"),
            ("x", "write I/N"),
            ("1/", "write I/N"),
            ("-1/3", "write I/N"),
            ("1/99999999999", "write I/N"),
            ("auto", "JOB_COMPLETION_INDEX"),
        ] {
            let told = told(Some(flag), &[]).expect_err("is no shard");
            assert!(told.contains(reason), "{flag}: {told}");
        }
        let kubernetes = told(Some("auto"), &[("JOB_COMPLETION_INDEX", "3")]).expect_err("has no count");
        assert!(kubernetes.contains("FLOWGATE_SHARDS is not set") && kubernetes.contains("completions"), "{kubernetes}");
        let circle = told(Some("auto"), &[("CIRCLE_NODE_INDEX", "7"), ("CIRCLE_NODE_TOTAL", "7")]).expect_err("is the eighth of seven");
        assert!(circle.contains("CircleCI: of 7 shards there are 1/7 to 7/7"), "{circle}");
    }
}
