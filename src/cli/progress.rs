//! How far a long run is, for somebody who waits at a terminal.

use crate::lint::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Once;
use std::time::{Duration, Instant};

/// Runs that are shorter than this show nothing: a line that flashes up tells nobody anything.
const PATIENCE: Duration = Duration::from_millis(500);

/// A line on standard error that goes away when it is dropped.
pub(super) struct Bar {
    line: ProgressBar,
    started: Instant,
    show: Once,
}

impl Bar {
    /// A bar that nothing is seen of yet.
    pub(super) fn new() -> Self {
        let style = ProgressStyle::with_template("checking {wide_bar} {pos} of {len}").expect("the template is valid");
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_style(style.progress_chars("=> "));
        Self { line: bar, started: Instant::now(), show: Once::new() }
    }

    /// Takes note of how far the run is.
    pub(super) fn update(&self, progress: Progress) {
        if self.started.elapsed() < PATIENCE {
            return;
        }
        self.show.call_once(|| {
            self.line.set_length(progress.total as u64);
            self.line.set_draw_target(ProgressDrawTarget::stderr());
        });
        self.line.set_position(progress.done as u64);
    }
}

impl Bar {
    /// Takes the bar away.
    pub(super) fn clear(&self) {
        self.line.finish_and_clear();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.clear();
    }
}
