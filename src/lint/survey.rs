//! What exports show of themselves, for those who describe them: their apps, their connectors, how much is at stake.

use super::mask::Mask;
use super::{Error, Input, Options, Unit, discovered, model, with_exports};
use crate::finding::Locator;
use crate::govern::risk::{Exposure, Telling};
use crate::model::{Fact, Kind, Model, Place};
use crate::platform::governance;
use crate::report::Coverage;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// What an export shows.
#[derive(Clone, Debug)]
pub struct Surveyed {
    /// The file, folder or archive.
    pub file: String,
    /// The platform.
    pub platform: &'static str,
    /// Id and name of each app.
    pub apps: Vec<(String, String)>,
    /// The connectors that it uses, as the platform names them.
    pub connectors: BTreeSet<String>,
    /// How much is at stake.
    pub exposure: Exposure,
}

/// Looks through `inputs`: what the exports show, in the order of their names, and how many files could not be read. Control files
/// are none of them.
///
/// # Errors
/// When a path does not exist.
pub fn survey(inputs: &[Input], options: &Options<'_>) -> Result<(Vec<Surveyed>, usize), Error> {
    let (units, coverage) = discovered(inputs, options.exclude)?;
    let looked: Vec<(Vec<Surveyed>, Coverage)> = units.into_par_iter().map(|mut unit| look(&mut unit, options)).collect();
    let unreadable = coverage.unreadable.len() + looked.iter().map(|(_, coverage)| coverage.unreadable.len()).sum::<usize>();
    let mut found: Vec<Surveyed> = looked.into_iter().flat_map(|(found, _)| found).collect();
    found.sort_by(|one, other| (&one.file, one.platform).cmp(&(&other.file, other.platform)));
    Ok((found, unreadable))
}

fn look(unit: &mut Unit, options: &Options<'_>) -> (Vec<Surveyed>, Coverage) {
    let mut found = Vec::new();
    let coverage = with_exports(unit, &mut |files, exports| {
        for (export, own, platform) in exports.into_iter().filter(|(_, _, platform)| platform.name() != governance::NAME) {
            let model = model(platform, &export, options.said());
            let mask = Mask::of(&model, files, &own);
            let locate = |place: Place| {
                let parsed = &files[place.file as usize];
                let pointer = mask.apply(&parsed.tree.node(place.node).pointer()).into_owned();
                Locator::new(parsed.source).masking(mask.spans(place.file)).locate(place.span, pointer)
            };
            let telling = Telling { locate: &locate, mask: &|text| mask.apply(text) };
            found.push(Surveyed {
                file: export.name.to_owned(),
                platform: platform.name(),
                apps: model.apps.iter().map(|app| (mask.apply(&app.id).into_owned(), mask.apply(&app.name).into_owned())).collect(),
                connectors: connectors(&model).into_iter().map(|key| mask.apply(key).into_owned()).collect(),
                exposure: Exposure::of(&model, options.policy, telling),
            });
        }
        Coverage::default()
    });
    (found, coverage)
}

/// The connectors that steps use; what only starts an app is none.
fn connectors<'m>(model: &'m Model<'_>) -> BTreeSet<&'m str> {
    let all = |kind: Kind, fact: Fact| model.elements.iter().filter(move |element| element.kind == kind).filter_map(move |e| e.text(fact));
    let triggers: BTreeSet<&str> = all(Kind::Trigger, Fact::TriggerConnector).collect();
    all(Kind::Connector, Fact::ConnectorKey).filter(|key| !triggers.contains(key)).collect()
}
