//! `flowgate rules vocabulary`: the words that rules can use.

use super::{Streams, Wrong};
use crate::rule::page;

/// Prints all words that rules can use: kinds of elements, their facts, and what facts can be.
#[derive(clap::Args)]
pub(in crate::cli) struct Arguments {}

/// Prints the page.
pub(super) fn run(_: &Arguments, streams: &mut Streams<'_>) -> Result<u8, Wrong> {
    streams.stdout.put(&page::vocabulary())?;
    Ok(0)
}
